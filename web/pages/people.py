"""Who works here and by which ways they can be reached. Numbers are shown to responders only."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from incident.levels import Level
from incident.organisation import Person, Role, WayKind
from incident.organisation.skills import valid
from web.auth import needs, who
from web.house import house_of
from web.pages.ways import state_of
from web.render import page, reader_of


@needs(Role.VIEWER)
def show(request: Request) -> HTMLResponse:
    organisation, reader = house_of(request).directory.organisation(), reader_of(request)
    on_duty: dict[str, list[str]] = {}
    for line in organisation.on_call(reader.now):
        unit = organisation.unit(line.unit)
        if line.primary and unit:
            function = reader.words.say("function", line.function)
            on_duty.setdefault(line.primary, []).append(f"{reader.text(unit.name)} · {function}")
    return page(
        request,
        "people.html",
        people=organisation.people,
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


def _ways(person: Person) -> tuple[str, ...]:
    """Which ways there are, each once: one alone is a weakness that should be seen."""
    return tuple(dict.fromkeys(str(way.kind) for way in person.ways if way.kind in WayKind))


ROUTES: Final = [Route("/people", show)]
