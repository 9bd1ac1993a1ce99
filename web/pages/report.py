"""The form for a new report."""

from __future__ import annotations

from typing import Any, Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from incident.errors import IncidentError
from incident.levels import Degree, Kind, Level
from incident.organisation import Role
from incident.report import MACHINES, Channel, Source
from web.auth import needs, who
from web.house import house_of
from web.pages.forms import Form, body_of, posted, refused
from web.render import page, reader_of
from web.reports import report

ONLY_DRY: Final = frozenset({"when", "format", "payload"})
"""Fields of the dry run's form, whose button for real leads here."""


@needs(Role.RESPONDER)
def show(request: Request) -> HTMLResponse:
    return _page(request, None)


@needs(Role.RESPONDER)
async def post(request: Request) -> Response:
    """Leads to the incident: the new one, or the open one that the report was folded into."""
    values = {name: value for name, value in (await posted(request)).items() if name not in ONLY_DRY}
    try:
        outcome = await report(house_of(request), who(request), body_of(values))
    except IncidentError as error:
        return _page(request, refused("report", values, error, reader_of(request).words))
    assert outcome.state is not None
    return RedirectResponse(f"/incidents/{outcome.state.id}", 303)


def _page(request: Request, form: Form | None) -> HTMLResponse:
    return page(request, "report.html", status=form.status if form else 200, form=form, **choices(request))


def choices(request: Request) -> dict[str, Any]:
    """What the fields of a report may be filled with."""
    house, reader = house_of(request), reader_of(request)
    t = reader.words.t
    return {
        "kinds": [(kind, t(f"kind.{kind}")) for kind in Kind],
        "channels": [(channel, t(f"channel.{channel}")) for channel in Channel if channel not in MACHINES],
        "sources": [(source, t(f"source.{source}")) for source in Source],
        "degrees": [(degree, t(f"impact.{degree}")) for degree in Degree],
        "level_words": [(level, f"{level.numeral} {t(f'level.{level}')}") for level in Level],
        "units": [(unit.id, reader.text(unit.name)) for unit in house.directory.organisation().units],
        "policies": [(policy.id, reader.text(policy.name)) for policy in house.library.policies()],
    }


ROUTES: Final = [Route("/report", show), Route("/report", post, methods=["POST"])]
