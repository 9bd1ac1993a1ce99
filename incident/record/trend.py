"""How a period went, day by day or week by week: how many incidents, how fast answered, how fast restored.

Pure. Each figure counts in the span in which its incident was reported, so that a slow answer stays with the day that
it was slow on. Medians and 90th percentiles with n; what still waits is counted apart and never dropped.
"""

from __future__ import annotations

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


def trend(lives: Iterable[Life], starts: Sequence[datetime]) -> list[Span]:
    """By the spans that begin at `starts`; what was reported before the first of them is left out."""
    edges = [int(at.timestamp()) * 1_000_000 for at in starts]
    among: list[list[Life]] = [[] for _ in edges]
    for life in lives:
        place = bisect_right(edges, life.reported) - 1
        if place >= 0:
            among[place].append(life)
    return [Span(at, figures(some)) for at, some in zip(starts, among, strict=True)]


def by_level(lives: Sequence[Life]) -> dict[Level, Figures]:
    """Every level, the gravest first, also the one of which there was none."""
    return {level: figures([life for life in lives if life.level is level]) for level in Level}


def figures(lives: Sequence[Life]) -> Figures:
    answered = [_seconds(life.paged, life.answered) for life in lives if life.paged and life.answered]
    restored = [_seconds(life.reported, life.restored) for life in lives if life.restored]
    paged = sum(life.paged is not None for life in lives)
    counts = Counter(life.level for life in lives)
    return Figures(
        {level: counts[level] for level in Level},
        spread(answered, paged - len(answered)),
        spread(restored, len(lives) - len(restored)),
    )


def _seconds(since: int, until: int) -> float:
    """Who answers before any page has gone out, on the web, did not keep it waiting."""
    return max(0, until - since) / 1e6
