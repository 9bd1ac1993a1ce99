"""One action of an improvement plan: as it was agreed, as it stands, what became of it since, and the forms for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from drills import improving
from drills.actions import day_of
from incident.errors import IncidentError, Unknown
from incident.organisation import Organisation, Role
from incident.record.row import name_of
from incident.store.engine import reading
from web import drill_actions
from web.auth import needs, who
from web.drill_actions import ChangedAction, Withdrawal
from web.house import house_of
from web.pages.drill_actions import ELEMENTS
from web.pages.forms import Form, body_of, posted, refused
from web.problems import Denied
from web.render import page, reader_of
from web.say import Reader
from web.wire import parse

FIELDS: Final = ("action", "area", "owner", "start", "due", "element", "measure")
"""Of the plan, in the order in which the page shows them."""
_CHANGE: Final = "change"
_WITHDRAW: Final = "withdraw"


@needs(Role.VIEWER)
def show(request: Request) -> HTMLResponse:
    return _page(request, None)


@needs(Role.COMMANDER)
async def change(request: Request) -> Response:
    values = await posted(request)
    body = body_of(values)
    if "start" in values:
        body.setdefault("start", None)  # an emptied day is taken away; every other field left blank stays
    return await _done(request, _CHANGE, values, lambda: drill_actions.change(request, parse(ChangedAction, body)))


@needs(Role.COMMANDER)
async def withdraw(request: Request) -> Response:
    values = await posted(request)
    body = body_of(values)
    return await _done(request, _WITHDRAW, values, lambda: drill_actions.withdraw(request, parse(Withdrawal, body)))


async def _done(request: Request, name: str, values: dict[str, str], act: Callable[[], object]) -> Response:
    await to_thread.run_sync(drill_actions.one, request)
    try:
        await to_thread.run_sync(act)
    except (Unknown, Denied):
        raise
    except IncidentError as error:
        form = refused(name, values, error, reader_of(request).words)
        return await to_thread.run_sync(_page, request, form)
    return RedirectResponse(f"/drills/actions/{request.path_params['action']}", 303)


def _page(request: Request, form: Form | None) -> HTMLResponse:
    house, reader = house_of(request), reader_of(request)
    organisation = drill_actions.organisation_of(house)
    stands = drill_actions.one(request)
    row = stands.row
    with reading(house.engine) as connection:
        played, drill = improving.opened(connection, row.drill)
    known = [played.playbook]

    def measured(name: str | None) -> str:
        return drill_actions.measure_says(name, known, row.playbook, reader)

    may = who(request).may(Role.COMMANDER) and stands.state in ("open", "done")
    return page(
        request,
        "drill_action.html",
        status=form.status if form else 200,
        one=stands,
        row=row,
        drill=drill,
        script=played.script,
        form=form,
        may=may,
        may_claim=lambda row: drill_actions.may_claim(request, row, organisation),
        measure_says=lambda row: measured(row.planned.measure),
        said=lambda field, value: _said(field, value, reader, measured),
        history=[(c, speaker(c.by, organisation, reader), fields) for c, fields in improving.history(row)],
        fields=FIELDS,
        owner=_owner(organisation, row.planned.owner),
        people=_people(organisation, row.planned.owner),
        due=row.planned.due if day_of(row.planned.due) else "",
        measures=[(str(m), measured(str(m))) for m in improving.choices(played, drill)],
        elements=[(name, reader.words.t(f"drill.element.{name}")) for name in ELEMENTS],
    )


def speaker(by: str, organisation: Organisation | None, reader: Reader) -> str:
    """Who changed it: a person by name, a program by its key, or somebody at the machine itself."""
    sort, _, name = by.partition(":")
    if sort == "person":
        return (name_of(name, organisation) if organisation else None) or name
    return reader.words.t("improve.by_key", name=name) if sort == "key" else reader.words.t("improve.by_command")


def _said(field: str, value: str | None, reader: Reader, measured: Callable[[str | None], str]) -> str:
    if field == "measure":
        return measured(value)
    if value is None:
        return "–"
    return reader.words.t(f"drill.element.{value}") if field == "element" else value


def _owner(organisation: Organisation | None, written: str) -> str:
    found = improving.person_of(organisation, written)
    return found.id if found else written


def _people(organisation: Organisation | None, written: str) -> list[tuple[str, str]]:
    """Those who can own it; and the words that a file had in place of a person."""
    people = [(p.id, p.name) for p in organisation.people if p.role is not Role.VIEWER] if organisation else []
    owner = _owner(organisation, written)
    return people if owner in dict(people) else [(owner, written), *people]


ROUTES: Final = [
    Route("/drills/actions/{action}", show),
    Route("/drills/actions/{action}", change, methods=["POST"]),
    Route("/drills/actions/{action}/withdraw", withdraw, methods=["POST"]),
]
