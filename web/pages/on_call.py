"""Who is on duty in each unit, the shifts of the coming week, and who stands in for whom."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from incident.organisation import OnCall, Organisation, Role
from incident.record.naming import sentence
from incident.record.row import name_of
from incident.roster import Roster, Shift, shifts
from web.auth import needs
from web.house import house_of
from web.render import page, reader_of
from web.say import Reader

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
    house, reader = house_of(request), reader_of(request)
    organisation = house.directory.organisation()
    lines = [_line(line, organisation, reader) for line in organisation.on_call(reader.now)]
    return page(
        request,
        "on_call.html",
        lines=lines,
        names={person.id: person.name for person in organisation.people},
    )


def _line(now: OnCall, organisation: Organisation, reader: Reader) -> Line:
    roster = organisation.roster_named(now.roster)
    unit = organisation.unit(now.unit)
    assert roster is not None
    assert unit is not None
    coming = shifts(roster, reader.now, reader.now + WEEK, organisation.absent_on(roster))
    primary, secondary = (name_of(person, organisation) for person in (now.primary, now.secondary))

    def says(shift: Shift) -> str:
        return sentence(shift.reason, organisation, reader.words)

    because = sentence(now.why, organisation, reader.words) if now.why else None
    return Line(roster, now, reader.text(unit.name), primary, secondary, because, coming, says)


ROUTES: Final = [Route("/on-call", show)]
