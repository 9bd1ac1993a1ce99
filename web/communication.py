"""The assessment of the communication of one incident, and of a period: real ones and drills apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from incident.decide.judging import under_way
from incident.events import Entry
from incident.marks import APART
from incident.record.communication import (
    Assessment,
    ByChannel,
    ByWay,
    Call,
    Facts,
    Judgement,
    assess,
    by_channel,
    by_way,
)
from incident.record.shapes import Instant
from incident.state import Incident, Phase
from incident.store import communication
from incident.store.engine import reading
from web.auth import Visitor
from web.house import House


@dataclass(frozen=True, slots=True)
class Lost:
    """A message that did not arrive, with the entry that ordered it; `seq` None where no entry of it did."""

    way: str
    state: str
    position: int
    seq: int | None


@dataclass(frozen=True, slots=True)
class Shown:
    """One incident's: the figures, and what shows each of them. Of `judgements` the last one counts."""

    figures: Assessment
    calls: tuple[Call, ...]
    ways: tuple[ByWay, ...]
    channels: tuple[ByChannel, ...]
    lost: tuple[Lost, ...]
    judgements: tuple[Judgement, ...]


@dataclass(frozen=True, slots=True)
class UnitRow:
    """The incidents of one unit."""

    unit: str
    figures: Assessment


@dataclass(frozen=True, slots=True)
class Part:
    """Real incidents or drills. `of` is how many there were that paged somebody: the newest of them are looked at."""

    of: int
    figures: Assessment
    units: tuple[UnitRow, ...]
    ways: tuple[ByWay, ...]
    channels: tuple[ByChannel, ...]


@dataclass(frozen=True, slots=True)
class Period:
    """What was reported in a time. What fell into planned maintenance and test pages are left out; `unread` entries
    of the log are not known to it yet."""

    since: Instant
    until: Instant
    real: Part
    drills: Part
    unread: int


def of_incident(house: House, state: Incident, entries: Sequence[Entry]) -> Shown:
    """`entries` are all of its entries. Blocks."""
    with reading(house.engine) as connection:
        found = communication.of_incident(connection, state.id, list(entries), house.clock.now())
    seqs = {entry.position: entry.seq for entry in entries}
    return Shown(
        assess([found]),
        found.calls,
        tuple(by_way([found])),
        tuple(by_channel([found])),
        tuple(
            Lost(one.way, one.state, one.position, seqs.get(one.position))
            for one in found.messages
            if one.state in ("failed", "expired", "set_aside")
        ),
        found.judgements,
    )


def period(house: House, since: datetime, until: datetime, unread: int) -> Period:
    """Blocks: reads the logs of some hundred incidents."""
    now = house.clock.now()
    with reading(house.engine) as connection:
        real, drills = (_part(connection, since, until, now, drill=drill) for drill in (False, True))
    return Period(since, until, real, drills, unread)


def _part(connection: Connection, since: datetime, until: datetime, now: datetime, *, drill: bool) -> Part:
    chosen = communication.chosen(connection, since, until, drill=drill)
    found = communication.of_incidents(connection, chosen.units, now) if chosen.units else {}
    units: dict[str, list[Facts]] = {}
    for incident, unit in chosen.units.items():
        units.setdefault(unit, []).append(found[incident])
    every = list(found.values())
    return Part(
        chosen.of,
        assess(every),
        tuple(UnitRow(unit, assess(ones)) for unit, ones in sorted(units.items())),
        tuple(by_way(every)),
        tuple(by_channel(every)),
    )


def may_judge(state: Incident, visitor: Visitor) -> str:
    """`yes`; or why the form is not there: `later` before the review, `led` for who commanded, `no` for who may not."""
    if (state.report.drill or "").startswith(APART) or visitor.person is None:
        return "no"
    if state.phase not in (Phase.REVIEWING, Phase.CLOSED) or under_way(state):
        return "later"
    return "led" if visitor.person in state.commanders else "yes"
