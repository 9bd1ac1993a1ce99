"""A period's figures, as the page of reports draws them and the API tells them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from incident.levels import Level
from incident.record.measures import Statistics, statistics
from incident.record.trend import Figures, Span, begins, by_level, step_of, trend
from incident.store import measured
from incident.store.engine import reading
from web.house import House


@dataclass(frozen=True, slots=True)
class Trend:
    """`spans` are days, weeks or months of the zone, as `step` says."""

    since: datetime
    until: datetime
    step: str
    spans: Sequence[Span]
    levels: dict[Level, Figures]
    period: Statistics


def trend_of(house: House, since: datetime, until: datetime, zone: ZoneInfo) -> Trend:
    """Blocks: a read of all that was reported in the period, some ten thousand incidents in a tenth of a second."""
    with reading(house.engine) as connection:
        lives = measured.lives(connection, since, until)
        totals = measured.period(connection, since, until)
    step = step_of(until - since)
    spans = trend(lives, begins(since, until, step, zone))
    return Trend(since, until, str(step), spans, by_level(lives), statistics(totals))
