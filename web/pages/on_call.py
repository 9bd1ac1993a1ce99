"""Who is on duty in each unit, the shifts of the coming week, and who stands in for whom."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from incident.errors import BadInput, Fault, IncidentError, Unknown, why
from incident.organisation import OnCall, Organisation, Role
from incident.record.naming import sentence
from incident.record.row import name_of
from incident.roster import Override, Roster, Shift, shifts
from web import directory
from web.auth import needs, who
from web.house import house_of
from web.pages.forms import Form, body_of, posted, refused
from web.render import page, reader_of
from web.say import Reader
from web.wire import parse

WEEK: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Line:
    """One roster: who is on duty and why, who is next."""

    roster: Roster
    now: OnCall
    unit: str
    primary: str | None
    secondary: str | None
    because: str | None
    shifts: tuple[Shift, ...]
    why: Callable[[Shift], str]


@needs(Role.VIEWER)
def show(request: Request) -> HTMLResponse:
    return _page(request, None)


@needs(Role.COMMANDER)
async def add(request: Request) -> Response:
    """Times of the form are local times of the roster's own zone, as the page says beside them."""
    name, values = request.path_params["roster"], await posted(request)
    try:
        zone = ZoneInfo(_roster(request, name).timezone)
        body = body_of(values)
        body |= {key: _instant(values.get(key, ""), key, zone) for key in ("start", "end")}
        await directory.add_override(house_of(request), who(request), name, parse(Override, body))
    except Unknown:
        raise
    except IncidentError as error:
        return _page(request, refused(name, values, error, reader_of(request).words))
    return RedirectResponse(f"/on-call#{name}", 303)


@needs(Role.COMMANDER)
async def remove(request: Request) -> Response:
    name, values = request.path_params["roster"], await posted(request)
    try:
        start = datetime.fromisoformat(values.get("start", ""))
    except ValueError:
        raise BadInput(Fault("/start", why("intake.not_a_time"))) from None
    await directory.remove_override(house_of(request), who(request), name, start, values.get("person", ""))
    return RedirectResponse(f"/on-call#{name}", 303)


def _page(request: Request, form: Form | None) -> HTMLResponse:
    house, reader, visitor = house_of(request), reader_of(request), who(request)
    organisation = house.directory.organisation()
    lines = [_line(line, organisation, reader) for line in organisation.on_call(reader.now)]
    return page(
        request,
        "on_call.html",
        status=form.status if form else 200,
        lines=lines,
        form=form,
        may=visitor.may(Role.COMMANDER),
        names={person.id: person.name for person in organisation.people},
        people=[(p.id, p.name) for p in organisation.people if p.role is not Role.VIEWER],
        local=_local,
    )


def _line(now: OnCall, organisation: Organisation, reader: Reader) -> Line:
    roster = organisation.roster_named(now.roster)
    unit = organisation.unit(now.unit)
    assert roster is not None
    assert unit is not None
    coming = shifts(roster, reader.now, reader.now + WEEK, organisation.absent)
    primary, secondary = (name_of(person, organisation) for person in (now.primary, now.secondary))

    def says(shift: Shift) -> str:
        return sentence(shift.reason, organisation, reader.words)

    because = sentence(now.why, organisation, reader.words) if now.why else None
    return Line(roster, now, reader.text(unit.name), primary, secondary, because, coming, says)


def _roster(request: Request, name: str) -> Roster:
    roster = house_of(request).directory.organisation().roster_named(name)
    if roster is None:
        raise Unknown("roster", name[:60])
    return roster


def _instant(text: str, field: str, zone: ZoneInfo) -> str:
    """What a `datetime-local` field holds, as an instant of the roster's zone."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=zone).isoformat()
    except ValueError:
        raise BadInput(Fault(f"/{field}", why("intake.not_a_time"))) from None


def _local(at: datetime, roster: Roster) -> str:
    """A time in the roster's own zone, as `datetime-local` fields want it."""
    return at.astimezone(ZoneInfo(roster.timezone)).strftime("%Y-%m-%dT%H:%M")


ROUTES: Final = [
    Route("/on-call", show),
    Route("/on-call/{roster}/overrides", add, methods=["POST"]),
    Route("/on-call/{roster}/overrides/remove", remove, methods=["POST"]),
]
