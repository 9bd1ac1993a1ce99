"""From entries to messages: whom, why, by which ways, after what delay, and what is no longer wanted.

Pure: the desk writes these into the outbox in the same transaction as the entries. A send carries the facts its
words are made of, as they were when it was ordered; the address is looked up when it is sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from incident.events import (
    Acknowledged,
    AcknowledgementWarned,
    Closed,
    CommandOffered,
    Declined,
    DrillEnded,
    Entry,
    Merged,
    Notified,
    Paged,
    Resolved,
    UpdateMissed,
)
from incident.levels import Level
from incident.marks import is_practice
from incident.organisation import Organisation, WayKind
from incident.state import Incident

PAGE: Final = "page"
NOTICE: Final = "notice"
NUDGE: Final = "nudge"
OFFER: Final = "offer"
ANSWER: Final = "answer"
INJECT: Final = "inject"
"""What exercise control lets somebody say to a player of a drill: asks for no answer, and is never held."""
QUIET: Final = "quiet"
"""Asks the commander whether they still have it; an answer to it is an answer to the page that would follow."""

TO: Final = "to"
"""The fact of a send that says which address it goes to, by its digest."""
KNOWN_S: Final = "known_s"
"""The fact of a send that is brought forward for want of a receipt: when it is due, in seconds after the page was
ordered, once a way before it is known to have been delivered."""
BROKEN: Final = "broken"
"""The fact of a send that goes by a broken way: should it arrive, the way is mended."""

SILENCING: Final = (Acknowledged, Resolved, Closed, Merged, DrillEnded)
"""After any of these nobody whose page is still open is wanted any more."""
_ANEW: Final = ("alarm.regraded", "alarm.reopened")


@dataclass(frozen=True, slots=True)
class Send:
    """One message to one person by one way. `page` is 0 for what asks for no answer. `urgency` 3 is Critical.

    `first` marks the first page of a Critical to this person: it jumps every queue and is never held.
    """

    incident: str
    page: int
    person: str
    way: str
    purpose: str
    not_before: datetime
    expires_at: datetime
    urgency: int
    first: bool
    drill: str | None
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Cancel:
    """Whatever still waits to go out as a page for this incident is no longer wanted; with `person`, only theirs."""

    incident: str
    person: str | None = None


Order = Send | Cancel


def orders(entries: Iterable[Entry], state: Incident, organisation: Organisation) -> Iterator[Order]:
    """The orders that follow from new entries; `state` is the state after them. A practice orders nothing: whoever is
    paged in it reads it on the site, and everybody else in it is played."""
    if is_practice(state.report.drill):
        return
    entries = tuple(entries)
    if not state.alarm.ringing and any(isinstance(entry.event, SILENCING) for entry in entries):
        yield Cancel(state.id)
    for entry in entries:
        match entry.event:
            case Paged() as paged:
                for summoned in paged.people:
                    yield from _page(entry, paged, summoned.person, state, organisation)
            case Notified() as told:
                about = {"about": told.about.key, **dict(told.about.params)}
                for summoned in told.people:
                    yield from _tell(
                        entry, NOTICE, summoned.person, facts=about, state=state, organisation=organisation
                    )
            case Declined() as declined:
                yield Cancel(state.id, declined.person)
            case UpdateMissed() if state.commander:
                yield from _tell(entry, NUDGE, state.commander, facts={}, state=state, organisation=organisation)
            case AcknowledgementWarned() as warned:
                minutes = (entry.at - warned.heard_at) // timedelta(minutes=1)
                asked = _tell(
                    entry, QUIET, warned.person, facts={"minutes": minutes}, state=state, organisation=organisation
                )
                yield from (replace(send, expires_at=warned.expires_at) for send in asked)
            case CommandOffered() as offer:
                giver = organisation.person(state.commander) if state.commander else None
                facts = {"briefing": offer.briefing or "", "by_name": giver.name if giver else ""}
                yield from _tell(entry, OFFER, offer.to, facts=facts, state=state, organisation=organisation)
            case _:
                continue


def _life(state: Incident) -> timedelta:
    """How long a message is worth sending: the level's response target. An older one is a false alarm."""
    response = state.clocks.get("response")
    return response.due - state.opened_at if response else timedelta(hours=24)


def subject(state: Incident) -> dict[str, object]:
    """What every message says of its incident."""
    report = state.report
    return {"code": report.code, "title": report.title, "level": str(state.level), "place": report.place}


def pageable(organisation: Organisation, person: str) -> bool:
    """Whether a page can reach this person at all. Who has no way left is passed over, aloud."""
    return bool(organisation.reach(person, Level.CRITICAL).steps)


def _page(entry: Entry, paged: Paged, name: str, state: Incident, organisation: Organisation) -> Iterator[Send]:
    found = organisation.reach(name, state.level)
    calls = any(step.way.kind is WayKind.VOICE for step in found.steps)
    facts = {**subject(state), "rung": paged.rung + 1, "round": paged.round, "why": paged.reason.key, "calls": calls}
    first = state.level is Level.CRITICAL and _is_first(paged, name, state)
    life, waits = _life(state), any(step.known_s != step.after_s for step in found.steps)
    for step in found.steps:
        at = entry.at + timedelta(seconds=step.after_s)
        more: dict[str, object] = {TO: step.way.digest}
        if waits:
            more[KNOWN_S] = step.known_s
        if step.broken:
            more[BROKEN] = True
        yield Send(
            incident=state.id,
            page=paged.page,
            person=name,
            way=step.way.kind,
            purpose=PAGE,
            not_before=at,
            expires_at=at + life,
            urgency=state.level.rank,
            first=first,
            drill=state.report.drill,
            facts={**facts, **more},
        )


def _is_first(paged: Paged, person: str, state: Incident) -> bool:
    """The first page to this person about it, or since it was graded anew or reopened: not the ladder's next round."""
    before = any(p.person == person and p.page < paged.page for p in state.alarm.paged)
    return not before or paged.reason.key in _ANEW


def _tell(
    entry: Entry, purpose: str, name: str, *, facts: Mapping[str, object], state: Incident, organisation: Organisation
) -> Iterator[Send]:
    way = organisation.reach(name, state.level).by_text
    if way is None:
        return
    yield Send(
        incident=state.id,
        page=0,
        person=name,
        way=way.kind,
        purpose=purpose,
        not_before=entry.at,
        expires_at=entry.at + _life(state),
        urgency=min(state.level.rank, 2),
        first=False,
        drill=state.report.drill,
        facts={**subject(state), **facts, TO: way.digest},
    )
