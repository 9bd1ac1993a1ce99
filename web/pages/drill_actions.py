"""The improvement plan of one drill that is over: its actions as they stand, and the form for another."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from drills.improving import Standing, choices, opened, standing
from incident.errors import IncidentError, Refused, Unknown
from incident.organisation import Role
from incident.playbooks.model import Playbook
from incident.store.engine import reading
from web import drill_actions
from web.auth import needs, who
from web.drill_actions import NewAction
from web.house import house_of
from web.pages.forms import Form, body_of, posted, refused
from web.problems import Denied
from web.render import page, reader_of
from web.wire import parse

ELEMENTS: Final = ("planning", "organisation", "equipment", "training", "exercise")


@needs(Role.VIEWER)
def show(request: Request) -> HTMLResponse:
    return _page(request, None)


@needs(Role.COMMANDER)
async def add(request: Request) -> Response:
    values = await posted(request)
    try:
        wanted = parse(NewAction, body_of(values))
        drill = await to_thread.run_sync(drill_actions.add, request, wanted)
    except (Unknown, Denied):
        raise
    except IncidentError as error:
        form = refused("new", values, error, reader_of(request).words)
        return await to_thread.run_sync(_page, request, form)
    return RedirectResponse(f"/drills/{drill}/plan", 303)


@needs(Role.RESPONDER)
async def done(request: Request) -> Response:
    """A button pressed twice does no more than once."""
    with suppress(Refused):
        await to_thread.run_sync(drill_actions.claim, request)
    return RedirectResponse("/drills#actions", 303)


def _page(request: Request, form: Form | None) -> HTMLResponse:
    house, reader = house_of(request), reader_of(request)
    playbooks = house.library.playbooks()
    organisation = drill_actions.organisation_of(house)
    with reading(house.engine) as connection:
        played, row = opened(connection, request.path_params["drill"])
        found = standing(connection, reader.now.date(), row.id)
    known = [played.playbook]
    measures = [(str(m), drill_actions.measure_says(str(m), known, row.playbook, reader)) for m in choices(played, row)]
    return page(
        request,
        "drill_plan.html",
        status=form.status if form else 200,
        script=played.script,
        row=row,
        form=form,
        measures=measures,
        people=[(p.id, p.name) for p in organisation.people if p.role is not Role.VIEWER] if organisation else [],
        elements=[(name, reader.words.t(f"drill.element.{name}")) for name in ELEMENTS],
        may=who(request).may(Role.COMMANDER),
        tracked=found.every,
        **helpers(request, found, [*known, *playbooks]),
    )


def helpers(request: Request, found: Standing, playbooks: Sequence[Playbook]) -> dict[str, Any]:
    """What the table of actions asks: a measure in words, and whose button it is."""
    organisation, reader = drill_actions.organisation_of(house_of(request)), reader_of(request)
    return {
        "measure_says": lambda row: drill_actions.measure_says(row.planned.measure, playbooks, row.playbook, reader),
        "may_claim": lambda row: drill_actions.may_claim(request, row, organisation),
        "closure": found.closure,
    }


ROUTES: Final = [
    Route("/drills/{drill}/plan", show),
    Route("/drills/{drill}/plan", add, methods=["POST"]),
    Route("/drills/actions/{action}/done", done, methods=["POST"]),
]
