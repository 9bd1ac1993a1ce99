"""People: who works here, their passwords and sign-in links. Numbers and addresses are for responders only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final

from anyio import to_thread
from pydantic import StringConstraints
from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response

from incident.errors import BadInput, Fault, Unknown, why
from incident.levels import Level
from incident.organisation import Person, Role
from incident.store.accounts import PASSWORD_MIN
from web import directory
from web.auth import check, gate_of, who
from web.bodies import Body
from web.endpoint import Endpoint
from web.house import House, house_of
from web.wire import answered, body_of, json_of, listed, parse, shown


@dataclass(frozen=True, slots=True)
class WayShown:
    """A way to somebody, as it may be written back. `address` is null for a reader who is no responder; `delay_s` is
    null where the usual wait holds, and `delays` has what is said for single levels."""

    kind: str
    address: str | None
    delay_s: int | None
    delays: Mapping[Level, int | str]


@dataclass(frozen=True, slots=True)
class PersonShown:
    """Somebody who works here. `email` is null for a reader who is no responder.

    `skills_until` has the last valid day of the skills that run out.
    """

    id: str
    name: str
    locale: str
    timezone: str
    unit: str
    role: str
    skills: tuple[str, ...]
    skills_until: Mapping[str, date]
    email: str | None
    ways: tuple[WayShown, ...]


class Password(Body):
    """A new password: at least 12 characters. Signs the person out everywhere."""

    password: Annotated[str, StringConstraints(min_length=PASSWORD_MIN, max_length=1000)]


def show(person: Person, *, open_book: bool) -> PersonShown:
    """Somebody as a responder (`open_book`) or as a viewer sees them."""
    return PersonShown(
        id=person.id,
        name=person.name,
        locale=person.locale,
        timezone=person.timezone,
        unit=person.unit,
        role=str(person.role),
        skills=tuple(skill.name for skill in person.skills),
        skills_until={skill.name: skill.until for skill in person.skills if skill.until},
        email=person.email if open_book else None,
        ways=tuple(
            WayShown(str(way.kind), way.shown if open_book else None, way.delay_s, way.delays) for way in person.ways
        ),
    )


def get_list(request: Request) -> Response:
    organisation = house_of(request).directory.organisation()
    open_book = who(request).may(Role.RESPONDER)
    return listed(PersonShown, [show(person, open_book=open_book) for person in organisation.people])


async def _person(request: Request) -> Person:
    """The body as a person. What was shown may come back as it was: the days on which skills end stand apart there."""
    body = await json_of(request)
    if isinstance(body, dict) and isinstance(body.get("skills"), list) and isinstance(body.get("skills_until"), dict):
        ends = body["skills_until"]
        skills = [{"name": s, "until": ends[s]} if isinstance(s, str) and s in ends else s for s in body["skills"]]
        body = {name: value for name, value in body.items() if name != "skills_until"} | {"skills": skills}
    return parse(Person, body)


async def post(request: Request) -> Response:
    person = await _person(request)
    await directory.add_person(house_of(request), who(request), person)
    return shown(PersonShown, show(person, open_book=True), 201)


async def put(request: Request) -> Response:
    person = await _person(request)
    if person.id != request.path_params["person"]:
        raise BadInput(Fault("/id", why("api.other_id")))
    await directory.replace_person(house_of(request), who(request), person)
    return shown(PersonShown, show(person, open_book=True))


async def delete(request: Request) -> Response:
    await directory.remove_person(house_of(request), who(request), request.path_params["person"])
    return Response(status_code=204)


async def put_password(request: Request) -> Response:
    name, visitor = request.path_params["person"], who(request)
    if visitor.person != name:
        check(visitor, Role.ADMIN)
    _known(house_of(request), name)
    body = await body_of(request, Password)
    await gate_of(request).sessions.change_password(name, body.password)
    return Response(status_code=204)


async def post_signin(request: Request) -> Response:
    house, name = house_of(request), request.path_params["person"]
    _known(house, name)
    secret = await to_thread.run_sync(gate_of(request).sessions.make_link, name)
    return answered(to_json({"link": f"{house.settings.public_url}/login/{secret}"}), 201)


def _known(house: House, name: str) -> None:
    if house.directory.organisation().person(name) is None:
        raise Unknown("person", name[:60])


_TAG: Final = "people"
_ONE: Final = "/api/people/{person}"

ENDPOINTS: Final = (
    Endpoint(
        "GET", "/api/people", get_list, Role.VIEWER, _TAG, "Everybody who works here.", answer=PersonShown, many=True
    ),
    Endpoint(
        "POST", "/api/people", post, Role.ADMIN, _TAG, "Add somebody.", body=Person, answer=PersonShown, status=201
    ),
    Endpoint("PUT", _ONE, put, Role.ADMIN, _TAG, "Replace what is known of somebody.", body=Person, answer=PersonShown),
    Endpoint("DELETE", _ONE, delete, Role.ADMIN, _TAG, "Remove somebody whom no roster names.", status=204),
    Endpoint(
        "PUT",
        f"{_ONE}/password",
        put_password,
        Role.VIEWER,
        _TAG,
        "Set a password: one's own, or as an admin anybody's.",
        body=Password,
        status=204,
    ),
    Endpoint(
        "POST",
        f"{_ONE}/signin",
        post_signin,
        Role.ADMIN,
        _TAG,
        "A link that signs somebody in once, within a shift (12 hours). It is shown here only.",
        answer=dict[str, str],
        status=201,
    ),
)
