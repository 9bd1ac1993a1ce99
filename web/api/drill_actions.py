"""Actions of improvement plans for programs: all of them with where they stand, a new one, and that one is done."""

from __future__ import annotations

from typing import Any, Final, Literal

from anyio import to_thread
from pydantic import BaseModel, ConfigDict
from starlette.requests import Request
from starlette.responses import Response

from drills.improving import Standing, plain
from incident.organisation import Role
from web import drill_actions
from web.bodies import Name
from web.drill_actions import ChangedAction, NewAction, Withdrawal
from web.endpoint import Endpoint
from web.house import house_of
from web.proving import proving
from web.starting import script_of
from web.wire import body_of, query_of, shown


class ActionQuery(BaseModel):
    """`script` names what is planned next: only what such a drill could prove, overdue ones first."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    script: Name | None = None
    form: Literal["live", "tabletop"] = "live"


def get_actions(request: Request) -> Response:
    """All of them, those that are left first."""
    wanted, found = query_of(request, ActionQuery), drill_actions.listed(request)
    shape = _shown(found)
    if wanted.script is not None:
        could = proving(request, script_of(wanted.script, house_of(request)), wanted.form)["proving"]
        shape["items"] = [plain(one) for one in could]
    return shown(dict[str, Any], shape)


async def post_action(request: Request) -> Response:
    wanted = await body_of(request, NewAction)
    drill = await to_thread.run_sync(drill_actions.add, request, wanted)
    found = await to_thread.run_sync(drill_actions.listed, request, drill)
    return shown(dict[str, Any], _shown(found), 201)


def get_action(request: Request) -> Response:
    """One with what became of it since it was agreed."""
    return shown(dict[str, Any], plain(drill_actions.one(request)))


async def post_change(request: Request) -> Response:
    wanted = await body_of(request, ChangedAction)
    await to_thread.run_sync(drill_actions.change, request, wanted)
    return await to_thread.run_sync(get_action, request)


async def post_withdraw(request: Request) -> Response:
    wanted = await body_of(request, Withdrawal)
    await to_thread.run_sync(drill_actions.withdraw, request, wanted)
    return await to_thread.run_sync(get_action, request)


async def post_done(request: Request) -> Response:
    row = await to_thread.run_sync(drill_actions.claim, request)
    found = await to_thread.run_sync(drill_actions.listed, request, row.drill)
    return shown(dict[str, Any], _shown(found))


def _shown(found: Standing) -> dict[str, object]:
    settled = [one for one in found.every if one.state in ("proved", "withdrawn")]
    closure = found.closure
    return {
        "items": [plain(tracked) for tracked in (*found.left, *settled)],
        "closure": {
            "drills": closure.drills,
            "found_in": closure.found_in,
            "actions": closure.actions,
            "acted": closure.acted,
            "proved": closure.proved,
            "overdue": closure.overdue,
            "withdrawn": closure.withdrawn,
        },
    }


ENDPOINTS: Final = (
    Endpoint(
        "GET",
        "/api/drill-actions",
        get_actions,
        Role.VIEWER,
        "drills",
        "The actions that drills left to be done, the next due first, and how many were acted on and proved; with"
        " `script` those that the next drill of it could prove.",
        query=ActionQuery,
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
        "GET",
        "/api/drill-actions/{action}",
        get_action,
        Role.VIEWER,
        "drills",
        "One action as it stands, as it was agreed, and each change with who and when.",
        answer=dict[str, Any],
    ),
    Endpoint(
        "POST",
        "/api/drill-actions/{action}/change",
        post_change,
        Role.COMMANDER,
        "drills",
        "Change an action: its words, owner, days, element or measure. Not one that is proved or withdrawn.",
        body=ChangedAction,
        answer=dict[str, Any],
    ),
    Endpoint(
        "POST",
        "/api/drill-actions/{action}/withdraw",
        post_withdraw,
        Role.COMMANDER,
        "drills",
        "Withdraw an action, with the reason.",
        body=Withdrawal,
        answer=dict[str, Any],
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
