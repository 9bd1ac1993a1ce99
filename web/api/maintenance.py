"""Planned maintenance: the windows as one document, and each of them by itself."""

from __future__ import annotations

from typing import Final

from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response

from incident.errors import BadInput, Fault, why
from incident.maintenance import Window, Windows
from incident.organisation import Role
from web import windows
from web.auth import who
from web.endpoint import Endpoint
from web.house import house_of
from web.wire import answered, body_of, dump, shown


def get(request: Request) -> Response:
    directory = house_of(request).directory
    found = directory.windows()
    return answered(dump(Windows, found), headers={"etag": f'"{directory.windows_version}"'})


async def put(request: Request) -> Response:
    wanted = request.headers.get("if-match", "").strip('"')
    if wanted and not (wanted.isascii() and wanted.isdecimal()):
        raise BadInput(Fault("/headers/if-match", why("api.not_a_version")))
    new = await body_of(request, Windows)
    expected = int(wanted) if wanted else None
    version = await windows.change(house_of(request), who(request), lambda _: new, expected)
    return answered(to_json({"version": version}), headers={"etag": f'"{version}"'})


async def post(request: Request) -> Response:
    window = await body_of(request, Window)
    await windows.add(house_of(request), who(request), window)
    return shown(Window, window, 201)


async def end(request: Request) -> Response:
    await windows.end(house_of(request), who(request), request.path_params["window"])
    return shown(Window, windows.known(house_of(request).directory.windows(), request.path_params["window"]))


async def delete(request: Request) -> Response:
    await windows.remove(house_of(request), who(request), request.path_params["window"])
    return Response(status_code=204)


_TAG: Final = "maintenance"
_ALL: Final = "/api/maintenance"

ENDPOINTS: Final = (
    Endpoint("GET", _ALL, get, Role.VIEWER, _TAG, "All windows; the ETag is their version.", answer=Windows),
    Endpoint(
        "PUT",
        _ALL,
        put,
        Role.COMMANDER,
        _TAG,
        "Replace all windows, or none; with If-Match only if nobody has saved since.",
        body=Windows,
        answer=dict[str, int],
    ),
    Endpoint("POST", _ALL, post, Role.COMMANDER, _TAG, "Plan a window.", body=Window, answer=Window, status=201),
    Endpoint(
        "POST",
        f"{_ALL}/{{window}}/end",
        end,
        Role.COMMANDER,
        _TAG,
        "End what is open now: all that it holds back is paged.",
        answer=Window,
    ),
    Endpoint(
        "DELETE",
        f"{_ALL}/{{window}}",
        delete,
        Role.COMMANDER,
        _TAG,
        "Take a window away: all that it holds back is paged.",
        status=204,
    ),
)
