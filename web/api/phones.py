"""The simulated phones: each person's phone with its messages, and texts from it. 404 once a provider is there.

Mailboxes and chats stand beside them. They show what came; nothing can be written from them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response

from incident.errors import Unknown
from incident.notify.guard import SIMULATED
from incident.notify.inbound import Inbound
from incident.notify.simulated import screen
from incident.organisation import Organisation, Person, Role, WayKind
from incident.record.shapes import Instant
from incident.store import phones
from incident.store.engine import changing, reading
from incident.store.phones import Direction
from web.bodies import PhoneMessage
from web.endpoint import Endpoint
from web.house import House, house_of
from web.problems import unsupported
from web.wire import body_of, listed, shown

PHONE: Final = "phone"


@dataclass(frozen=True, slots=True)
class Phone:
    """Whose it is; `last` is the last message on it, either way. `kind` is phone, mail or chat.

    `number` is the phone's; of a mailbox or chat it is the name under which the other paths find it.
    """

    number: str
    person: str
    name: str
    last: str | None
    kind: str = PHONE


@dataclass(frozen=True, slots=True)
class Message:
    """`direction` is to_phone or from_phone."""

    id: int
    direction: str
    at: Instant
    body: str
    incident: str | None


@dataclass(frozen=True, slots=True)
class PhoneShown:
    """One phone, mailbox or chat with its messages, the oldest first. `shown` is its address as it may be shown."""

    number: str
    person: str
    name: str
    messages: tuple[Message, ...]
    kind: str = PHONE
    shown: str = ""


@dataclass(frozen=True, slots=True)
class Screen:
    """Something that shows messages to somebody."""

    person: Person
    number: str
    kind: str
    shown: str


def get_list(request: Request) -> Response:
    house = _simulated(request)
    with reading(house.engine) as connection:
        last = phones.latest(connection)
    found = [
        Phone(
            one.number, one.person.id, one.person.name, last[one.number].body if one.number in last else None, one.kind
        )
        for one in screens(house.directory.organisation())
    ]
    return listed(Phone, found)


def get_one(request: Request) -> Response:
    house = _simulated(request)
    return shown(PhoneShown, phone(house, request.path_params["number"]))


async def post_message(request: Request) -> Response:
    """A text from that phone; the answer is the phone with what came back."""
    house, number = _simulated(request), request.path_params["number"]
    body = await body_of(request, PhoneMessage)
    await to_thread.run_sync(text_from, house, number, body.body)
    return shown(PhoneShown, await to_thread.run_sync(phone, house, number), 201)


def text_from(house: House, number: str, body: str) -> None:
    """A message *from* a simulated phone, and the answer to it, once what it asks for is committed. Blocks."""
    organisation = house.directory.organisation()
    _owner(organisation, number)
    sent = _put(house, number, "from_phone", body, None)
    answer = inbound(house).text(organisation, number, body, f"sim-{sent}")
    if answer.text is not None:
        _put(house, number, "to_phone", answer.text, answer.incident)


def inbound(house: House) -> Inbound:
    return Inbound(engine=house.engine, desk=house.desk, clock=house.clock, provider=SIMULATED)


def phone(house: House, number: str) -> PhoneShown:
    """Raises Unknown for a number that is nobody's."""
    one = next((one for one in screens(house.directory.organisation()) if one.number == number), None)
    if one is None:
        raise Unknown("phone", number[:20])
    with reading(house.engine) as connection:
        found = phones.messages(connection, number)
    messages = tuple(Message(m.id, m.direction, m.at, m.body, m.incident) for m in found)
    return PhoneShown(number, one.person.id, one.person.name, messages, one.kind, one.shown)


def screens(organisation: Organisation) -> list[Screen]:
    """Every phone, mailbox and chat with its owner: the phones first, in the order of the people."""
    calls = [
        Screen(person, number, PHONE, number) for person in organisation.people for number in sorted(person.numbers)
    ]
    others = [
        Screen(person, screen(way.kind, way.address), str(way.kind), way.shown)
        for person in organisation.people
        for way in person.ways
        if way.kind in (WayKind.MAIL, WayKind.CHAT)
    ]
    return calls + others


def _put(house: House, number: str, direction: Direction, body: str, incident: str | None) -> int:
    with changing(house.engine) as connection:
        return phones.put(
            connection, number=number, direction=direction, at=house.clock.now(), body=body, incident=incident
        )


def _owner(organisation: Organisation, number: str) -> Person:
    person = organisation.by_number(number)
    if person is None:
        raise Unknown("phone", number[:20])
    return person


def _simulated(request: Request) -> House:
    house = house_of(request)
    if not house.simulated:
        raise unsupported("phones")
    return house


_TAG: Final = "simulated phones"

ENDPOINTS: Final = (
    Endpoint("GET", "/api/phones", get_list, Role.RESPONDER, _TAG, "All phones.", answer=Phone, many=True),
    Endpoint(
        "GET",
        "/api/phones/{number}",
        get_one,
        Role.RESPONDER,
        _TAG,
        "One phone with its messages, the oldest first.",
        answer=PhoneShown,
    ),
    Endpoint(
        "POST",
        "/api/phones/{number}/messages",
        post_message,
        Role.RESPONDER,
        _TAG,
        "A text from that phone; the answer shows what came back.",
        body=PhoneMessage,
        answer=PhoneShown,
        status=201,
    ),
)
