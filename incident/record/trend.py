"""How a period went, day by day or week by week: how many incidents, how fast answered, how fast restored.

Pure. Each figure counts in the span in which its incident was reported, so that a slow answer stays with the day that
it was slow on. Medians and 90th percentiles with n; what still waits is counted apart and never dropped.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from incident.levels import Level
from incident.record.measures import Spread, spread

DAYS: Final = timedelta(days=31)
WEEKS: Final = timedelta(days=190)
"""Up to so long a period is told by days, and by weeks; beyond that by months."""


class Step(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Life(NamedTuple):
    """The decisive times of an incident in microseconds since 1970; None for what has not happened."""

    level: Level
    reported: int
    paged: int | None
    answered: int | None
    restored: int | None


@dataclass(frozen=True, slots=True)
class Figures:
    """`levels` counts incidents; `answered` runs from the first page to the first answer of a person, `restored` from
    the report to the restored service."""

    levels: Mapping[Level, int]
    answered: Spread
    restored: Spread

    @property
    def incidents(self) -> int:
        return sum(self.levels.values())


@dataclass(frozen=True, slots=True)
class Span:
    """A day, a week from its Monday on, or a month: when it begins, and what was reported in it. The first and the last
    may be cut by the period."""

    at: datetime
    figures: Figures


def step_of(length: timedelta) -> Step:
    if length <= DAYS:
        return Step.DAY
    return Step.WEEK if length <= WEEKS else Step.MONTH


def begins(since: datetime, until: datetime, step: Step, zone: ZoneInfo) -> list[datetime]:
    """When each span begins, by the days of the zone: the first at or before `since`, the last before `until`."""
    day = since.astimezone(zone).date()
    if step is Step.WEEK:
        day -= timedelta(days=day.weekday())
    elif step is Step.MONTH:
        day = day.replace(day=1)
    found: list[datetime] = []
    while (at := datetime.combine(day, time(), zone)) < until:
        found.append(at)
        day = _after(day, step)
    return found


def _after(day: date, step: Step) -> date:
    if step is Step.MONTH:
        return (day + timedelta(days=31)).replace(day=1)
    return day + timedelta(days=7 if step is Step.WEEK else 1)


@dataclass(frozen=True, slots=True)
class Trend:
    spans: Sequence[Span]
    levels: Mapping[Level, Figures]


def trend(lives: Iterable[Life], starts: Sequence[datetime]) -> Trend:
    """By the spans that begin at `starts`, and by level, the gravest first, each level whether it occurred or not. What
    was reported before the first of the spans is left out of both.

    One pass, and nothing is kept of a life but two numbers: a year may hold hundreds of thousands.
    """
    edges = [int(at.timestamp()) * 1_000_000 for at in starts]
    among = [_Sum() for _ in edges]
    levels = {level: _Sum() for level in Level}
    for life in lives:
        place = bisect_right(edges, life.reported) - 1
        if place >= 0:
            among[place].add(life)
            levels[life.level].add(life)
    spans = [Span(at, some.figures()) for at, some in zip(starts, among, strict=True)]
    return Trend(spans, {level: some.figures() for level, some in levels.items()})


class _Sum:
    """What some incidents come to so far. Times are microseconds."""

    def __init__(self) -> None:
        self.levels: Counter[Level] = Counter()
        self.paged = 0
        self.answered, self.restored = array("q"), array("q")

    def add(self, life: Life) -> None:
        self.levels[life.level] += 1
        self.paged += life.paged is not None
        if life.paged is not None and life.answered is not None:
            self.answered.append(max(0, life.answered - life.paged))  # before any page, on the web: nobody waited
        if life.restored is not None:
            self.restored.append(max(0, life.restored - life.reported))

    def figures(self) -> Figures:
        return Figures(
            {level: self.levels[level] for level in Level},
            _spread(self.answered, self.paged - len(self.answered)),
            _spread(self.restored, self.levels.total() - len(self.restored)),
        )


def _spread(micros: array[int], waiting: int) -> Spread:
    return spread([each / 1e6 for each in micros], waiting)
