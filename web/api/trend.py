"""A period's figures by days, weeks or months and by level, for programs; and every incident of it as a table."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from io import StringIO
from typing import Final
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from incident.levels import Level
from incident.organisation import Role
from incident.record.measures import Spread
from incident.record.shapes import Instant
from incident.record.trend import Figures
from incident.store import measured
from incident.store.engine import reading
from web import trends
from web.api.statistics import Query, period_of, read_on
from web.endpoint import Endpoint
from web.house import house_of
from web.wire import query_of, shown

MOST: Final = 50_000
"""Rows of a table, the newest; more is asked for by shorter periods."""
_BOM: Final = "\ufeff"
"""Without it spreadsheets take Chinese for another encoding."""
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_COLUMNS: Final = ("code", "title", "level", "kind", "unit", "source", "phase")
_TIMES: Final = ("happened_at", "reported_at", "paged_at", "answered_at", "restored_at")


@dataclass(frozen=True, slots=True)
class FiguresView:
    incidents: int
    levels: dict[Level, int]
    answered: Spread
    restored: Spread


@dataclass(frozen=True, slots=True)
class SpanView:
    at: Instant
    figures: FiguresView


@dataclass(frozen=True, slots=True)
class TrendView:
    """`spans` are days, weeks or months of the house's zone, as `step` says, by when incidents were reported. Seconds.
    `unread` entries of the log the figures do not know of yet."""

    since: Instant
    until: Instant
    step: str
    spans: list[SpanView]
    levels: dict[Level, FiguresView]
    unread: int


def get(request: Request) -> Response:
    house = house_of(request)
    since, until = period_of(house, query_of(request, Query))
    unread = read_on(house)
    found = trends.period_of(house, since, until, ZoneInfo(house.settings.timezone))
    spans = [SpanView(span.at, _view(span.figures)) for span in found.spans]
    levels = {level: _view(some) for level, some in found.levels.items()}
    return shown(TrendView, TrendView(since, until, found.step, spans, levels, unread))


def _view(figures: Figures) -> FiguresView:
    return FiguresView(figures.incidents, dict(figures.levels), figures.answered, figures.restored)


def get_table(request: Request) -> Response:
    """The incidents of the period, the newest first: as CSV that spreadsheets read, times as ISO 8601 in UTC."""
    house = house_of(request)
    since, until = period_of(house, query_of(request, Query))
    read_on(house)
    with reading(house.engine) as connection:
        rows = measured.table(connection, since, until, MOST)
    name = f"incidents-{since:%Y%m%d}-{until:%Y%m%d}.csv"
    return StreamingResponse(
        _lines(rows),
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )


def _lines(rows: list[measured.Told]) -> Iterator[str]:
    written = StringIO(_BOM)
    written.seek(0, 2)
    into = csv.writer(written)
    into.writerow((*_COLUMNS, *_TIMES))
    for row in rows:
        into.writerow(
            [*(_plain(getattr(row, name)) for name in _COLUMNS), *(_time(getattr(row, name)) for name in _TIMES)]
        )
        if written.tell() > 1 << 16:
            yield written.getvalue()
            written.seek(0)
            written.truncate()
    yield written.getvalue()


def _plain(text: str) -> str:
    """A title is whatever was reported: a spreadsheet must not take it for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _time(at: datetime | None) -> str:
    return "" if at is None else f"{at:%Y-%m-%dT%H:%M:%SZ}"


ENDPOINTS: Final = (
    Endpoint(
        "GET",
        "/api/statistics/trend",
        get,
        Role.VIEWER,
        "statistics",
        "A period by days, weeks or months and by level: how many, how fast answered, how fast restored.",
        query=Query,
        answer=TrendView,
    ),
    Endpoint(
        "GET",
        "/api/statistics/incidents.csv",
        get_table,
        Role.VIEWER,
        "statistics",
        f"The real incidents of a period with their decisive times, as CSV; the newest {MOST:,}.",
        query=Query,
        media="text/csv",
    ),
)
