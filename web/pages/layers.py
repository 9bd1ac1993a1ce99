"""The rotations of a roster in a form: one part for each layer, and an empty one for the next.

What does not fit into the form (more than five layers) is edited as a file: `incident dump`, `incident load`.
"""

from __future__ import annotations

from typing import Final

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from incident.errors import IncidentError, Refused, Unknown, why
from incident.organisation import Role
from incident.roster import Roster, Weekday
from web import rostering
from web.auth import needs, who
from web.house import house_of
from web.pages.forms import Form, posted, refused
from web.pages.layer_fields import MOST, at_fields, layers_of, required_of, typed_of
from web.pages.rostering import version_of
from web.pages.rosters import roster_of
from web.pages.skills import known_skills
from web.render import page, reader_of
from web.rostering import Effect


@needs(Role.COMMANDER)
def show(request: Request) -> HTMLResponse:
    return _page(request, roster_of(request), None, None)


@needs(Role.COMMANDER)
async def post(request: Request) -> Response:
    roster, values, house = roster_of(request), await posted(request), house_of(request)
    try:
        if len(roster.layers) > MOST:
            raise Refused(why("rota.too_many_layers"))
        wanted = layers_of(values, house.directory.organisation())
        zone = values.get("timezone", "").strip() or roster.timezone
        plan = rostering.layers(roster.id, wanted, zone, required_of(values))
        if values.get("do") == "look":
            seen = await rostering.effect(house, plan)
            typed = Form("layers", values, {}, 200, "", ())
            return await to_thread.run_sync(_page, request, roster, typed, seen)
        await rostering.save(house, who(request), plan, version_of(values))
    except Unknown:
        raise
    except IncidentError as error:
        placed = at_fields(error, house.directory.organisation(), roster)
        form = refused("layers", values, placed, reader_of(request).words)
        return await to_thread.run_sync(_page, request, roster, form, None)
    return RedirectResponse(f"/on-call/roster/{roster.id}", 303)


def _page(request: Request, roster: Roster, form: Form | None, effect: Effect | None) -> HTMLResponse:
    house, reader = house_of(request), reader_of(request)
    version, organisation = house.directory.version, house.directory.organisation()
    return page(
        request,
        "layers.html",
        status=form.status if form else 200,
        roster=roster,
        typed=form or Form("layers", typed_of(roster), {}, 200, "", ()),
        form=form,
        refused=form if form and form.detail else None,
        effect=effect,
        version=version,
        numbers=range(min(MOST, len(roster.layers) + 1)),
        too_many=len(roster.layers) > MOST,
        weekdays=[(str(day), reader.words.t(f"weekday.{day}")) for day in Weekday],
        people={person.id: person.name for person in organisation.people},
        known=known_skills(organisation),
    )


ROUTES: Final = [
    Route("/on-call/roster/{roster}/edit", show),
    Route("/on-call/{roster}/layers", post, methods=["POST"]),
]
