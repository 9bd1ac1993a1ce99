"""The links of a drill's guests, by program: the same as on the page."""

from __future__ import annotations

from typing import Any, Final

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response

from incident.organisation import Role
from web import guests
from web.endpoint import Endpoint
from web.wire import body_of, listed, shown


def get_list(request: Request) -> Response:
    return listed(dict[str, Any], guests.listed(request))


async def post(request: Request) -> Response:
    wanted = await body_of(request, guests.Invited)
    guest, link = await to_thread.run_sync(guests.add, request, wanted)
    return shown(dict[str, Any], guest | {"link": link}, 201)


def delete(request: Request) -> Response:
    guests.remove(request)
    return Response(status_code=204)


ENDPOINTS: Final = (
    Endpoint(
        "GET",
        "/api/drills/{drill}/guests",
        get_list,
        Role.COMMANDER,
        "drills",
        "Who was given a link to watch this drill, live or tabletop; without the links themselves.",
        answer=dict[str, Any],
        many=True,
    ),
    Endpoint(
        "POST",
        "/api/drills/{drill}/guests",
        post,
        Role.COMMANDER,
        "drills",
        "A link by which somebody from outside watches this one drill. The answer is the only place where it stands.",
        body=guests.Invited,
        answer=dict[str, Any],
        status=201,
    ),
    Endpoint(
        "DELETE",
        "/api/drills/{drill}/guests/{guest}",
        delete,
        Role.COMMANDER,
        "drills",
        "Take a guest's link back, at once.",
        status=204,
    ),
)
