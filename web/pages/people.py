"""Who works here and by which ways they can be reached. Numbers are shown to responders only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from incident.errors import Unknown
from incident.levels import Level
from incident.organisation import Organisation, Person, Role, Unit, WayKind
from incident.organisation.skills import valid
from incident.organisation.team import holders, members
from incident.words import LOCALES
from web.auth import needs, who
from web.house import house_of
from web.pages.forms import Form
from web.pages.ways import state_of
from web.render import page, reader_of
from web.say import Reader

NEW: Final = "person"
"""The form for somebody new."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What the fields of the form offer."""

    units: list[tuple[str, str]]
    roles: list[tuple[str, str]]
    locales: list[tuple[str, str]]


def choices(organisation: Organisation, reader: Reader) -> Choices:
    t = reader.words.t
    return Choices(
        [(unit.id, reader.text(unit.name)) for unit in organisation.units],
        [(str(role), t(f"role.{role}")) for role in Role],
        [(locale, t(f"language.{locale}")) for locale in LOCALES],
    )


@needs(Role.VIEWER)
def show(request: Request) -> HTMLResponse:
    return people_page(request, None)


def people_page(request: Request, form: Form | None) -> HTMLResponse:
    """`form` is that for somebody new, when it was refused. Blocks."""
    organisation, reader = house_of(request).directory.organisation(), reader_of(request)
    asked = _unit(organisation, request.query_params.get("unit", ""))
    on_duty: dict[str, list[str]] = {}
    for line in organisation.on_call(reader.now):
        unit = organisation.unit(line.unit)
        if line.primary and unit:
            function = reader.words.say("function", line.function)
            on_duty.setdefault(line.primary, []).append(f"{reader.text(unit.name)} · {function}")
    return page(
        request,
        "people.html",
        status=form.status if form else 200,
        form=form,
        choices=choices(organisation, reader),
        zone=reader.zone.key,
        people=[one for one in organisation.people if asked is None or one.unit == asked.id],
        unit=asked,
        team=_team(asked, organisation, reader.now) if asked else (),
        units={unit.id: reader.text(unit.name) for unit in organisation.units},
        on_duty=on_duty,
        open_book=who(request).may(Role.RESPONDER),
        ways_of=_ways,
        valid=lambda skill, person: valid(skill, person.timezone, reader.now),
        standings=organisation.ways,
        reach=lambda name: organisation.reach(name, Level.CRITICAL),
        state=state_of,
        admin=who(request).may(Role.ADMIN),
    )


def person_of(request: Request) -> Person:
    """Whom the path names. Raises Unknown."""
    name = str(request.path_params["person"])
    found = house_of(request).directory.organisation().person(name)
    if found is None:
        raise Unknown("person", name[:60])
    return found


def _unit(organisation: Organisation, name: str) -> Unit | None:
    """The one whose people are asked for; None for everybody's."""
    found = organisation.unit(name) if name else None
    if name and found is None:
        raise Unknown("unit", name[:60])
    return found


@dataclass(frozen=True, slots=True)
class Asked:
    """A line of a team's rule: of the skill, or without one of the people, how many are asked for and how many are."""

    skill: str
    asked: int
    held: int


def _team(unit: Unit, organisation: Organisation, now: datetime) -> list[Asked]:
    if unit.team is None:
        return []
    team = members(unit.id, organisation.people)
    size = [Asked("", unit.team.people, len(team))] if unit.team.people is not None else []
    return [*size, *(Asked(name, count, holders(team, name, now)) for name, count in unit.team.skills.items())]


def _ways(person: Person) -> tuple[str, ...]:
    """Which ways there are, each once: one alone is a weakness that should be seen."""
    return tuple(dict.fromkeys(str(way.kind) for way in person.ways if way.kind in WayKind))


ROUTES: Final = [Route("/people", show)]
