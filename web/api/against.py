"""A closed incident's report against today's rosters, playbooks and policies, for programs."""

from __future__ import annotations

from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from incident.organisation import Role
from web.against import against
from web.endpoint import Endpoint
from web.wire import shown


def get(request: Request) -> Response:
    found = against(request)
    answer = {
        "runs": found.runs,
        "facts": [{"name": one.name, "then": one.then, "today": one.today} for one in found.facts],
        "figures": [
            {
                "name": one.name,
                "then": one.then,
                "today": one.today,
                "low": one.low,
                "high": one.high,
                "verdict": one.verdict,
                "assumed": one.assumed,
            }
            for one in found.figures
        ],
        "items": [{"name": str(one.item), "then": one.then, "today": one.today} for one in found.items],
        "total": {"then": found.total_then, "today": found.total_today},
    }
    return shown(dict[str, Any], answer)


ENDPOINTS: Final = (
    Endpoint(
        "GET",
        "/api/incidents/{id}/against-today",
        get,
        Role.COMMANDER,
        "drills",
        "A closed incident's report played with today's rosters, playbooks and policies, beside how it was. How people "
        "answer and how long work takes today is assumed.",
        answer=dict[str, Any],
    ),
)
