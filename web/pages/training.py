"""Training: whose skills run out next, the form that records a session, and the sessions that there were."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final
from urllib.parse import urlencode

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from drills.practice import Practised
from incident.errors import IncidentError
from incident.organisation import Person, Role
from incident.organisation.training import MOST, SOON, Due, Training, due
from incident.record.row import name_of
from web import practice, training
from web.api.training import HeldQuery, latest
from web.auth import needs, who
from web.house import house_of
from web.pages.drill_action import speaker
from web.pages.forms import Form, body_of, posted, refused
from web.pages.skills import known_skills
from web.render import page, reader_of
from web.wire import parse

PATH: Final = "/training"
_TICKED: Final = "attended."


@dataclass(frozen=True, slots=True)
class Team:
    """A unit and its people, to be ticked."""

    name: str
    people: tuple[Person, ...]


@needs(Role.VIEWER)
def show(request: Request) -> HTMLResponse:
    return _page(request, None)


@needs(Role.ADMIN)
async def post(request: Request) -> Response:
    values = await posted(request, most=MOST + 10)
    try:
        await training.record(house_of(request), who(request), parse(Training, _fields(values)))
    except IncidentError as error:
        form = refused("training", values, error, reader_of(request).words)
        return await to_thread.run_sync(_page, request, form)
    return RedirectResponse(f"{PATH}?saved=1#held", 303)


def _fields(values: Mapping[str, str]) -> dict[str, Any]:
    """What the form says; nobody ticked is nobody, and said so."""
    body = body_of(values)
    return {**body, "attended": list(body.get("attended", {}))}  # type: ignore[call-overload]


def _page(request: Request, form: Form | None) -> HTMLResponse:
    house, reader = house_of(request), reader_of(request)
    organisation = house.directory.organisation()
    asked = {name: request.query_params[name] for name in ("after",) if name in request.query_params}
    held, following = latest(house, parse(HeldQuery, asked, "/query").after)
    lapsing = due(organisation.people, reader.now)
    wanted = request.query_params.get("skill", "")[:100]
    topic, came = (request.query_params.get(name, "")[:200] for name in ("topic", "attended"))
    ticked = {one.person for one in lapsing if one.skill.casefold() == wanted.casefold()} | {came}
    if form is not None:
        ticked = {name.removeprefix(_TICKED) for name in form.values if name.startswith(_TICKED)}
    return page(
        request,
        "training.html",
        status=form.status if form else 200,
        form=form,
        skill=wanted,
        topic=topic,
        practised=[one for one in practice.listed(request) if one.row] if who(request).may(Role.RESPONDER) else [],
        recording=_recording,
        due=[(name, tuple(several)) for name, several in groupby(lapsing, key=lambda one: one.skill)],
        state=_state,
        teams=_teams(request),
        ticked=ticked,
        today=reader.now.astimezone(reader.zone).date(),
        known=known_skills(organisation),
        held=held,
        following=following,
        speaker=lambda by: speaker(by, organisation, reader),
        name_of=lambda person: name_of(person, organisation),
        admin=who(request).may(Role.ADMIN),
        saved=bool(request.query_params.get("saved")) and form is None,
    )


def _state(one: Due) -> str:
    if one.days < 0:
        return "over"
    return "soon" if one.days <= SOON else "later"


def _recording(one: Practised, topic: str) -> str:
    """The form that records a session, filled in with who practised what."""
    return f"{PATH}?{urlencode({'topic': topic, 'attended': one.person})}#record"


def _teams(request: Request) -> list[Team]:
    organisation, reader = house_of(request).directory.organisation(), reader_of(request)
    every = ((unit, tuple(one for one in organisation.people if one.unit == unit.id)) for unit in organisation.units)
    return [Team(reader.text(unit.name), people) for unit, people in every if people]


ROUTES: Final = [Route(PATH, show), Route(PATH, post, methods=["POST"])]
