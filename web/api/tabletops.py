"""Tabletops by program: the same start, console and acts as on the page."""

from __future__ import annotations

from typing import Any, Final

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response

from incident.organisation import Role
from web import sitting
from web.endpoint import Endpoint
from web.wire import body_of, shown


async def post_tabletop(request: Request) -> Response:
    wanted = await body_of(request, sitting.Sit)
    name = await to_thread.run_sync(sitting.start, request, wanted)
    return shown(dict[str, Any], {"name": name}, 201)


def get_tabletop(request: Request) -> Response:
    return shown(dict[str, Any], sitting.shown_as(request, sitting.opened(request)))


async def post_act(request: Request) -> Response:
    deed = await body_of(request, sitting.TableDeed)
    await to_thread.run_sync(sitting.do, request, deed)
    return await to_thread.run_sync(get_tabletop, request)


ENDPOINTS: Final = (
    Endpoint(
        "POST",
        "/api/tabletops",
        post_tabletop,
        Role.COMMANDER,
        "drills",
        "Start a tabletop. Nobody is paged; those who are listed never see the script.",
        body=sitting.Sit,
        answer=dict[str, Any],
        status=201,
    ),
    Endpoint(
        "GET",
        "/api/tabletops/{drill}",
        get_tabletop,
        Role.COMMANDER,
        "drills",
        "A tabletop as its facilitator sees it, script and all. Not for its participants.",
        answer=dict[str, Any],
    ),
    Endpoint(
        "POST",
        "/api/tabletops/{drill}/acts",
        post_act,
        Role.COMMANDER,
        "drills",
        "Run a tabletop: read or skip an inject, judge, pause, resume, end. The same again changes nothing.",
        body=sitting.TableDeed,
        answer=dict[str, Any],
    ),
)
