"""Planning a drill ahead, and its page: what it is for, when, where, who, and the buttons to change or start it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from drills.ahead import Plan, usual
from drills.ahead_said import local
from incident.errors import IncidentError, Unknown
from incident.organisation import Role
from incident.record.row import name_of
from incident.store.drill_plans import PLANNED, PlanRow
from web import ahead, observing
from web.ahead import LIVE_FORM, Cancelled, Go, Read
from web.auth import needs, who
from web.bodies import Nothing
from web.drilling import room_of
from web.house import house_of
from web.pages.forms import Form, body_of, posted, refused
from web.problems import Denied
from web.render import page, reader_of
from web.starting import asked, paged_now
from web.wire import parse

_LOCAL: Final = "%Y-%m-%dT%H:%M"
_HOUR: Final = 10
"""Proposed is tomorrow at this hour, at the unit."""


@needs(Role.COMMANDER)
def ask(request: Request) -> HTMLResponse:
    """Proposes as players those whom the first message would page now, and whoever asks as control."""
    return _asked(request, dict(request.query_params), None)


def _asked(request: Request, wanted: dict[str, str], form: Form | None) -> HTMLResponse:
    found, visitor, reader = (
        asked(request, wanted.get("script", ""), wanted.get("unit")),
        who(request),
        reader_of(request),
    )
    said = usual(found["script"], reader.words)
    zone = _zone(request, found["unit"])
    tomorrow = (reader.now.astimezone(ZoneInfo(zone)) + timedelta(days=1)).replace(hour=_HOUR, minute=0)
    values = {
        "form": "tabletop",
        "unit": found["unit"],
        "profile": found["standard"],
        "start": tomorrow.strftime(_LOCAL),
        "timezone": zone,
        "place": "",
        "evaluators": "",
        "players": "\n".join(person for person in found["people"] if person != visitor.name),
        "controllers": visitor.name if visitor.person else "",
        "aim": said.aim,
        "flow": said.flow,
        "expected": said.expected,
    }
    return page(
        request,
        "drill_ahead_new.html",
        form=form,
        status=form.status if form else 200,
        script=found["script"],
        values=values,
        units=found["units"],
        profiles=[(one, says) for one, says, _ in found["profiles"]],
    )


@needs(Role.COMMANDER)
async def add(request: Request) -> Response:
    values = await posted(request)
    try:
        row = await to_thread.run_sync(ahead.add, request, parse(Plan, body_of(values)))
    except IncidentError as error:
        form = refused("new", values, error, reader_of(request).words)
        return await to_thread.run_sync(_asked, request, {"script": values.get("script", "")}, form)
    return RedirectResponse(f"/drills/plans/{row.id}", 303)


@needs(Role.VIEWER)
def show(request: Request) -> HTMLResponse:
    """Nothing here tells a player what will happen."""
    return _page(request, None)


def _page(request: Request, form: Form | None) -> HTMLResponse:
    house, reader, row = house_of(request), reader_of(request), ahead.found(request)
    organisation = house.directory.organisation()
    said, script = ahead.said_of(house, row, reader.words.locale)
    unit = organisation.unit(row.unit)
    may = ahead.may_change(request, row)
    briefed = ahead.briefed(request, row)
    mine = next((one for one in briefed if one.person == who(request).person), None)
    people = [
        (key, ahead.names_of(organisation, getattr(row, key))) for key in ("players", "controllers", "evaluators")
    ]
    return page(
        request,
        "drill_ahead.html",
        row=row,
        said=said,
        script=script,
        when=local(row),
        unit=reader.text(unit.name) if unit else row.unit,
        people=people,
        by=reader.words.say("made_by", name_of(row.by.removeprefix("person:"), organisation) or row.by),
        **_ways_on(request, row),
        briefed=[(one, name_of(one.person, organisation)) for one in briefed],
        untold=[one for one in briefed if not one.is_told],
        lacking=[name_of(one.person, organisation) for one in briefed if not one.holds],
        mine=mine if row.state == PLANNED else None,
        form=form,
        status=form.status if form else 200,
        may=may,
        **(_form(request, row, said) if may and script else {"values": None, "paged": []}),
    )


def _ways_on(request: Request, row: PlanRow) -> dict[str, str | None]:
    """Where a drill that has begun is run and where it is evaluated, for whoever would be let in there."""
    visitor = who(request)
    console = visitor.may(Role.COMMANDER) and visitor.person not in row.players
    observe = row.drill is not None and visitor.may(Role.RESPONDER) and visitor.person in row.evaluators
    return {
        "console": ahead.console_of(row) if console else None,
        "observe": observing.link_for(house_of(request), row.drill or "") if observe else None,
    }


def _form(request: Request, row: PlanRow, said: Any) -> dict[str, Any]:
    """The form to change it, filled, and whom it would page now."""
    found, house = asked(request, row.script, row.unit), house_of(request)
    organisation = house.directory.organisation()
    people = {
        key: "\n".join(ahead.names_of(organisation, getattr(row, key)))
        for key in ("players", "controllers", "evaluators")
    }
    start: datetime = row.starts_at.astimezone(ZoneInfo(row.zone))
    values = {"form": row.form, "unit": row.unit, "profile": row.profile, "timezone": row.zone, "place": row.place}
    said_of = {"aim": said.aim, "flow": said.flow, "expected": said.expected, "start": start.strftime(_LOCAL)}
    outside = room_of(house).outside()
    paged = paged_now(found["script"], outside, house, reader_of(request).words.locale)
    return {
        "values": values | said_of | people,
        "units": found["units"],
        "profiles": [(one, says) for one, says, _ in found["profiles"]],
        "paged": paged if row.form == LIVE_FORM else [],
    }


def _zone(request: Request, unit: str) -> str:
    found = house_of(request).directory.organisation().unit(unit)
    return found.timezone if found else who(request).timezone


def _doing(name: str, model: Any, do: Callable[[Request, Any], PlanRow], role: Role = Role.COMMANDER) -> Any:
    """A form of the plan's page: what was refused stands there again with what was typed."""

    @needs(role)
    async def handler(request: Request) -> Response:
        values = await posted(request)
        try:
            row = await to_thread.run_sync(do, request, parse(model, body_of(values)))
        except (Unknown, Denied):
            raise
        except IncidentError as error:
            form = refused(name, values, error, reader_of(request).words)
            return await to_thread.run_sync(_page, request, form)
        there = ahead.console_of(row) if name == "start" else None
        return RedirectResponse(there or f"/drills/plans/{row.id}", 303)

    return handler


ROUTES: Final = [
    Route("/drills/plans/new", ask),
    Route("/drills/plans", add, methods=["POST"]),
    Route("/drills/plans/{plan}", show),
    Route("/drills/plans/{plan}", _doing("change", Plan, ahead.change), methods=["POST"]),
    Route("/drills/plans/{plan}/cancel", _doing("cancel", Cancelled, ahead.cancel), methods=["POST"]),
    Route("/drills/plans/{plan}/briefing", _doing("briefing", Nothing, ahead.send), methods=["POST"]),
    Route(
        "/drills/plans/{plan}/acknowledge",
        _doing("acknowledge", Read, ahead.acknowledge, Role.VIEWER),
        methods=["POST"],
    ),
    Route("/drills/plans/{plan}/start", _doing("start", Go, ahead.start), methods=["POST"]),
]
