"""Starting a live drill, and its console for the controllers: the script as a line of time, to send and to observe."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from incident.errors import IncidentError, Unknown
from incident.organisation import Role
from web import console
from web.auth import needs
from web.house import house_of
from web.observing import link_of
from web.pages.forms import Form, body_of, posted, refused
from web.problems import Denied
from web.proving import proving
from web.render import page, reader_of
from web.starting import asked
from web.wire import parse

REFRESH_S: Final = 5


@needs(Role.COMMANDER)
def ask(request: Request) -> HTMLResponse:
    """Says once what will happen. `?script=` is one of those that come with the product, `?unit=` plays it."""
    return _asked(request, dict(request.query_params), None)


def _asked(request: Request, wanted: Mapping[str, str], form: Form | None) -> HTMLResponse:
    found = asked(request, wanted.get("script", ""), wanted.get("unit"))
    could = proving(request, found["script"], "live")
    return page(request, "drill_start.html", form=form, status=form.status if form else 200, **found, **could)


@needs(Role.COMMANDER)
async def start(request: Request) -> Response:
    values = await posted(request)
    try:
        wanted = parse(console.Start, body_of(values))
        name = await to_thread.run_sync(console.start, request, wanted)
    except IncidentError as error:
        form = refused("start", values, error, reader_of(request).words)
        return await to_thread.run_sync(_asked, request, values, form)
    return RedirectResponse(f"/drills/{name}/console", 303)


@needs(Role.COMMANDER)
def show(request: Request) -> HTMLResponse:
    return _console(request, None)


def _console(request: Request, form: Form | None) -> HTMLResponse:
    found = console.opened(request)
    view = console.shown_as(request, found)
    return page(
        request,
        "drill_console.html",
        view=view,
        title=found.script.name,
        observe=link_of(house_of(request), found.row.mark),
        position=found.entries[-1].position if found.entries else 0,
        every=REFRESH_S,
        form=form,
        status=form.status if form else 200,
        **proving(request, found.script, "live"),
    )


@needs(Role.COMMANDER)
async def act(request: Request) -> Response:
    values = await posted(request)
    try:
        deed = parse(console.Deed, body_of(values))
        await to_thread.run_sync(console.do, request, deed)
    except (Unknown, Denied):
        raise
    except IncidentError as error:
        form = refused("act", values, error, reader_of(request).words)
        return await to_thread.run_sync(_console, request, form)
    mark = f"#inject-{deed.inject}" if deed.inject else ""
    return RedirectResponse(f"/drills/{request.path_params['drill']}/console{mark}", 303)


ROUTES: Final = [
    Route("/drills/start", ask),
    Route("/drills/start", start, methods=["POST"]),
    Route("/drills/{drill}/console", show),
    Route("/drills/{drill}/console", act, methods=["POST"]),
]
