"""How much the alarms and the messages of a day were, and for whom: alarms in ten minutes, levels, people, shifts.

Pure. What is wanted of the levels is the rule of thumb of alarm management (EEMUA 191): most are small.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from incident.levels import Level
from incident.record.fairness import NIGHT_FROM, NIGHT_TO
from incident.roster import Shift

SLOT: Final = timedelta(minutes=10)
DAY: Final = timedelta(hours=24)
WANTED: Final[Mapping[Level, int]] = {Level.CRITICAL: 1, Level.HIGH: 4, Level.MEDIUM: 15, Level.LOW: 80}
"""Percent."""
SHIFT: Final = timedelta(hours=12)
"""In how long the most messages to somebody are counted: who is on duty for a week has no shift to speak of."""


class Ring(NamedTuple):
    """A page that went to somebody's phone. `carried` is how many others it spoke of."""

    person: str
    way: str
    at: datetime
    carried: int = 0


@dataclass(frozen=True, slots=True)
class Slot:
    """Ten minutes, from `at` on: how many alarms of each level."""

    at: datetime
    counts: Mapping[Level, int]

    @property
    def total(self) -> int:
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class Share:
    """A level's part in all alarms, in percent, beside what is wanted; None of nothing."""

    level: Level
    count: int
    percent: float | None
    wanted: int


@dataclass(frozen=True, slots=True)
class PersonLoad:
    """What rang somebody: pages, how many of these were calls, how many came at night where the person lives, the most
    within twelve hours; and how many more incidents stood in bundles."""

    person: str
    messages: int
    calls: int
    night: int
    most: int
    bundled: int


@dataclass(frozen=True, slots=True)
class ShiftLoad:
    """The pages to somebody during one of their shifts."""

    roster: str
    person: str
    start: datetime
    end: datetime
    messages: int


def day_of(now: datetime) -> tuple[datetime, datetime]:
    """The last 24 hours in whole slots, the one that runs among them."""
    until = now.replace(minute=now.minute // 10 * 10, second=0, microsecond=0) + SLOT
    return until - DAY, until


def slots(counts: Iterable[tuple[int, Level, int]], since: datetime) -> list[Slot]:
    """Every slot of the day; `counts` are (which one, level, how many), of those that have any."""
    found: list[dict[Level, int]] = [{} for _ in range(DAY // SLOT)]
    for index, level, count in counts:
        if 0 <= index < len(found):
            found[index][level] = found[index].get(level, 0) + count
    return [Slot(since + index * SLOT, one) for index, one in enumerate(found)]


def shares(day: Sequence[Slot]) -> list[Share]:
    """The gravest level first."""
    counts = {level: sum(slot.counts.get(level, 0) for slot in day) for level in Level}
    whole = sum(counts.values())
    return [
        Share(level, n, round(100 * n / whole, 1) if whole else None, WANTED[level])
        for level, n in sorted(counts.items(), key=lambda one: -one[0].rank)
    ]


def of_people(rings: Iterable[Ring], zones: Mapping[str, ZoneInfo]) -> list[PersonLoad]:
    """Whom it rang the most, first."""
    by_person: dict[str, list[Ring]] = {}
    for ring in sorted(rings, key=lambda ring: ring.at):
        by_person.setdefault(ring.person, []).append(ring)
    found = [
        PersonLoad(
            person,
            messages=len(ones),
            calls=sum(ring.way == "voice" for ring in ones),
            night=sum(_at_night(ring.at, zones.get(person)) for ring in ones),
            most=_most_within([ring.at for ring in ones], SHIFT),
            bundled=sum(ring.carried for ring in ones),
        )
        for person, ones in by_person.items()
    ]
    return sorted(found, key=lambda one: (-one.messages, one.person))


def of_shifts(rings: Iterable[Ring], shifts: Iterable[tuple[str, Shift]]) -> list[ShiftLoad]:
    """Shifts, with the roster they are of, that got any page; the fullest first."""
    times: dict[str, list[datetime]] = {}
    for ring in sorted(rings, key=lambda ring: ring.at):
        times.setdefault(ring.person, []).append(ring.at)
    found = []
    for roster, shift in shifts:
        mine = times.get(shift.person, [])
        count = bisect_left(mine, shift.end) - bisect_left(mine, shift.start)
        if count:
            found.append(ShiftLoad(roster, shift.person, shift.start, shift.end, count))
    return sorted(found, key=lambda one: (-one.messages, one.start, one.roster))


def _at_night(at: datetime, zone: ZoneInfo | None) -> bool:
    if zone is None:
        return False
    local = at.astimezone(zone).time()
    return local >= NIGHT_FROM or local < NIGHT_TO


def _most_within(times: Sequence[datetime], span: timedelta) -> int:
    return max((bisect_left(times, at + span) - index for index, at in enumerate(times)), default=0)
