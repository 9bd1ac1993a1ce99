"""Figures over a period: how many, how fast answered, how fast restored. Drills are counted apart."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog
from pydantic import AwareDatetime, BaseModel, ConfigDict
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import Response

from incident.desk.clerk import Clerk
from incident.errors import BadInput, Fault, why
from incident.organisation import Role
from incident.record.measures import Statistics, statistics
from incident.record.shapes import Instant
from incident.store import board, measured
from incident.store.codec import UnreadableEntry
from incident.store.engine import reading
from web.endpoint import Endpoint
from web.house import House, house_of
from web.wire import query_of, shown

PERIOD: Final = timedelta(days=90)
LONGEST: Final = timedelta(days=400)
READ_ON: Final = 2_000
"""Entries that a request reads before it answers; more than that is left to the clerk."""

_log = structlog.get_logger()


class Query(BaseModel):
    """By when incidents were reported. Left out: the last 90 days."""

    model_config = ConfigDict(extra="forbid")

    since: AwareDatetime | None = None
    until: AwareDatetime | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """`open` counts what is open now by level, without drills; the rest is of the period. Seconds.

    `excluded` says what the figures leave out: the drills of the period, what fell into planned maintenance, and
    `unread`, the entries of the log that the clerk has not come to yet.
    """

    since: Instant
    until: Instant
    open: dict[str, int]
    phases: dict[str, int]
    period: Statistics
    excluded: dict[str, int]


def get(request: Request) -> Response:
    house = house_of(request)
    since, until = period_of(house, query_of(request, Query))
    unread = read_on(house)
    with reading(house.engine) as connection:
        counts = board.counts(connection, drill=False)
        totals = measured.period(connection, since, until)
    figures = statistics(totals)
    excluded = {"drills": figures.drills, "maintenance": figures.maintenance, "unread": unread}
    return shown(Answer, Answer(since, until, {str(k): n for k, n in counts.items()}, totals.phases, figures, excluded))


def period_of(house: House, wanted: Query) -> tuple[datetime, datetime]:
    """From when to when is asked for. Raises BadInput."""
    until = wanted.until or house.clock.now()
    since = wanted.since or until - PERIOD
    if not timedelta(0) < until - since <= LONGEST:
        raise BadInput(Fault("/query/since", why("api.period", days=LONGEST.days)))
    return since, until


def read_on(house: House) -> int:
    """Let the clerk read what little it may be behind, so that the figures are of this moment. How much is left."""
    clerk = Clerk(house.engine)
    try:
        clerk.catch_up(READ_ON)
    except (SQLAlchemyError, UnreadableEntry):  # then the figures are a little older, and say so
        _log.warning("statistics.not_read_on", exc_info=True)
    return clerk.behind()


ENDPOINTS: Final = (
    Endpoint(
        "GET",
        "/api/statistics",
        get,
        Role.VIEWER,
        "statistics",
        "How many incidents, how fast answered and restored: medians and 90th percentiles with n, without drills.",
        query=Query,
        answer=Answer,
    ),
)
