"""Figures over many incidents: how fast a person answered, how fast the service was back.

Time to acknowledge runs from the first page to the first answer of a person; time to restore runs from the report to
the restored service. An incident that is still waiting is censored, not dropped: it is counted apart, and it can only
make the true figure worse. Medians and 90th percentiles with n, never a bare mean. Drills are left out, and
so is what fell into planned maintenance: nobody was to answer it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from incident.events import Acknowledged, Entry, Graded, Paged, PagingHeld, Regraded, Reported, Resolved, Restored


@dataclass(frozen=True, slots=True)
class Measured:
    """The decisive times of one incident."""

    happened_at: datetime
    source: str
    reported_at: datetime
    level: str
    drill: bool
    paged_at: datetime | None = None
    answered_at: datetime | None = None
    restored_at: datetime | None = None
    maintenance: bool = False


@dataclass(frozen=True, slots=True)
class Spread:
    """Seconds. `waiting` counts incidents where the end has not come yet; None without a single finished one."""

    n: int
    waiting: int
    median_s: float | None
    p90_s: float | None


@dataclass(frozen=True, slots=True)
class Statistics:
    """What one period held. MTTA is `answered`, MTTR is `restored`; `noticed` is how long it took from the event to its
    report, by who noticed, where the report said when it happened."""

    incidents: int
    drills: int
    maintenance: int
    by_level: dict[str, int]
    answered: Spread
    restored: Spread
    noticed: dict[str, Spread]


def measure(entries: Iterable[Entry], so_far: Measured | None = None) -> Measured | None:
    """Fold the entries of one incident, in order. A first answer before any page (on the web) counts as zero wait."""
    for entry in entries:
        so_far = _with(so_far, entry)
    return so_far


def _with(found: Measured | None, entry: Entry) -> Measured | None:
    event = entry.event
    if found is None:
        if not isinstance(event, Reported):
            return None
        return Measured(event.happened_at, str(event.source), entry.at, "", event.drill is not None)
    match event:
        case Graded() | Regraded():
            return replace(found, level=str(event.level))
        case PagingHeld():
            return replace(found, maintenance=True)
        case Paged() if found.paged_at is None:
            return replace(found, paged_at=entry.at)
        case Acknowledged() if found.answered_at is None:
            return replace(found, answered_at=entry.at)
        case Restored() | Resolved() if found.restored_at is None:
            return replace(found, restored_at=entry.at)
        case _:
            return found


@dataclass(frozen=True, slots=True)
class Totals:
    """What the incidents of a period come to, drills and what fell into planned maintenance left out of all but their
    own counts. Spans are in seconds, in any order.

    `noticed` holds a span only where the report said when it happened: one that does not say would count as instant,
    and would flatter.
    """

    drills: int
    maintenance: int
    by_level: dict[str, int]
    phases: dict[str, int]
    paged: int
    answered: Sequence[float]
    restored: Sequence[float]
    noticed: Mapping[str, Sequence[float]]


def statistics(totals: Totals) -> Statistics:
    """The figures of a set of incidents."""
    incidents = sum(totals.by_level.values())
    return Statistics(
        incidents=incidents,
        drills=totals.drills,
        maintenance=totals.maintenance,
        by_level=totals.by_level,
        answered=spread(totals.answered, totals.paged - len(totals.answered)),
        restored=spread(totals.restored, incidents - len(totals.restored)),
        noticed={source: spread(spans, 0) for source, spans in sorted(totals.noticed.items())},
    )


def spread(seconds: Sequence[float], waiting: int) -> Spread:
    """Median and 90th percentile by the nearest rank: always a value that really occurred."""
    ordered = sorted(seconds)
    return Spread(len(ordered), waiting, _rank(ordered, 0.5), _rank(ordered, 0.9))


def _rank(ordered: Sequence[float], share: float) -> float | None:
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else None
