"""A period's figures, as the page of reports draws them and the API tells them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from incident.levels import Level
from incident.record.measures import Statistics, statistics
from incident.record.trend import Figures, Span, begins, step_of, trend
from incident.store import measured
from incident.store.engine import reading
from web.house import House


@dataclass(frozen=True, slots=True)
class Period:
    """`spans` are days, weeks or months of the zone, as `step` says."""

    since: datetime
    until: datetime
    step: str
    spans: Sequence[Span]
    levels: Mapping[Level, Figures]
    whole: Statistics


def period_of(house: House, since: datetime, until: datetime, zone: ZoneInfo) -> Period:
    """Blocks: a read of all that was reported in the period, a hundred thousand incidents in half a second."""
    step = step_of(until - since)
    with reading(house.engine) as connection:
        found = trend(measured.lives(connection, since, until), begins(since, until, step, zone))
        totals = measured.period(connection, since, until)
    return Period(since, until, str(step), found.spans, found.levels, statistics(totals))
