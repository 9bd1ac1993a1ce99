"""Readiness: what the doctor finds; test pages, for one and for everybody, and what the last ones have proved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response

from incident.desk.requests import Outcome
from incident.desk.rounds import WAIT_S, ask
from incident.errors import Reason, Refused, Unknown, why
from incident.orders import pageable
from incident.organisation import Person, Role
from incident.readiness import Finding
from incident.record import rounds
from incident.record.naming import sentence
from incident.record.shapes import Instant
from incident.store import proofs
from incident.store.engine import reading
from incident.store.proofs import Proof
from incident.words import words_for
from web.auth import Visitor, check, who
from web.bodies import Body
from web.endpoint import Endpoint
from web.house import House, house_of
from web.readiness import Doctor
from web.wire import body_of, listed, shown


@dataclass(frozen=True, slots=True)
class ProofShown:
    """A person's last test page. `became`: answered, unreachable, silent or waiting; `at` and `via` of the answer or
    the failure. `answered_at` is when one was last answered, which may be an earlier one; null for never."""

    person: str
    name: str
    incident: str | None
    code: str | None
    asked_at: Instant | None
    became: str | None
    at: Instant | None
    via: str | None
    answered_at: Instant | None


@dataclass(frozen=True, slots=True)
class Sent:
    """The test page that a person has now; `created` is false when an earlier one still waits for their answer."""

    person: str
    incident: str
    code: str
    created: bool


def doctor_of(request: Request) -> Doctor:
    doctor: Doctor = request.app.state.doctor
    return doctor


def pages_of(house: House) -> list[ProofShown]:
    """Everybody who can be paged, with what is proved of them. Blocks: it reads the store."""
    with reading(house.engine) as connection:
        last, answered = proofs.last(connection), proofs.last_answered(connection)
    people = rounds.askable(house.directory.organisation())
    return [_shown(person, last.get(person.id), answered.get(person.id)) for person in people]


def _shown(person: Person, last: Proof | None, answered: Proof | None) -> ProofShown:
    since = answered.at if answered else None
    if last is None:
        return ProofShown(person.id, person.name, None, None, None, None, None, None, since)
    became = str(last.became)
    return ProofShown(person.id, person.name, last.incident, last.code, last.asked_at, became, last.at, last.via, since)


def send(house: House, visitor: Visitor, name: str) -> Sent:
    """Send one, or find the one that waits. One's own, or as a commander anybody's. Blocks until the commit.

    Raises Unknown for nobody, Refused for somebody who cannot be paged at all, Forbidden.
    """
    person = house.directory.organisation().person(name)
    if person is None:
        raise Unknown("person", name[:60])
    if visitor.person != name:
        check(visitor, Role.COMMANDER)
    if not pageable(house.directory.organisation(), name):
        raise Refused(why("refused.test_no_way", name=person.name))
    return _sent(person, ask(house.desk, person, visitor.by).result(WAIT_S))


def send_all(house: House, visitor: Visitor) -> list[Sent]:
    """One to everybody who can be paged, all at once."""
    people = rounds.askable(house.directory.organisation())
    asked = [(person, ask(house.desk, person, visitor.by)) for person in people]
    return [_sent(person, future.result(WAIT_S)) for person, future in asked]


def _sent(person: Person, outcome: Outcome) -> Sent:
    assert outcome.state is not None
    return Sent(person.id, outcome.state.id, outcome.state.report.code, outcome.created)


@dataclass(frozen=True, slots=True)
class FindingShown:
    """Something that stands in the way of the next page. `rule` is for programs, `said` and `do` are sentences."""

    rule: str
    weight: str
    about: str
    name: str
    said: str
    because: str | None
    do: str


@dataclass(frozen=True, slots=True)
class Readiness:
    """`answerable` is false when some unit's Criticals would page nobody in time."""

    at: Instant
    answerable: bool
    findings: tuple[FindingShown, ...]


def get_readiness(request: Request) -> Response:
    looked, words = doctor_of(request).look(), words_for(who(request).locale)

    def says(reason: Reason) -> str:
        return sentence(reason, looked.organisation, words)

    found = tuple(_said(one, says) for one in looked.found)
    return shown(Readiness, Readiness(looked.at, not looked.blocked, found))


def _said(one: Finding, says: Callable[[Reason], str]) -> FindingShown:
    because = says(one.because) if one.because else None
    return FindingShown(one.rule, one.weight, one.about, one.name, says(one.said), because, says(one.do))


def get_list(request: Request) -> Response:
    return listed(ProofShown, pages_of(house_of(request)))


async def post(request: Request) -> Response:
    house, name = house_of(request), request.path_params["person"]
    sent = await to_thread.run_sync(send, house, who(request), name)
    return shown(Sent, sent, 201 if sent.created else 200)


class Everybody(Body):
    """Nothing: whoever names people means these, and is told that this asks everybody."""


async def post_all(request: Request) -> Response:
    await body_of(request, Everybody)
    return listed(Sent, await to_thread.run_sync(send_all, house_of(request), who(request)))


_TAG: Final = "readiness"

ENDPOINTS: Final = (
    Endpoint(
        "GET",
        "/api/readiness",
        get_readiness,
        Role.VIEWER,
        _TAG,
        "Whether a Critical would be answered now, and everything that stands in the way of the next page.",
        answer=Readiness,
    ),
    Endpoint(
        "GET",
        "/api/test-pages",
        get_list,
        Role.VIEWER,
        _TAG,
        "Everybody who can be paged, with their last test page and what became of it.",
        answer=ProofShown,
        many=True,
    ),
    Endpoint(
        "POST",
        "/api/test-pages",
        post_all,
        Role.ADMIN,
        _TAG,
        "Send a test page to everybody who can be paged.",
        body=Everybody,
        answer=Sent,
        many=True,
    ),
    Endpoint(
        "POST",
        "/api/people/{person}/test-page",
        post,
        Role.RESPONDER,
        _TAG,
        "Send somebody a test page: oneself, or as a commander anybody. While one waits it is that one (200).",
        answer=Sent,
        status=201,
        also={200: Sent},
    ),
)
