"""The clock of a dry run as a picture: where each thing stands on the line. The template draws it, a table says it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from incident.record.dry_shapes import DryRun, Moment

WIDTH: Final = 1000
EDGE: Final = 30
LANE: Final = 30
"""Height of one row of marks; those that would touch each other stand above each other."""
DRAWN: Final = ("page", "nobody", "gap", "breached")
_STEPS_S: Final = (60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 28_800, 43_200, 86_400)
_TICKS: Final = 9

Place = Callable[[datetime], int]


@dataclass(frozen=True, slots=True)
class Mark:
    """`n` is the number of its line in the table; `y` the middle of its sign."""

    x: int
    y: int
    n: int
    kind: str
    says: str


@dataclass(frozen=True, slots=True)
class Tick:
    x: int
    clock: str
    after: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """All places in the units of the view box. `target_x` is where the first answer is due, None if outside it."""

    width: int
    height: int
    axis_y: int
    start_x: int
    end_x: int
    target_x: int | None
    marks: tuple[Mark, ...]
    ticks: tuple[Tick, ...]


def drawing(run: DryRun, zone: ZoneInfo) -> Drawing:
    """The line goes from the beginning to the last thing that is told, and to the target where that is later."""
    told = [(n, moment) for n, moment in enumerate(run.moments, 1) if moment.kind in DRAWN]
    last = max(
        [*(moment.at for _, moment in told), *([run.target] if run.target else []), run.at + timedelta(minutes=1)]
    )
    span = (last - run.at).total_seconds() * 1.04

    def x(at: datetime) -> int:
        share = min(max((at - run.at).total_seconds() / span, 0.0), 1.0)
        return round(EDGE + share * (WIDTH - 2 * EDGE))

    lanes = _lanes([x(moment.at) for _, moment in told])
    depth = max(lanes, default=0) + 1
    axis = depth * LANE + 12
    target = x(run.target) if run.target and run.at <= run.target <= run.at + timedelta(seconds=span) else None
    return Drawing(
        width=WIDTH,
        height=axis + 62,
        axis_y=axis,
        start_x=EDGE,
        end_x=WIDTH - EDGE,
        target_x=target,
        marks=tuple(_marks(told, lanes, axis, x)),
        ticks=tuple(_ticks(run.at, span, zone, x)),
    )


def _marks(told: Iterable[tuple[int, Moment]], lanes: Sequence[int], axis: int, x: Place) -> Iterator[Mark]:
    for (n, moment), lane in zip(told, lanes, strict=True):
        yield Mark(x(moment.at), axis - 22 - lane * LANE, n, moment.kind, moment.says)


def _lanes(places: Sequence[int]) -> list[int]:
    """The lowest lane in which a mark does not touch the one before it there."""
    ends: list[int] = []
    found = []
    for place in places:
        lane = next((n for n, end in enumerate(ends) if place - end >= LANE), len(ends))
        ends[lane : lane + 1] = [place]
        found.append(lane)
    return found


def _ticks(start: datetime, span: float, zone: ZoneInfo, x: Place) -> Iterator[Tick]:
    step = next((s for s in _STEPS_S if span / s <= _TICKS), _STEPS_S[-1])
    for n in range(int(span // step) + 1):
        at = start + timedelta(seconds=n * step)
        minutes = n * step // 60
        after = f"+{minutes // 60}:{minutes % 60:02d}"
        yield Tick(x(at), f"{at.astimezone(zone):%H:%M}", after)
