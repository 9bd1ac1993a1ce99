"""What is prepared: playbooks and policies, as they stand today."""

from __future__ import annotations

from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from incident.errors import Unknown
from incident.organisation import Role
from incident.playbooks.model import Playbook
from incident.policy import Policy
from web.drilled import as_json, last_drills
from web.endpoint import Endpoint
from web.house import house_of
from web.wire import listed, shown


def get_playbooks(request: Request) -> Response:
    """In brief, with the last drill of each; one by one they come whole."""
    house = house_of(request)
    last = last_drills(house)
    found = [_brief(one) | {"last_drill": as_json(last.get(one.id))} for one in house.library.playbooks()]
    return listed(dict[str, Any], found)


def get_playbook(request: Request) -> Response:
    name = request.path_params["playbook"]
    for playbook in house_of(request).library.playbooks():
        if playbook.id == name:
            return shown(Playbook, playbook)
    raise Unknown("playbook", name[:60])


def get_policies(request: Request) -> Response:
    return listed(Policy, list(house_of(request).library.policies()))


def _brief(playbook: Playbook) -> dict[str, object]:
    return {
        "id": playbook.id,
        "version": playbook.version,
        "digest": playbook.digest,
        "name": playbook.name.model_dump(),
        "summary": playbook.summary.model_dump(),
        "kinds": [str(kind) for kind in playbook.matches.kinds],
        "levels": [str(level) for level in playbook.matches.levels],
        "steps": len(playbook.steps),
        "reviewed": playbook.reviewed.isoformat(),
        "review_due": playbook.review_due().isoformat(),
    }


ENDPOINTS: Final = (
    Endpoint(
        "GET",
        "/api/playbooks",
        get_playbooks,
        Role.VIEWER,
        "plans",
        "The playbooks, in brief.",
        answer=dict[str, Any],
        many=True,
    ),
    Endpoint(
        "GET",
        "/api/playbooks/{playbook}",
        get_playbook,
        Role.VIEWER,
        "plans",
        "One playbook, whole, in both languages.",
        answer=Playbook,
    ),
    Endpoint(
        "GET",
        "/api/policies",
        get_policies,
        Role.VIEWER,
        "plans",
        "The policies: clocks, matrix, floors, cadence.",
        answer=Policy,
        many=True,
    ),
)
