"""How people were told, in five measures: timeliness, accuracy, clarity, participation, feedback (S50). Pure.

What can be counted is counted from the log and the outbox; accuracy, clarity and feedback are a reviewer's word. What
was not observed is no zero: it has no figure, and says so. How each figure comes about: docs/decisions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from incident.decide.judging import JUDGED
from incident.events import (
    KINDS,
    Acknowledged,
    ClockBreached,
    CommunicationJudged,
    Declined,
    DrillPaused,
    DrillResumed,
    Entry,
    Escalated,
    Graded,
    Notified,
    Paged,
    PageDelivered,
    PageFailed,
    PlaybookStarted,
    Regraded,
    Reported,
)
from incident.hearing import actor
from incident.orders import SILENCING
from incident.record.measures import Spread, spread
from incident.record.shapes import Instant

MEASURES: Final = ("timeliness", "accuracy", "clarity", "participation", "feedback")

UNASKED: Final = frozenset(
    KINDS[kind]
    for kind in (Reported, Graded, Regraded, PlaybookStarted, PageDelivered, PageFailed, ClockBreached, Escalated)
) | {KINDS[Notified]}
"""Kinds that tell nothing here, and are most of a log's length: who reads many incidents leaves them out."""


class Outcome(StrEnum):
    """What became of a page to a person. `stood_down`: somebody else answered, or it was over, before its limit."""

    IN_TIME = "in_time"
    LATE = "late"
    DECLINED = "declined"
    UNANSWERED = "unanswered"
    STOOD_DOWN = "stood_down"
    OPEN = "open"


ASKED: Final = (Outcome.IN_TIME, Outcome.LATE, Outcome.DECLINED, Outcome.UNANSWERED)
"""Whoever was paged so was to answer; of the others nobody knows yet, or they were not needed."""


@dataclass(frozen=True, slots=True)
class Call:
    """One page to one person, with the positions in the log of the page and of the answer to it."""

    page: int
    person: str
    outcome: Outcome
    position: int
    seq: int
    answer: int | None = None
    answer_seq: int | None = None


class Wait(NamedTuple):
    """From the first page of somebody that was open to their acknowledgement, pauses of a drill left out."""

    seconds: float
    via: str


class Message(NamedTuple):
    """A message of the outbox, as far as it counts here; `position` is that of the entry that ordered it."""

    way: str
    state: str
    position: int


class Heard(NamedTuple):
    """Somebody texted or pressed something, whatever it was."""

    person: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Judgement:
    """A reviewer's word. The last one counts."""

    person: str
    at: Instant
    position: int
    seq: int
    figures: Mapping[str, int | None]
    reasons: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Facts:
    """What one incident shows. `people` says of everybody who was paged whether they answered in any way."""

    calls: tuple[Call, ...] = ()
    waits: tuple[Wait, ...] = ()
    people: Mapping[str, bool] | None = None
    messages: tuple[Message, ...] = ()
    judgements: tuple[Judgement, ...] = ()


@dataclass(frozen=True, slots=True)
class Share:
    """`n` of `of`, in percent; None of nothing."""

    n: int
    of: int
    percent: float | None


@dataclass(frozen=True, slots=True)
class Scored:
    """The median of `n` judgements from 1 to 5; None where nobody judged it."""

    n: int
    median: int | None


@dataclass(frozen=True, slots=True)
class Bar:
    """One of the five as it is drawn, from 0 to 100; `percent` None: not observed. `n` is of how many."""

    measure: str
    percent: float | None
    n: int


@dataclass(frozen=True, slots=True)
class Assessment:
    """`answered` runs from page to acknowledgement, `waiting` in it counts the calls that nobody answered. `calls`
    counts every page to a person by what became of it; `acknowledged` leaves out those that others answered before
    their limit. `delivered` leaves out what has no receipt (`without_receipt`), is under way, or was taken back."""

    incidents: int
    answered: Spread
    acknowledged: Share
    participation: Share
    delivered: Share
    without_receipt: int
    calls: Mapping[Outcome, int]
    accuracy: Scored
    clarity: Scored
    feedback: Scored
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class ByWay:
    """The messages by one way. Ways that give no receipts have no share."""

    way: str
    delivered: Share
    without_receipt: int


@dataclass(frozen=True, slots=True)
class ByChannel:
    """The acknowledgements that came by one channel: sms, voice, link, web, api, code."""

    via: str
    answered: Spread


def facts(entries: Sequence[Entry], messages: Iterable[Message], heard: Iterable[Heard], now: datetime) -> Facts:
    """Fold one incident. `entries` are in order; those of `UNASKED` kinds may be left out."""
    told = _Told(entries, now)
    return Facts(
        tuple(told.calls()),
        tuple(told.waits()),
        told.people(heard),
        tuple(messages),
        tuple(_judgement(entry, entry.event) for entry in entries if isinstance(entry.event, CommunicationJudged)),
    )


def _judgement(entry: Entry, event: CommunicationJudged) -> Judgement:
    figures = {name: getattr(event, name) for name in JUDGED}
    reasons = {name: getattr(event, f"{name}_reason") for name in JUDGED}
    return Judgement(event.person, entry.at, entry.position, entry.seq, figures, reasons)


class _Told:
    """The entries of one incident, looked through for pages and answers."""

    def __init__(self, entries: Sequence[Entry], now: datetime) -> None:
        self._entries, self._now = entries, now
        self._pages = [(entry, entry.event) for entry in entries if isinstance(entry.event, Paged)]
        self._silent = [entry.at for entry in entries if isinstance(entry.event, SILENCING)]
        self._still = list(_pauses(entries, now))
        self._took: dict[str, list[Entry]] = {}
        self._declined: dict[str, list[Entry]] = {}
        for entry in entries:
            if isinstance(entry.event, Acknowledged):
                self._took.setdefault(entry.event.person, []).append(entry)
            elif isinstance(entry.event, Declined):
                self._declined.setdefault(entry.event.person, []).append(entry)

    def calls(self) -> Iterator[Call]:
        for entry, paged in self._pages:
            for summoned in paged.people:
                yield self._call(entry, paged, summoned.person)

    def _call(self, entry: Entry, paged: Paged, person: str) -> Call:
        limit = paged.next_at - entry.at
        took = next((e for e in self._took.get(person, ()) if e.seq > entry.seq), None)
        no = next((e for e in self._declined.get(person, ()) if e.seq > entry.seq), None)
        silent = next((at for at in self._silent if at >= entry.at), None)
        by: Entry | None = None
        if took is not None and self._ran(entry.at, took.at) <= limit:
            outcome, by = Outcome.IN_TIME, took
        elif no is not None and (took is None or no.seq < took.seq) and self._ran(entry.at, no.at) <= limit:
            outcome, by = Outcome.DECLINED, no
        elif silent is not None and self._ran(entry.at, silent) <= limit:
            outcome = Outcome.STOOD_DOWN
        elif took is not None:
            outcome, by = Outcome.LATE, took
        else:
            outcome = Outcome.OPEN if self._ran(entry.at, self._now) < limit else Outcome.UNANSWERED
        shown = (by.position, by.seq) if by else (None, None)
        return Call(paged.page, person, outcome, entry.position, entry.seq, *shown)

    def waits(self) -> Iterator[Wait]:
        """One for each acknowledgement of somebody who had been paged and not answered since. A page after the alarm
        was silent begins anew; one that others answered in time is none to be late with."""
        outcomes = {(call.seq, call.person): call.outcome for call in self.calls()}
        asked: dict[str, Entry] = {}
        silent = 0
        for entry in self._entries:
            match entry.event:
                case Paged() as paged:
                    for summoned in paged.people:
                        if summoned.person not in asked or asked[summoned.person].seq < silent:
                            asked[summoned.person] = entry
                case Acknowledged() as took:
                    first = asked.pop(took.person, None)
                    if first is not None and outcomes[first.seq, took.person] is not Outcome.STOOD_DOWN:
                        yield Wait(self._ran(first.at, entry.at).total_seconds(), took.via)
            if isinstance(entry.event, SILENCING):
                silent = entry.seq

    def people(self, heard: Iterable[Heard]) -> Mapping[str, bool]:
        first: dict[str, datetime] = {}
        for entry, paged in self._pages:
            for summoned in paged.people:
                first.setdefault(summoned.person, entry.at)
        spoke = [Heard(who, entry.at) for entry in self._entries if (who := _speaker(entry))]
        answered = {person for person, at in (*spoke, *heard) if person in first and at >= first[person]}
        return {person: person in answered for person in first}

    def _ran(self, start: datetime, end: datetime) -> timedelta:
        """How long the clock ran, a drill's pauses left out."""
        stood = (min(end, last) - max(start, first) for first, last in self._still)
        return max(timedelta(), end - start - sum((one for one in stood if one > timedelta()), timedelta()))


def _speaker(entry: Entry) -> str | None:
    """Whom an entry shows to have answered. To judge afterwards is no answer."""
    event = entry.event
    if isinstance(event, CommunicationJudged):
        return None
    if isinstance(event, Declined):
        return event.person
    sort, _, name = entry.by.partition(":")
    return actor(event) or (name if sort == "person" else None)


def _pauses(entries: Iterable[Entry], now: datetime) -> Iterator[tuple[datetime, datetime]]:
    since: datetime | None = None
    for entry in entries:
        if isinstance(entry.event, DrillPaused):
            since = entry.at
        elif isinstance(entry.event, DrillResumed) and since is not None:
            yield since, entry.at
            since = None
    if since is not None:
        yield since, now


def assess(found: Sequence[Facts]) -> Assessment:
    """The figures of one incident or of many, pooled: every page, message and person counts once."""
    outcomes = [call.outcome for one in found for call in one.calls]
    asked = sum(outcome in ASKED for outcome in outcomes)
    open_ = sum(outcome in (Outcome.UNANSWERED, Outcome.OPEN) for outcome in outcomes)
    acknowledged = share(outcomes.count(Outcome.IN_TIME), asked)
    took_part = [answered for one in found for answered in (one.people or {}).values()]
    participation = share(sum(took_part), len(took_part))
    delivered, without = _delivered([message for one in found for message in one.messages])
    scored = {name: _scored(found, name) for name in JUDGED}
    drawn = {
        "timeliness": (acknowledged.percent, acknowledged.of),
        "participation": (participation.percent, participation.of),
        **{n: (None if s.median is None else 25.0 * (s.median - 1), s.n) for n, s in scored.items()},
    }
    return Assessment(
        incidents=len(found),
        answered=spread([wait.seconds for one in found for wait in one.waits], open_),
        acknowledged=acknowledged,
        participation=participation,
        delivered=delivered,
        without_receipt=without,
        calls={outcome: outcomes.count(outcome) for outcome in Outcome},
        **scored,
        bars=tuple(Bar(name, *drawn[name]) for name in MEASURES),
    )


def by_way(found: Iterable[Facts]) -> list[ByWay]:
    """Each way that took a message, by name."""
    every: dict[str, list[Message]] = {}
    for one in found:
        for message in one.messages:
            every.setdefault(message.way, []).append(message)
    return [ByWay(way, *_delivered(messages)) for way, messages in sorted(every.items())]


def by_channel(found: Iterable[Facts]) -> list[ByChannel]:
    every: dict[str, list[float]] = {}
    for one in found:
        for wait in one.waits:
            every.setdefault(wait.via, []).append(wait.seconds)
    return [ByChannel(via, spread(seconds, 0)) for via, seconds in sorted(every.items())]


def share(n: int, of: int) -> Share:
    return Share(n, of, round(100 * n / of, 1) if of else None)


def _delivered(messages: Sequence[Message]) -> tuple[Share, int]:
    """What is known to have arrived, of what is known at all; and how many went out of which nothing is known."""
    states = [message.state for message in messages]
    arrived = states.count("delivered")
    lost = sum(states.count(state) for state in ("failed", "expired", "set_aside"))
    return share(arrived, arrived + lost), states.count("sent")


def _scored(found: Iterable[Facts], name: str) -> Scored:
    last = (one.judgements[-1].figures[name] for one in found if one.judgements)
    figures = sorted(figure for figure in last if figure is not None)
    return Scored(len(figures), figures[(len(figures) - 1) // 2] if figures else None)
