"""Scripts of one's own: made of an incident that is over, and taken away again. Files come in by `drill add`."""

from __future__ import annotations

from typing import Final

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from drills import own
from drills.script.lint import Shelf
from incident.organisation import Role
from incident.store.engine import changing
from web.auth import needs, who
from web.house import house_of
from web.pages.forms import posted
from web.starting import made_of


@needs(Role.COMMANDER)
async def make(request: Request) -> Response:
    """The same again makes the next version, if anything has changed."""
    values = await posted(request)
    await to_thread.run_sync(_make, request, values.get("incident", ""))
    return RedirectResponse("/drills#scripts", 303)


def _make(request: Request, name: str) -> None:
    house = house_of(request)
    library, made = house.library, made_of(house, name)
    shelf = Shelf({one.id: one for one in library.playbooks()}, {one.id: one for one in library.policies()})
    with changing(house.engine) as connection:
        own.keep_made(connection, made, shelf, house.clock.now(), who(request).by)


@needs(Role.COMMANDER)
async def remove(request: Request) -> Response:
    await to_thread.run_sync(_remove, request)
    return RedirectResponse("/drills#scripts", 303)


def _remove(request: Request) -> None:
    house = house_of(request)
    with changing(house.engine) as connection:
        own.take_away(connection, request.path_params["name"], house.clock.now(), who(request).by)


ROUTES: Final = [
    Route("/drills/scripts", make, methods=["POST"]),
    Route("/drills/scripts/{name}/remove", remove, methods=["POST"]),
]
