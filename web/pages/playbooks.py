"""The playbooks: which there are, what each kind at each level would get, and one page each."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from incident.errors import NoOrganisation, Unknown
from incident.levels import Kind, Level
from incident.organisation import Role
from incident.playbooks.coverage import coverage
from web.auth import needs
from web.drilled import last_drills
from web.house import house_of
from web.render import page, reader_of


@needs(Role.VIEWER)
def show(request: Request) -> HTMLResponse:
    playbooks, reader = house_of(request).library.playbooks(), reader_of(request)
    cells = coverage(playbooks)
    return page(
        request,
        "playbooks.html",
        playbooks=playbooks,
        kinds=tuple(Kind),
        cells=cells,
        names={playbook.id: reader.text(playbook.name) for playbook in playbooks},
        drilled=last_drills(house_of(request)),
        gaps=sum(not ids for ids in cells.values()),
        today=reader.now.date(),
    )


@needs(Role.VIEWER)
def show_one(request: Request) -> HTMLResponse:
    name, reader = request.path_params["id"], reader_of(request)
    playbook = next((p for p in house_of(request).library.playbooks() if p.id == name), None)
    if playbook is None:
        raise Unknown("playbook", name[:60])
    return page(
        request,
        "playbook.html",
        playbook=playbook,
        drilled=last_drills(house_of(request)),
        step_words={step.id: reader.text(step.text) for step in playbook.steps},
        every=tuple(Level),
        today=reader.now.date(),
        names=_names(request) if any(rung.people for rung in playbook.ladder) else {},
    )


def _names(request: Request) -> dict[str, str]:
    """Everybody's name; nobody's before an organisation was loaded."""
    try:
        return {person.id: person.name for person in house_of(request).directory.organisation().people}
    except NoOrganisation:
        return {}


ROUTES: Final = [Route("/playbooks", show), Route("/playbooks/{id}", show_one)]
