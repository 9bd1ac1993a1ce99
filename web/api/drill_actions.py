"""Actions of improvement plans for programs: all of them with where they stand, a new one, and that one is done."""

from __future__ import annotations

from typing import Any, Final

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response

from drills.actions import Tracked
from incident.clock import iso
from incident.organisation import Role
from web import drill_actions
from web.drill_actions import NewAction, Standing
from web.endpoint import Endpoint
from web.wire import body_of, shown


def get_actions(request: Request) -> Response:
    """All of them, those that are left first."""
    return shown(dict[str, Any], _shown(drill_actions.listed(request)))


async def post_action(request: Request) -> Response:
    wanted = await body_of(request, NewAction)
    drill = await to_thread.run_sync(drill_actions.add, request, wanted)
    found = await to_thread.run_sync(drill_actions.listed, request, drill)
    return shown(dict[str, Any], _shown(found), 201)


async def post_done(request: Request) -> Response:
    row = await to_thread.run_sync(drill_actions.claim, request)
    found = await to_thread.run_sync(drill_actions.listed, request, row.drill)
    return shown(dict[str, Any], _shown(found))


def _shown(found: Standing) -> dict[str, object]:
    proved = [one for one in found.every if one.state == "proved"]
    closure = found.closure
    return {
        "items": [_one(tracked) for tracked in (*found.left, *proved)],
        "closure": {
            "drills": closure.drills,
            "found_in": closure.found_in,
            "actions": closure.actions,
            "acted": closure.acted,
            "proved": closure.proved,
            "overdue": closure.overdue,
        },
    }


def _one(tracked: Tracked) -> dict[str, object]:
    row, planned = tracked.row, tracked.row.planned
    return {
        "id": row.id,
        "drill": row.drill,
        "playbook": row.playbook,
        "area": planned.area,
        "action": planned.action,
        "owner": planned.owner,
        "start": planned.start,
        "due": planned.due,
        "element": planned.element,
        "measure": planned.measure,
        "state": tracked.state,
        "overdue": tracked.overdue,
        "done_at": iso(row.done_at) if row.done_at else None,
        "proved_by": tracked.by.drill if tracked.by and tracked.state == "proved" else None,
        "undone_by": tracked.by.drill if tracked.by and tracked.state == "open" else None,
    }


ENDPOINTS: Final = (
    Endpoint(
        "GET",
        "/api/drill-actions",
        get_actions,
        Role.VIEWER,
        "drills",
        "The actions that drills left to be done, the next due first, and how many were acted on and proved.",
        answer=dict[str, Any],
    ),
    Endpoint(
        "POST",
        "/api/drills/{drill}/actions",
        post_action,
        Role.COMMANDER,
        "drills",
        "Add an action to the improvement plan of a drill that is over.",
        body=NewAction,
        answer=dict[str, Any],
        status=201,
    ),
    Endpoint(
        "POST",
        "/api/drill-actions/{action}/done",
        post_done,
        Role.RESPONDER,
        "drills",
        "Its owner says that it is done. Proved it is only by a later drill.",
        answer=dict[str, Any],
    ),
)
