"""From a send in the outbox to the words that go out: whom it is for, in which language, by which provider."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Final, assert_never

from incident.errors import Reason
from incident.ids import answer_code
from incident.levels import Level
from incident.marks import is_drill, is_test
from incident.notify import answers, briefing_news, messages, way_words
from incident.notify.capabilities import Capabilities, capabilities
from incident.notify.channels import Channel, Outgoing
from incident.notify.confirming import CODE, code_of
from incident.notify.handover import HANDOVER, words_of
from incident.notify.messages import PageFacts
from incident.notify.sms_parts import tidy
from incident.notify.templates import Templates
from incident.notify.way_news import of_send
from incident.orders import BROKEN, INJECT, KNOWN_S, NOTICE, NUDGE, OFFER, PAGE, QUIET, TO
from incident.organisation import Person
from incident.organisation.people import WayKind
from incident.store import outbox
from incident.words import words_for

_FIGURE: Final = re.compile(r"\d")
_OWN: Final = frozenset(
    {"code", "title", "level", "place", "rung", "round", "why", "token", "calls", "about", TO, KNOWN_S, BROKEN}
)


def facts_of(send: outbox.Outgoing, public_url: str, *, others_open: int = 0) -> PageFacts:
    """The facts that the send carries. A drill's mark comes from the row itself, not from what was written into it."""
    told = send.facts
    token = told.get("token")
    return PageFacts(
        code=str(told["code"]),
        level=Level(told["level"]),
        title=str(told["title"]),
        place=told.get("place"),
        link=f"{public_url}/a/{token}" if token else None,
        answer_code=answer_code(str(token)) if token else None,
        drill=is_drill(send.drill),
        test=is_test(send.drill),
        rung=int(told.get("rung", 1)),
        others_open=others_open,
        call_follows=bool(told.get("calls")),
    )


def address(person: Person | None, way: WayKind, digest: object = None) -> str | None:
    """Where the way leads today; None when the person or the way is gone from the directory.

    `digest` names one of several ways of a kind. Has its address been changed since, the first of the kind stands in.
    """
    ways = [w for w in person.ways if w.kind == way] if person else []
    return next((w.address for w in ways if w.digest == digest), ways[0].address if ways else None)


def compose(
    send: outbox.Outgoing,
    person: Person,
    to: str,
    *,
    by: Channel,
    public_url: str,
    others_open: int,
    now: datetime,
    secret: str,
    carried: int = 1,
) -> Outgoing:
    """The message, ready to go, valid for as long as it is worth delivering. It speaks of `carried` incidents."""
    way = WayKind(send.way)
    able = capabilities(by.provider, to)
    about, code = send.purpose in (*way_words.PURPOSES, HANDOVER, briefing_news.BRIEFING), ""
    if send.purpose == HANDOVER:
        subject, body = words_of(send.facts, way, person.locale, able, site=public_url)
    elif send.purpose == briefing_news.BRIEFING:
        subject, body = briefing_news.words_of(send.facts, way, person.locale, able, site=public_url)
    elif about:
        nonce, whose = send.facts.get("nonce"), of_send(send)
        code = code_of(secret, whose, str(nonce)) if nonce and whose else ""
        subject, body = way_words.about_way(
            send.purpose, send.facts, way, person.locale, able, site=public_url, code=code
        )
    else:
        facts = facts_of(send, public_url, others_open=others_open)
        words = _words if carried == 1 else partial(_bundle, carried=carried)
        subject, body = words(send, way, facts, person.locale, able)
    whole = Outgoing(
        str(send.id),
        way,
        to,
        body,
        person.locale,
        send.expires_at - now,
        send.incident or None,
        subject,
        asks=not about and send.purpose != INJECT,
    )
    templates: Templates | None = getattr(by, "templates", None)  # only who needs approved words has them
    return _approved(whole, send, templates, code, carried) if templates else whole


def _approved(whole: Outgoing, send: outbox.Outgoing, templates: Templates, code: str, carried: int) -> Outgoing:
    """The same in words that somebody has approved. `code` is the one that confirms a way, where that is asked. A
    bundle has in the title's place how many there are, and a drill its mark. Raises ValueError for words without a
    place for the mark: a drill's message does not leave unmarked."""
    words = words_for(whole.locale)
    told = {name: tidy(str(send.facts.get(name) or "")) for name in ("code", "title", "place")}
    if carried > 1:
        told["title"] = f"{answers.bundled(send.purpose, carried, whole.locale)} {told['title']}"
    if send.purpose == INJECT:
        told["title"] = f"{send.facts['sender']}: {tidy(str(send.facts['text']))}"
    if is_drill(send.drill):
        told["title"] = words.t("page.drill", line=told["title"])
    level = send.facts.get("level")
    token = str(send.facts.get("token") or "")
    told |= {
        "level": words.t(f"level.{level}") if level else "",
        "answer": code or (answer_code(token) if token else ""),
    }
    values = {**told, "text": tidy(whole.body)}
    filled = templates.filled(send.purpose, values)
    if is_drill(send.drill) and not {"title", "text"} & filled.params.keys():
        raise ValueError(f"the approved words for {send.purpose} have no place for a drill's mark")
    return replace(whole, body=filled.body, template=filled.code, params=filled.params)


def _words(
    send: outbox.Outgoing, way: WayKind, facts: PageFacts, locale: str, able: Capabilities
) -> tuple[str | None, str]:
    """Subject, where there is one, and body."""
    match way:
        case WayKind.VOICE:
            return None, _spoken(send, facts, locale)
        case WayKind.SMS:
            return None, _text(send, facts, locale, able)
        case WayKind.MAIL | WayKind.CHAT:
            mail = messages.page_mail(facts, locale)
            return mail.subject, mail.body if send.purpose == PAGE else _with_link(
                _text(send, facts, locale, able), facts
            )
        case _:
            assert_never(way)


def _spoken(send: outbox.Outgoing, facts: PageFacts, locale: str) -> str:
    if send.purpose == INJECT:
        return answers.injected_voice(facts, str(send.facts["sender"]), str(send.facts["text"]), locale)
    return messages.page_voice(facts, locale)


def _with_link(text: str, facts: PageFacts) -> str:
    """A sentence that was made to fit one text may have had to do without."""
    return text if not facts.link or facts.link in text else f"{text}\n\n{facts.link}"


def _text(send: outbox.Outgoing, facts: PageFacts, locale: str, able: Capabilities) -> str:
    match send.purpose:
        case "page":
            return messages.page_sms(facts, locale, able)
        case "notice":
            return answers.notice_sms(facts, locale, able, _about(send))
        case "nudge":
            return answers.update_due(facts, 0, locale, able)
        case "quiet":
            return answers.still_yours(facts, int(send.facts.get("minutes", 0)), locale, able)
        case "inject":
            return answers.injected(facts, str(send.facts["sender"]), str(send.facts["text"]), locale)
        case "offer":
            return answers.offered(facts, str(send.facts.get("by_name", "")), locale, able)
        case _:
            known = ", ".join((PAGE, NOTICE, NUDGE, QUIET, INJECT, OFFER))
            raise ValueError(f"no words for the purpose {send.purpose}: one of {known}")


def _bundle(
    send: outbox.Outgoing, way: WayKind, facts: PageFacts, locale: str, able: Capabilities, *, carried: int
) -> tuple[str | None, str]:
    """The same of a message that carries others: how many there are, and the worst."""
    if way is WayKind.SMS:
        return None, answers.bundle(facts, carried, locale, able, send.purpose)
    lead, (subject, body) = answers.bundled(send.purpose, carried, locale), _words(send, way, facts, locale, able)
    return (subject, f"{lead}\n\n{body}") if subject else (None, f"{lead} {body}")


def _about(send: outbox.Outgoing) -> Reason | None:
    key = send.facts.get("about")
    if not key:
        return None
    params = sorted((k, str(v)) for k, v in send.facts.items() if k not in _OWN)
    return Reason(str(key), tuple(params))


def masked(body: str, send: outbox.Outgoing) -> str:
    """The words as the log of talk keeps them: who reads them later must not be able to answer for this person, nor
    to confirm a way as theirs."""
    if send.purpose == CODE:
        return _FIGURE.sub("•", body)
    token = send.facts.get("token")
    return body.replace(str(token), "•••").replace(answer_code(str(token)), "•••") if token else body
