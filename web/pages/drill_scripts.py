"""Scripts of one's own: made of an incident that is over, and taken away again. Files come in by `drill add`."""

from __future__ import annotations

from typing import Final

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from drills import own
from drills.replay import script_of
from drills.score import profile
from drills.script.lint import Shelf
from incident.errors import Unknown
from incident.events import Graded
from incident.organisation import Role
from incident.store import board, log
from incident.store.engine import changing
from web.auth import needs, who
from web.drilling import room_of
from web.house import house_of
from web.pages.forms import posted


@needs(Role.COMMANDER)
async def make(request: Request) -> Response:
    """The same again makes the next version, if anything has changed."""
    values = await posted(request)
    await to_thread.run_sync(_make, request, values.get("incident", ""))
    return RedirectResponse("/drills#scripts", 303)


def _make(request: Request, name: str) -> None:
    house = house_of(request)
    outside, library = room_of(house).outside(), house.library
    shelf = Shelf({one.id: one for one in library.playbooks()}, {one.id: one for one in library.policies()})
    with changing(house.engine) as connection:
        listed = board.get(connection, name)
        entries = log.entries(log.of(connection, listed.incident)) if listed else []
        pinned = next((e.event.playbook_digest for e in entries if isinstance(e.event, Graded)), None)
        if pinned is None:
            raise Unknown("incident", name[:40])
        playbook = outside.plans.playbook(library.pinned_playbook(pinned).id)
        made = script_of(entries, playbook, outside, profile())
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
