"""What a page says: by SMS in one part, by voice, by mail.

A text says only what works where it is read: no "reply 1" where replies go nowhere, no link where carriers drop
links, no call where none follows. What it has room for goes in this order: level, code and how to answer always,
the title (shortened if need be), the link, the place.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Final

from incident.levels import Level
from incident.notify.capabilities import Capabilities
from incident.notify.sms_parts import Encoding, count, encoding_of, first_clusters, fit, plain, tidy
from incident.posts import Post
from incident.words import Words, words_for


@dataclass(frozen=True, slots=True)
class PageFacts:
    """What a message is made of, as it was when it was ordered.

    `rung` counts from 1. `others_open` is how many further pages wait for this person's answer: above 0 the reply
    needs the code. `call_follows` is true when a call to this person follows by itself. `post` is the post that the
    person is asked to fill. `answer_code` is what this person types at the site where no link gets through. `test` is
    a test page: nothing has happened.
    """

    code: str
    level: Level
    title: str
    place: str | None = None
    link: str | None = None
    drill: bool = False
    test: bool = False
    rung: int = 1
    others_open: int = 0
    call_follows: bool = False
    post: Post | None = None
    answer_code: str | None = None


@dataclass(frozen=True, slots=True)
class Mail:
    """Plain text."""

    subject: str
    body: str


_TITLE: Final = "\x00"
"""Stands in a sentence where the title will go, so that the catalog decides what comes before and after it."""

_ADDRESS: Final = re.compile(r"(?i)\b(?:https?://|www\.)[!-~]+")
_WORTH_READING: Final = {Encoding.GSM7: 24, Encoding.UCS2: 12}
"""So many characters of a title must stay before the link or the place may go in."""


def page_sms(facts: PageFacts, locale: str, capabilities: Capabilities) -> str:
    """The page itself, asking for an answer."""
    words = words_for(locale)
    return one_part(words, facts, capabilities, answers(words, facts, capabilities))


def answers(words: Words, facts: PageFacts, capabilities: Capabilities) -> list[str]:
    """How to answer, the fullest first, for this provider, country and moment."""
    link = facts.link if capabilities.url_ok else None
    if capabilities.two_way:
        reply = words.t("page.answer.code" if facts.others_open else "page.answer", code=facts.code)
        return [words.t("page.with_link", text=reply, link=link), reply] if link else [reply]
    call = capabilities.voice_keys and facts.call_follows
    typed = facts.answer_code or facts.code
    site = words.t("page.answer.call_or_site" if call else "page.answer.site", code=typed)
    last = words.t("page.answer.call") if call else site
    if link:
        return [words.t("page.answer.call_or_link" if call else "page.answer.link", link=link), site, last]
    return [site, last]


def one_part(
    words: Words, facts: PageFacts, capabilities: Capabilities, tails: Sequence[str], lead: str | None = None
) -> str:
    """Level, code, title, place and the first of `tails` that leaves a title worth reading; `lead` stands before."""
    facts = _readable(words, facts, capabilities)
    start = first_clusters(facts.title, _WORTH_READING[encoding_of(facts.title)])
    before, after = "", ""
    for tail, place in product(tails, [facts.place, None] if facts.place else [None]):
        before, after = _around_title(words, facts, place, tail, lead)
        if count(before + start + after).parts == 1:
            return fit(before, facts.title, after)
    parts = count(before + after).parts
    shown = fit(before, facts.title, after, parts)
    return fit(before, words.t("page.untitled"), after, parts) if shown == before + after else shown


def _readable(words: Words, facts: PageFacts, capabilities: Capabilities) -> PageFacts:
    """The same with title and place on one line each, without links that get a text thrown away."""
    title, place = (_clean(words, text, capabilities) for text in (subject_title(words, facts), facts.place or ""))
    return replace(facts, title=title.rstrip(".。 ") or words.t("page.untitled"), place=place or None)


def _clean(words: Words, text: str, capabilities: Capabilities) -> str:
    shown = tidy(text if capabilities.url_ok else _ADDRESS.sub("", text))
    return plain(shown) if words.locale == "en" else shown


def subject_title(words: Words, facts: PageFacts) -> str:
    return words.t("page.test.title") if facts.test else facts.title


def _around_title(words: Words, facts: PageFacts, place: str | None, tail: str, lead: str | None) -> tuple[str, str]:
    subject = words.t("page.subject", title=_TITLE, place=place) if place else _TITLE
    line = words.t("page.line", frame=frame(words, facts), code=facts.code, subject=subject, tail=tail)
    line = words.t("page.led", lead=lead, line=line) if lead else line
    before, _, after = marked(words, facts, line).partition(_TITLE)
    return before, after


def frame(words: Words, facts: PageFacts) -> str:
    """The level as a page shows it: `[CRITICAL]`, `【紧急】`; a test page says that instead."""
    what = words.t("page.mark.test") if facts.test else words.t(f"level.{facts.level}")
    return words.t("page.frame", what=what.upper())


def marked(words: Words, facts: PageFacts, line: str) -> str:
    """The drill's mark before everything else. No message of a drill leaves without it."""
    return words.t("page.drill", line=line) if facts.drill else line


def page_voice(facts: PageFacts, locale: str) -> str:
    """What the call says before it asks for a key. The code is spelled, so that a machine reads it out."""
    words = words_for(locale)
    title = tidy(_ADDRESS.sub("", subject_title(words, facts))).rstrip(".。 ") or words.t("page.untitled")
    place = tidy(facts.place or "")
    sentences = [
        words.t("page.voice.drill") if facts.drill else "",
        words.t("page.voice.what", what=words.t(f"level.{facts.level}"), code=" ".join(facts.code)),
        words.t("page.voice.title", title=words.t("page.subject.spoken", title=title, place=place) if place else title),
        words.t("page.voice.rung", rung=facts.rung) if facts.rung > 1 else "",
        words.t("page.voice.post", post=facts.post) if facts.post else "",
    ]
    if facts.test:
        sentences[1] = words.t("page.voice.test")
    return " ".join(sentence for sentence in sentences if sentence)


def page_mail(facts: PageFacts, locale: str) -> Mail:
    """The page as a mail. Only the button on the page behind the link answers: mail scanners follow links."""
    words = words_for(locale)
    title, place = tidy(subject_title(words, facts)), tidy(facts.place or "")
    whole = words.t("page.subject", title=title, place=place) if place else title
    subject = words.t("page.mail.subject", frame=frame(words, facts), code=facts.code, subject=whole)
    told = [
        whole,
        words.t("page.mail.level", what=words.t(f"level.{facts.level}"), code=facts.code),
        words.t("page.voice.rung", rung=facts.rung) if facts.rung > 1 else "",
        words.t("page.voice.post", post=facts.post) if facts.post else "",
    ]
    to_do = [
        words.t("page.mail.open", link=facts.link) if facts.link else words.t("page.mail.site", code=facts.code),
        words.t("page.mail.drill") if facts.drill else "",
    ]
    body = "\n\n".join("\n".join(line for line in block if line) for block in (told, to_do))
    return Mail(marked(words, facts, subject), marked(words, facts, body) + "\n")
