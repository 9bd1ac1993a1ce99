"""Drills that are planned ahead, for programs: the same as on the page."""

from __future__ import annotations

from typing import Any, Final

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response

from drills.ahead import Plan
from incident.organisation import Role
from web import ahead
from web.ahead import Cancelled, Go, Read
from web.bodies import Nothing
from web.endpoint import Endpoint
from web.wire import body_of, listed, shown


def get_plans(request: Request) -> Response:
    """The next one first."""
    return listed(dict[str, Any], ahead.listed(request))


async def post_plan(request: Request) -> Response:
    wanted = await body_of(request, Plan)
    row = await to_thread.run_sync(ahead.add, request, wanted)
    return shown(dict[str, Any], await to_thread.run_sync(ahead.as_json, request, row), 201)


def get_plan(request: Request) -> Response:
    return shown(dict[str, Any], ahead.as_json(request, ahead.found(request)))


async def post_change(request: Request) -> Response:
    wanted = await body_of(request, Plan)
    await to_thread.run_sync(ahead.change, request, wanted)
    return await to_thread.run_sync(get_plan, request)


async def post_cancel(request: Request) -> Response:
    wanted = await body_of(request, Cancelled)
    await to_thread.run_sync(ahead.cancel, request, wanted)
    return await to_thread.run_sync(get_plan, request)


async def post_briefing(request: Request) -> Response:
    wanted = await body_of(request, Nothing)
    await to_thread.run_sync(ahead.send, request, wanted)
    return await to_thread.run_sync(get_plan, request)


async def post_acknowledge(request: Request) -> Response:
    wanted = await body_of(request, Read)
    await to_thread.run_sync(ahead.acknowledge, request, wanted)
    return await to_thread.run_sync(get_plan, request)


async def post_start(request: Request) -> Response:
    """Pages people now if it is a live one."""
    wanted = await body_of(request, Go)
    await to_thread.run_sync(ahead.start, request, wanted)
    return await to_thread.run_sync(get_plan, request)


def _of_one(act: str, handler: Any, says: str, body: Any, role: Role = Role.COMMANDER) -> Endpoint:
    path = f"/api/drill-plans/{{plan}}/{act}"
    return Endpoint("POST", path, handler, role, "drills", says, body=body, answer=dict[str, Any])


ENDPOINTS: Final = (
    Endpoint(
        "GET",
        "/api/drill-plans",
        get_plans,
        Role.VIEWER,
        "drills",
        "Drills that are planned, the next one first.",
        answer=dict[str, Any],
        many=True,
    ),
    Endpoint(
        "POST",
        "/api/drill-plans",
        post_plan,
        Role.COMMANDER,
        "drills",
        "Plan a drill ahead. Nobody is paged.",
        body=Plan,
        answer=dict[str, Any],
        status=201,
    ),
    Endpoint(
        "GET",
        "/api/drill-plans/{plan}",
        get_plan,
        Role.VIEWER,
        "drills",
        "One plan: aim, time, place, people, flow, expected result. No inject is in it.",
        answer=dict[str, Any],
    ),
    _of_one("change", post_change, "Put another plan in its place, before it starts.", Plan),
    _of_one("cancel", post_cancel, "Cancel it, with the reason, before it starts.", Cancelled),
    _of_one("briefing", post_briefing, "Send the briefing to whoever takes part and was not told yet.", Nothing),
    _of_one("acknowledge", post_acknowledge, "You take part and have read it.", Read, Role.VIEWER),
    _of_one("start", post_start, "Start the drill from its plan: a live one pages people now.", Go),
)
