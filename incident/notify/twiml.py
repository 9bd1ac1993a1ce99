"""The call that reads a page, and answers to calls and texts, in Twilio's markup.

Key 1 takes the incident, key 2 passes it on. The message is read twice; without a key the call ends and counts as
nothing: it may have been a mailbox.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from twilio.twiml.messaging_response import MessagingResponse
from twilio.twiml.voice_response import Gather, VoiceResponse

from incident.words import words_for

SPEECH: Final[Mapping[str, str]] = {"en": "en-US", "zh_Hans": "zh-CN", "zh_Hant": "zh-TW"}

TAKE_KEY: Final = "1"
DECLINE_KEY: Final = "2"

_READINGS: Final = 2
_KEY_WAIT_S: Final = 6
"""Seconds after each reading. With both readings a call lasts about 40 s: longer, and mailboxes record it all."""


def page_call(spoken: str, locale: str, action: str | None) -> str:
    """The call of a page: read, ask for a key, once more, good-bye. `action` is where the key press goes (POST);
    without it nothing is asked, and the words are only read."""
    language = SPEECH[locale]
    words = words_for(locale)
    response = VoiceResponse()
    for _ in range(_READINGS):
        if action is None:
            response.say(spoken, language=language)
            response.pause(length=1)
            continue
        gather = Gather(input="dtmf", num_digits=1, action=action, method="POST", timeout=_KEY_WAIT_S)
        gather.say(f"{spoken} {words.t('page.voice.keys')}", language=language)
        response.append(gather)
    if action is not None:
        response.say(words.t("page.voice.no_key"), language=language)
    response.hangup()
    return str(response)


def ask_again(locale: str, action: str) -> str:
    """After a key that means nothing: the keys, once more."""
    words = words_for(locale)
    response = VoiceResponse()
    gather = Gather(input="dtmf", num_digits=1, action=action, method="POST", timeout=_KEY_WAIT_S)
    gather.say(words.t("page.voice.keys"), language=SPEECH[locale])
    response.append(gather)
    response.hangup()
    return str(response)


def speak(text: str, locale: str) -> str:
    """Say it and hang up: what the key press brought, after the commit."""
    response = VoiceResponse()
    response.say(text, language=SPEECH[locale])
    response.hangup()
    return str(response)


def text_back(text: str | None) -> str:
    """The answer to an incoming text; None answers nothing, which still has to be said."""
    response = MessagingResponse()
    if text:
        response.message(text)
    return str(response)
