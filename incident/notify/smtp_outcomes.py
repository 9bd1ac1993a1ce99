"""What a mail server's refusal means: RFC 5321 for the codes, RFC 3463 for the three figures that may follow.

4xx is "not now": greylisting, a full queue, too many connections. 5xx is "never", and what is never so depends on where
it was said: to our password, to our sender, to the person's mailbox or to the words.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

from incident.errors import why
from incident.notify.retries import BUSY, NO_ANSWER, Action, Blame, Outcome


class Stage(StrEnum):
    """How far the talk had come."""

    GREETING = "greeting"
    TLS = "tls"
    LOGIN = "login"
    SENDER = "sender"
    RECIPIENT = "recipient"
    WORDS = "words"


_LOGIN: Final = Outcome(Action.NEXT_WAY, Blame.ACCOUNT, why("page.failed.credentials"), alarm=True)
NO_TLS: Final = Outcome(Action.NEXT_WAY, Blame.ACCOUNT, why("page.failed.no_tls"), alarm=True)
"""The server offers no TLS, or shows a certificate that nobody vouches for: neither password nor words go there."""
_SENDER: Final = Outcome(Action.NEXT_WAY, Blame.ACCOUNT, why("page.failed.mail_sender"), alarm=True)
_FULL: Final = Outcome(Action.NEXT_WAY, Blame.CONTACT, why("page.failed.mailbox_full"))
NO_MAILBOX: Final = Outcome(Action.BROKEN, Blame.CONTACT, why("page.failed.no_mailbox"))
_NO_RELAY: Final = Outcome(Action.NEXT_WAY, Blame.ACCOUNT, why("page.failed.no_relay"), alarm=True)
_WORDS: Final = Outcome(Action.BROKEN, Blame.CONTENT, why("page.failed.mail_words"))
_CLOSED: Final = Outcome(Action.AGAIN, Blame.PROVIDER, why("page.failed.refused"))

_FIGURES: Final = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")


def smtp_outcome(stage: Stage, code: int, text: str = "") -> Outcome:
    """`code` is the server's three digits; -1, as smtplib has it, for an answer that was none."""
    if not 400 <= code < 600:
        return NO_ANSWER
    if code < 500:
        return BUSY
    found = _FIGURES.search(text[:200])
    figures = found.group(1) if found else ""
    match stage:
        case Stage.GREETING:
            return _CLOSED
        case Stage.TLS:
            return NO_TLS
        case Stage.LOGIN:
            return _LOGIN
        case Stage.SENDER:
            return _LOGIN if code == 530 else _SENDER
        case Stage.RECIPIENT:
            if code == 552 or figures == "5.2.2":
                return _FULL
            return _NO_RELAY if figures.startswith("5.7.") or code in (530, 554) else NO_MAILBOX
        case Stage.WORDS:
            return _FULL if figures == "5.2.2" else _WORDS
