"""The contact sheet (S49): whom to call in which order when nothing else works. Made to be printed and kept at hand.

The order is that of the ladder: the unit, then the units above it up to headquarters; on each roster who is on duty,
who is next, then the others. Numbers are for responders only, as everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from incident.errors import Unknown
from incident.organisation import Organisation, Person, Role, Unit
from incident.organisation.skills import valid
from incident.roster import Roster, Shift
from web.auth import needs, who
from web.house import house_of
from web.render import page, reader_of


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody on a roster; `place` is primary, secondary or all."""

    person: Person
    place: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A roster with everybody on it, in the order in which they are called."""

    unit: Unit
    roster: Roster
    people: tuple[Contact, ...]


@needs(Role.VIEWER)
def show(request: Request) -> HTMLResponse:
    house, reader = house_of(request), reader_of(request)
    organisation = house.directory.organisation()
    wanted = request.query_params.get("unit", "")[:60]
    if wanted and organisation.unit(wanted) is None:
        raise Unknown("unit", wanted)
    names = (wanted, *organisation.ancestors(wanted)) if wanted else tuple(unit.id for unit in organisation.units)
    return page(
        request,
        "contacts.html",
        sheets=[sheet for name in names for sheet in sheets(organisation, name, reader.now)],
        units=[("", reader.words.t("contacts.everybody")), *((u.id, reader.text(u.name)) for u in organisation.units)],
        wanted=wanted,
        open_book=who(request).may(Role.RESPONDER),
        valid=lambda skill, person: valid(skill, person.timezone, reader.now),
    )


def sheets(organisation: Organisation, name: str, now: datetime) -> list[Sheet]:
    unit = organisation.unit(name)
    rosters = [roster for roster in organisation.rosters if roster.unit == name]
    return [Sheet(unit, roster, _people(organisation, roster, now)) for roster in rosters] if unit else []


def _people(organisation: Organisation, roster: Roster, now: datetime) -> tuple[Contact, ...]:
    duty = organisation.duty(roster, now)
    first = {shift.person: (place, shift.end) for place, shift in _two(duty.primary, duty.secondary) if shift}
    found: list[Contact] = []
    for name in dict.fromkeys((*duty.all, *roster.people)):
        person = organisation.person(name)
        if person is not None:
            place, until = first.get(name, ("all", None))
            found.append(Contact(person, place, until))
    return tuple(found)


def _two(primary: Shift | None, secondary: Shift | None) -> tuple[tuple[str, Shift | None], ...]:
    return ("primary", primary), ("secondary", secondary)


ROUTES: Final = [Route("/on-call/contacts", show)]
