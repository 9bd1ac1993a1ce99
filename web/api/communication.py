"""How people were told over a period: the five measures, by unit and by way."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from incident.organisation import Role
from web.api.statistics import Query, period_of, read_on
from web.communication import Period, period
from web.endpoint import Endpoint
from web.house import house_of
from web.wire import query_of, shown


def get(request: Request) -> Response:
    house = house_of(request)
    since, until = period_of(house, query_of(request, Query))
    return shown(Period, period(house, since, until, read_on(house)))


ENDPOINTS: Final = (
    Endpoint(
        "GET",
        "/api/statistics/communication",
        get,
        Role.VIEWER,
        "statistics",
        "How people were told, in five measures, by unit and by way; drills apart.",
        query=Query,
        answer=Period,
    ),
)
