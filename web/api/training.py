"""Training: sessions with who attended, and whose skills run out next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from incident.organisation import Role
from incident.organisation.training import AHEAD, Due, Training, due
from incident.record.shapes import Instant
from incident.store import trainings
from incident.store.engine import reading
from web import training
from web.auth import who
from web.bodies import Body
from web.endpoint import Endpoint
from web.house import House, house_of
from web.wire import body_of, listed, query_of, shown


@dataclass(frozen=True, slots=True)
class HeldShown:
    """A session. People are ids, also of those who have left since; `by` recorded it, `at`."""

    id: int
    held_on: date
    topic: str
    skill: str | None
    until: date | None
    attended: tuple[str, ...]
    at: Instant
    by: str


class HeldQuery(Body):
    """Those recorded before one: the cursor of the page before."""

    after: Annotated[int, Field(ge=1)] | None = None


class DueQuery(Body):
    """Within how many days a skill runs out."""

    within: Annotated[int, Field(ge=0, le=3650)] = AHEAD


def latest(house: House, before: int | None) -> tuple[list[trainings.Held], int | None]:
    """A page of sessions, the newest first, and where the next one begins. Blocks."""
    with reading(house.engine) as connection:
        found = trainings.latest(connection, before, trainings.PAGE + 1)
    more = len(found) > trainings.PAGE
    found = found[: trainings.PAGE]
    return found, found[-1].id if more else None


def get_list(request: Request) -> Response:
    found, following = latest(house_of(request), query_of(request, HeldQuery).after)
    return listed(HeldShown, [_shown(one) for one in found], following)


async def post(request: Request) -> Response:
    house = house_of(request)
    held = await training.record(house, who(request), await body_of(request, Training))
    return shown(HeldShown, _shown(held), 201)


def get_due(request: Request) -> Response:
    house, wanted = house_of(request), query_of(request, DueQuery)
    return listed(Due, due(house.directory.organisation().people, house.clock.now(), wanted.within))


def _shown(one: trainings.Held) -> HeldShown:
    return HeldShown(one.id, one.held_on, one.topic, one.skill, one.until, one.attended, one.at, one.by)


_TAG: Final = "people"
_ALL: Final = "/api/trainings"

ENDPOINTS: Final = (
    Endpoint(
        "GET",
        _ALL,
        get_list,
        Role.VIEWER,
        _TAG,
        "Training sessions, the last recorded first.",
        query=HeldQuery,
        answer=HeldShown,
        many=True,
    ),
    Endpoint(
        "POST",
        _ALL,
        post,
        Role.ADMIN,
        _TAG,
        "Record a session; with a skill it is renewed for everybody who attended.",
        body=Training,
        answer=HeldShown,
        status=201,
    ),
    Endpoint(
        "GET",
        f"{_ALL}/due",
        get_due,
        Role.VIEWER,
        _TAG,
        "Whose skills have run out or will soon, by skill.",
        query=DueQuery,
        answer=Due,
        many=True,
    ),
)
