"""How people were told: the page of a period, and the form with which a reviewer judges one incident."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Final

from anyio import to_thread
from pydantic import Field
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from incident.errors import IncidentError, Unknown
from incident.organisation import Role
from incident.store.communication import MOST
from web.acts import act
from web.api.statistics import read_on
from web.auth import needs, who
from web.bodies import Body
from web.communication import period
from web.house import house_of
from web.pages.forms import body_of, posted, refused
from web.pages.review import review_page
from web.render import page, reader_of
from web.wire import parse

PATH: Final = "/communication"
SPANS: Final = (7, 30, 90, 365)
"""Days that may be chosen between."""


class Asked(Body):
    """Of how many days until now."""

    days: Annotated[int, Field(ge=1, le=400)] = 90


@needs(Role.VIEWER)
def show(request: Request) -> HTMLResponse:
    house, reader = house_of(request), reader_of(request)
    given = {name: request.query_params[name] for name in ("days",) if name in request.query_params}
    days = parse(Asked, given, "/query").days
    now = house.clock.now()
    organisation = house.directory.organisation()
    units = {unit.id: reader.text(unit.name) for unit in organisation.units}
    found = period(house, now - timedelta(days=days), now, read_on(house))
    return page(request, "communication.html", found=found, days=days, spans=SPANS, units=units, most=MOST)


@needs(Role.RESPONDER)
async def judge(request: Request) -> Response:
    """Refused, the report is shown again with what was typed."""
    values = await posted(request)
    name = request.path_params["id"]
    try:
        await act(house_of(request), who(request), name, "judge-communication", body_of(values))
    except Unknown:
        raise
    except IncidentError as error:
        form = refused("judge-communication", values, error, reader_of(request).words)
        return await to_thread.run_sync(review_page, request, form)
    return RedirectResponse(f"/incidents/{name}/report#communication", 303)


ROUTES: Final = [Route(PATH, show), Route("/incidents/{id}/report/communication", judge, methods=["POST"])]
