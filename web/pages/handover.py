"""The summary of a hand-over, for the screen and for paper; and for programs."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from incident.errors import Unknown
from incident.notify.handover import ROWS
from incident.organisation import Role
from incident.record.handover import HandOver, Which, change, hand_over
from incident.roster import Roster
from incident.state import Incident
from incident.store import holding, lineup
from incident.store.board import Filter
from incident.store.codec import UnreadableEntry
from incident.store.engine import reading
from web.auth import needs, who
from web.endpoint import Endpoint
from web.house import house_of
from web.render import page, reader_of
from web.wire import query_of, shown

JUST_NOW: Final = timedelta(hours=2)
"""For so long after a hand-over the page shows that one first, then the one to come. [assumed]"""


class Query(BaseModel):
    """`which`: the last hand-over or the next; left out, the one that is nearer to what one comes for."""

    model_config = ConfigDict(extra="forbid")

    roster: str = Field(max_length=60)
    which: Literal["last", "next"] | None = None


def get(request: Request) -> Response:
    """404 for a roster that nobody knows, and where nobody hands over within a month."""
    wanted = query_of(request, Query)
    return shown(HandOver, _summary(request, _roster(request, wanted.roster), wanted.which)[0])


@needs(Role.VIEWER)
def show(request: Request) -> HTMLResponse:
    """Without a roster: one that the visitor is on, else the first."""
    organisation, reader, visitor = house_of(request).directory.organisation(), reader_of(request), who(request)
    wished, which = request.query_params.get("roster", ""), request.query_params.get("which", "")
    roster = _roster(request, wished) if wished else _own(request)
    found: HandOver | None = None
    shows: Which | None = None
    if roster is not None:
        try:
            found, shows = _summary(request, roster, _which(which))
        except Unknown:
            found = None
    return page(
        request,
        "handover.html",
        found=found,
        shows=shows,
        roster=roster,
        rosters=[(one.id, reader.text(one.name)) for one in organisation.rosters],
        me=visitor.person,
        commander=visitor.may(Role.COMMANDER),
        may=visitor.may(Role.RESPONDER),
    )


def _summary(request: Request, roster: Roster, which: Which | None) -> tuple[HandOver, Which]:
    house, locale = house_of(request), who(request).locale
    organisation, now = house.directory.organisation(), house.clock.now()
    last = change(roster, organisation, now, "last")
    shows: Which = which or ("last" if last is not None and now - last.at < JUST_NOW else "next")
    found = last if shows == "last" else change(roster, organisation, now, "next")
    if found is None and which is None:
        shows, found = "last", last
    if found is None:
        raise Unknown("handover", roster.id)
    with reading(house.engine) as connection:
        rows = [one.as_dict() for one in lineup.standing(connection, Filter(phase="open"), limit=ROWS)]
        held = holding.standing(connection).messages
        made = partial(
            hand_over,
            roster,
            found,
            organisation=organisation,
            rows=rows,
            windows=house.directory.windows(),
            locale=locale,
            messages_held=held,
        )
        listed = [item.incident for item in made().open]
        states = _states(request, connection, listed)  # only of those that are listed: their clocks are told in full
    full = made(states=states)
    return full, shows


def _states(request: Request, connection: Connection, incidents: list[str]) -> dict[str, Incident]:
    """What another release has written and this one cannot read is told by its row alone."""
    found: dict[str, Incident] = {}
    for name in incidents:
        with suppress(UnreadableEntry):
            found[name] = request.app.state.states.read(connection, name)
    return found


def _which(text: str) -> Which | None:
    return "last" if text == "last" else "next" if text == "next" else None


def _roster(request: Request, name: str) -> Roster:
    found = house_of(request).directory.organisation().roster_named(name)
    if found is None:
        raise Unknown("roster", name[:60])
    return found


def _own(request: Request) -> Roster | None:
    rosters, me = house_of(request).directory.organisation().rosters, who(request).person
    return next((one for one in rosters if me in one.people), rosters[0] if rosters else None)


ROUTES: Final = [Route("/handover", show)]
ENDPOINTS: Final = (
    Endpoint(
        "GET",
        "/api/handover",
        get,
        Role.VIEWER,
        "people",
        "What one shift of a roster hands to the next: open incidents, what is held, what comes.",
        query=Query,
        answer=HandOver,
    ),
)
