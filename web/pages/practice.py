"""Practising alone: what there is to practise, one practice as it goes on, and how it went."""

from __future__ import annotations

from typing import Final

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from drills import own
from incident.errors import IncidentError, Unknown
from incident.marks import practised
from incident.organisation import Role
from incident.record.row import name_of
from incident.store.engine import reading
from web import practice
from web.auth import needs, who
from web.house import house_of
from web.pages.console import REFRESH_S
from web.pages.drills import shipped_scripts
from web.pages.forms import Form, body_of, posted, refused
from web.problems import Denied
from web.render import page, reader_of
from web.wire import parse

PATH: Final = "/drills/practice"


@needs(Role.RESPONDER)
def ask(request: Request) -> HTMLResponse:
    return _asked(request, None)


def _asked(request: Request, form: Form | None) -> HTMLResponse:
    house = house_of(request)
    with reading(house.engine) as connection:
        added = own.listed(connection)
    organisation = house.directory.organisation()
    playbooks = {one.id: reader_of(request).text(one.name) for one in house.library.playbooks()}
    mine = practice.listed(request)
    return page(
        request,
        "practice.html",
        scripts=[one for one in (*added, *shipped_scripts()) if one.playbook in playbooks],
        closed=practice.closed(house),
        mine=mine,
        going_on=next((one for one in mine if one.goes_on and one.person == who(request).person), None),
        playbooks=playbooks,
        everybody=who(request).may(Role.ADMIN),
        name_of=lambda person: name_of(person, organisation),
        form=form,
        status=form.status if form else 200,
    )


@needs(Role.RESPONDER)
async def start(request: Request) -> Response:
    """To the incident, which waits for an answer."""
    values = await posted(request)
    try:
        found = await to_thread.run_sync(practice.start, request, parse(practice.Begin, body_of(values)))
    except IncidentError as error:
        form = refused("start", values, error, reader_of(request).words)
        return await to_thread.run_sync(_asked, request, form)
    return RedirectResponse(f"/incidents/{found.row.incident}", 303)


@needs(Role.RESPONDER)
def show(request: Request) -> HTMLResponse:
    return _shown(request, None)


def _shown(request: Request, form: Form | None) -> HTMLResponse:
    found = practice.opened(request)
    view = practice.shown_as(request, found)
    return page(
        request,
        "practised.html",
        view=view,
        own=who(request).person == practised(found.row.mark)[0],
        position=found.entries[-1].position if found.entries else 0,
        every=REFRESH_S,
        form=form,
        status=form.status if form else 200,
    )


@needs(Role.RESPONDER)
async def act(request: Request) -> Response:
    """Back to the incident while it goes on, else to how it went."""
    values = await posted(request)
    try:
        await to_thread.run_sync(practice.do, request, parse(practice.Wanted, body_of(values)))
    except (Unknown, Denied):
        raise
    except IncidentError as error:
        form = refused("act", values, error, reader_of(request).words)
        return await to_thread.run_sync(_shown, request, form)
    if values.get("act") in ("end", "give_up"):
        return RedirectResponse(f"{PATH}/{request.path_params['practice']}", 303)
    found = await to_thread.run_sync(practice.opened, request)
    return RedirectResponse(f"/incidents/{found.row.incident}", 303)


ROUTES: Final = [
    Route(PATH, ask),
    Route(PATH, start, methods=["POST"]),
    Route(f"{PATH}/{{practice}}", show),
    Route(f"{PATH}/{{practice}}", act, methods=["POST"]),
]
