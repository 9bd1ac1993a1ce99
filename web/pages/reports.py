"""The reports: how a period went as pictures and figures, and the incidents whose reports can be read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import log
from typing import Annotated, Final

from pydantic import Field
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from incident.organisation import Role
from incident.record.measures import Spread
from incident.record.trend import Figures, Span
from incident.state import Phase
from incident.store import board
from incident.store.engine import reading
from web.api.statistics import read_on
from web.auth import needs
from web.bodies import Body
from web.house import House, house_of
from web.pages.load import Bar, bars
from web.render import page, reader_of
from web.say import Reader
from web.trends import period_of
from web.wire import parse

PATH: Final = "/reports"
SPANS: Final = (7, 30, 90, 365)
"""Days that may be chosen between."""
SHOWN: Final = 10
LINES: Final = (10, 60, 5 * 60, 15 * 60, 3600, 4 * 3600, 86_400, 7 * 86_400)
"""Seconds at which a line is drawn: times grow by leaps, and a minute and a day must both be seen."""
HEIGHT: Final = 100.0


class Asked(Body):
    """Of how many days until now."""

    days: Annotated[int, Field(ge=1, le=400)] = 30


@dataclass(frozen=True, slots=True)
class Range:
    """From the median to the 90th percentile of one span, in the picture's units; y counts from the top."""

    x: int
    median: float
    p90: float


@dataclass(frozen=True, slots=True)
class Picture:
    """`lines` are where the scale is marked: place and seconds."""

    ranges: tuple[Range, ...]
    lines: tuple[tuple[float, int], ...]


def picture(spans: Sequence[Span], of: Callable[[Figures], Spread]) -> Picture:
    """Spans without a single figure stay empty: nothing is not zero."""
    seen = [
        (x, found.median_s or 0.0, found.p90_s or 0.0) for x, span in enumerate(spans) if (found := of(span.figures)).n
    ]
    if not seen:
        return Picture((), ())
    low = max(1.0, min(median for _, median, _ in seen) / 4)
    top = max(2 * low, *(p90 for _, _, p90 in seen)) * 1.5

    def y(seconds: float) -> float:
        return round(HEIGHT * (1 - log(max(low, seconds) / low) / log(top / low)), 2)

    ranges = tuple(Range(x, y(median), y(p90)) for x, median, p90 in seen)
    return Picture(ranges, tuple((y(seconds), seconds) for seconds in LINES if low < seconds < top))


def stacked(spans: Sequence[Span]) -> tuple[tuple[Bar, ...], int]:
    """How many of each level, the gravest at the bottom, and how many reach the top."""
    top = max([4, *(span.figures.incidents for span in spans)])
    return bars([span.figures.levels for span in spans], top), top


@needs(Role.VIEWER)
def show(request: Request) -> HTMLResponse:
    house, reader = house_of(request), reader_of(request)
    given = {name: request.query_params[name] for name in ("days",) if name in request.query_params}
    days, now = parse(Asked, given, "/query").days, house.clock.now()
    since = now - timedelta(days=days)
    unread = read_on(house)
    found = period_of(house, since, now, reader.zone)
    count, top = stacked(found.spans)
    waiting, closed = _readable(house)
    return page(
        request,
        "reports.html",
        found=found,
        days=days,
        choices=SPANS,
        unread=unread,
        bars=count,
        top=top,
        answered=picture(found.spans, lambda figures: figures.answered),
        restored=picture(found.spans, lambda figures: figures.restored),
        said=lambda span: _said(reader, found.step, span),
        waiting=waiting,
        closed=closed,
    )


def _said(reader: Reader, step: str, span: Span) -> str:
    return reader.words.t(f"reports.span.{step}", day=reader.dated(span.at), month=reader.dated(span.at)[:7])


def _readable(house: House) -> Sequence[list[dict[str, object]]]:
    """Incidents whose report waits for its review, and the last ones that were closed."""
    with reading(house.engine) as connection:
        wanted = [board.Filter(phase=str(phase), drill=False) for phase in (Phase.REVIEWING, Phase.CLOSED)]
        return [[row.as_dict() for row in board.listing(connection, one, limit=SHOWN)] for one in wanted]


ROUTES: Final = [Route(PATH, show)]
