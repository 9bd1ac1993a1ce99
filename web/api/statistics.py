"""Figures over a period: how many, how fast answered, how fast restored. Drills are counted apart."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from pydantic import AwareDatetime, BaseModel, ConfigDict
from starlette.requests import Request
from starlette.responses import Response

from incident.errors import BadInput, Fault, why
from incident.organisation import Role
from incident.record.measures import Measured, Statistics, measure, statistics
from incident.record.shapes import Instant
from incident.store import board, log
from incident.store.board import Filter, Listed
from incident.store.engine import reading
from web.endpoint import Endpoint
from web.house import House, house_of
from web.wire import query_of, shown

PERIOD: Final = timedelta(days=30)
LONGEST: Final = timedelta(days=400)
_PAGE: Final = 200


class Query(BaseModel):
    """By when incidents were opened. Left out: the last 30 days."""

    model_config = ConfigDict(extra="forbid")

    since: AwareDatetime | None = None
    until: AwareDatetime | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """`open` counts what is open now by level, without drills; the rest is of the period. Seconds."""

    since: Instant
    until: Instant
    open: dict[str, int]
    phases: dict[str, int]
    period: Statistics


def get(request: Request) -> Response:
    house, wanted = house_of(request), query_of(request, Query)
    until = wanted.until or house.clock.now()
    since = wanted.since or until - PERIOD
    if not timedelta(0) < until - since <= LONGEST:
        raise BadInput(Fault("/query/since", why("api.period", days=LONGEST.days)))
    with reading(house.engine) as connection:
        counts = board.counts(connection, drill=False)
    measured, phases = _measured(house, since, until)
    answer = Answer(since, until, {str(k): n for k, n in counts.items()}, phases, statistics(measured))
    return shown(Answer, answer)


def _measured(house: House, since: datetime, until: datetime) -> tuple[list[Measured], dict[str, int]]:
    """Every incident that was opened in the period, folded from its log; and in which phase they are."""
    found: list[Measured] = []
    phases: dict[str, int] = {}
    before: int | None = None
    while True:
        with reading(house.engine) as connection:
            page = board.listing(connection, Filter(), before, _PAGE)
            wanted = [row for row in page if since <= _opened(row) <= until]
            histories = log.histories(connection, {row.incident: 0 for row in wanted})
        for row in wanted:
            one = measure(histories[row.incident])
            if one is not None:
                found.append(one)
                if not one.drill:
                    phase = str(row.as_dict()["phase"])
                    phases[phase] = phases.get(phase, 0) + 1
        if len(page) < _PAGE or _opened(page[-1]) < since:
            return found, phases
        before = page[-1].number


def _opened(row: Listed) -> datetime:
    return datetime.fromisoformat(str(row.as_dict()["opened_at"]))


ENDPOINTS: Final = (
    Endpoint(
        "GET",
        "/api/statistics",
        get,
        Role.VIEWER,
        "statistics",
        "How many incidents, how fast answered and restored: medians and 90th percentiles with n, drills left out.",
        query=Query,
        answer=Answer,
    ),
)
