"""How somebody is reached: what is known of each way, and what a page would do. One's own; an admin sees anybody's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import Field, StringConstraints
from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response

from incident.clock import iso
from incident.levels import Level
from incident.organisation import Organisation, Role, Standing, Way, shares_fate
from incident.record.shapes import Instant
from incident.words import Words, words_for
from web import ways
from web.auth import who
from web.bodies import Body, Nothing
from web.endpoint import Endpoint
from web.house import house_of
from web.wire import answered, body_of, shown


@dataclass(frozen=True, slots=True)
class WayStands:
    """One way. `counts`: confirmed, not broken, not stopped. `broken` is the reason in the reader's language. `delay_s`
    and `delays` are as its owner has set them: null is what is usual, "never" leaves the way out at that level."""

    name: str
    kind: str
    address: str
    counts: bool
    confirmed_at: Instant | None
    confirmed_by: str | None
    broken_at: Instant | None
    broken: str | None
    stopped_at: Instant | None
    delay_s: int | None
    delays: dict[str, int | str]


@dataclass(frozen=True, slots=True)
class StepShown:
    """A page goes by `way` after so many seconds; after `known_s` once a way before it is known to have arrived."""

    way: str
    after_s: int
    known_s: int


@dataclass(frozen=True, slots=True)
class WaysShown:
    """All ways of a person in their order; `pages` says by level what a page does. `lacking` and `fate` are what is
    wrong with them as a whole, in the reader's language."""

    person: str
    ways: tuple[WayStands, ...]
    pages: dict[str, tuple[StepShown, ...]]
    lacking: str | None
    fate: str | None


class Ways(Body):
    """All ways, in the order in which they are tried."""

    ways: Annotated[tuple[Way, ...], Field(max_length=ways.MOST)]


class Confirmation(Body):
    """The code that came by the way; or as an admin the reason why you know that it is theirs."""

    code: Annotated[str, StringConstraints(max_length=40)] | None = None
    reason: Annotated[str, StringConstraints(max_length=200)] | None = None


def show(organisation: Organisation, person: str, words: Words) -> WaysShown:
    """How somebody is reached, for a reader of that language."""
    every = organisation.ways(person)
    reached = {level: organisation.reach(person, level) for level in Level}
    lacking = reached[Level.CRITICAL].lacking
    fate = shares_fate(one.way for one in every if one.counts)
    return WaysShown(
        person=person,
        ways=tuple(_way(one, words) for one in every),
        pages={
            str(level): tuple(StepShown(step.way.name, step.after_s, step.known_s) for step in found.steps)
            for level, found in reached.items()
        },
        lacking=words.reason(lacking) if lacking else None,
        fate=words.reason(fate) if fate else None,
    )


def _way(one: Standing, words: Words) -> WayStands:
    way, fact = one.way, one.fact
    return WayStands(
        name=way.name,
        kind=str(way.kind),
        address=way.shown,
        counts=one.counts,
        confirmed_at=fact.confirmed_at,
        confirmed_by=fact.confirmed_by,
        broken_at=fact.broken_at,
        broken=words.reason(fact.broken) if fact.broken else None,
        stopped_at=fact.stopped_at,
        delay_s=way.delay_s,
        delays={str(level): said for level, said in way.delays.items()},
    )


def get(request: Request) -> Response:
    person = ways.whose(request)
    return _shown(request, person)


async def put(request: Request) -> Response:
    person = ways.whose(request)
    body = await body_of(request, Ways)
    await ways.replace(house_of(request), who(request), person, list(body.ways))
    return _shown(request, person)


async def post_code(request: Request) -> Response:
    person = ways.whose(request)
    await body_of(request, Nothing)
    until = await ways.send_code(house_of(request), person, request.path_params["way"])
    return answered(to_json({"expires_at": iso(until)}), 201)


async def post_confirm(request: Request) -> Response:
    person, way = ways.whose(request), request.path_params["way"]
    body = await body_of(request, Confirmation)
    if body.reason is not None:
        await ways.vouch(house_of(request), who(request), person, way, body.reason)
    else:
        await ways.confirm(house_of(request), person, way, body.code or "")
    return _shown(request, person)


async def post_test(request: Request) -> Response:
    person = ways.whose(request)
    await body_of(request, Nothing)
    await ways.send_trial(house_of(request), person, request.path_params["way"])
    return Response(status_code=204)


def _shown(request: Request, person: str) -> Response:
    organisation = house_of(request).directory.organisation()
    return shown(WaysShown, show(organisation, person, words_for(who(request).locale)))


_TAG: Final = "people"
_ALL: Final = "/api/people/{person}/ways"
_ONE: Final = f"{_ALL}/{{way}}"

ENDPOINTS: Final = (
    Endpoint("GET", _ALL, get, Role.VIEWER, _TAG, "How somebody is reached.", answer=WaysShown),
    Endpoint("PUT", _ALL, put, Role.VIEWER, _TAG, "Replace all ways, in their order.", body=Ways, answer=WaysShown),
    Endpoint(
        "POST",
        f"{_ONE}/code",
        post_code,
        Role.VIEWER,
        _TAG,
        "Send a code by that very way, to confirm it.",
        answer=dict[str, str],
        status=201,
    ),
    Endpoint(
        "POST",
        f"{_ONE}/confirm",
        post_confirm,
        Role.VIEWER,
        _TAG,
        "Confirm a way by the code that came by it, or as an admin by a reason.",
        body=Confirmation,
        answer=WaysShown,
    ),
    Endpoint("POST", f"{_ONE}/test", post_test, Role.VIEWER, _TAG, "Send a test message by that way.", status=204),
)
