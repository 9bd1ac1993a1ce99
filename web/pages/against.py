"""A closed incident as it was and its report today, one above the other; then what differs, in words."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from drills.against import SPANS
from incident.organisation import Role
from web.against import against
from web.auth import needs
from web.pages.playback import pictured
from web.render import page, reader_of
from web.time_scale import scale


@needs(Role.COMMANDER)
def show(request: Request) -> HTMLResponse:
    found = against(request)
    told = replace(reader_of(request), now=found.then.entries[0].at)
    places = scale(entry.at for tape in (found.then, found.today) for entry in tape.entries)
    seen, _, then = pictured(found.then, told, places)
    return page(
        request,
        "against.html",
        view=seen,
        found=found,
        told=told,
        then=then,
        today=pictured(found.today, told, places)[2],
        spans=SPANS,
        changed=not all(one.same for one in found.facts),
    )


ROUTES: Final = [Route("/incidents/{id}/against-today", show)]
