"""The log of talk: every message out and in about an incident, with its words and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from incident.organisation import Role
from incident.record.row import name_of
from incident.record.shapes import Instant, Why
from incident.store import talk
from incident.store.engine import reading
from incident.store.holding import Beside
from incident.store.sends import as_reason
from incident.store.talk import Message
from incident.words import words_for
from web.auth import who
from web.endpoint import Endpoint
from web.house import House, house_of
from web.visible import visible
from web.wire import listed


@dataclass(frozen=True, slots=True)
class MessageView:
    """`direction` is out or in, `state` the outbox's (waiting, sending, sent, delivered, failed, cancelled, expired,
    set_aside) or heard. `answer` is what an incoming one got back, `reason` why it is not delivered, or not sent yet.
    `held_until` while the limits hold it; `bundled_with` are codes of other incidents that its bundle speaks of, or
    will, and `bundled_more` how many besides these."""

    direction: str
    at: Instant
    person: str
    name: str
    way: str
    purpose: str
    state: str
    body: str | None
    answer: str | None
    reason: Why | None
    held_until: Instant | None = None
    bundled_with: tuple[str, ...] = ()
    bundled_more: int = 0


def messages_of(house: House, incident: str, locale: str) -> list[MessageView]:
    """The oldest first. Blocks."""
    with reading(house.engine) as connection:
        found = talk.of(connection, incident)
    return _views(house, found, locale)


def held_of(house: House, incident: str, locale: str) -> list[MessageView]:
    """The pages about it that the limits hold now. Blocks."""
    with reading(house.engine) as connection:
        found = talk.held(connection, incident)
    return _views(house, found, locale)


def _views(house: House, found: list[Message], locale: str) -> list[MessageView]:
    organisation, words = house.directory.organisation(), words_for(locale)
    views = []
    for m in found:
        reason = as_reason(m.reason) if m.reason and m.state not in ("sent", "delivered") else None
        said = Why(reason.key, words.reason(reason), dict(reason.params)) if reason else None
        name = name_of(m.person, organisation) or m.person
        beside = m.beside or Beside((), 0)
        views.append(
            MessageView(
                *(m.direction, m.at, m.person, name, m.way, m.purpose, m.state, m.body, m.answer, said),
                held_until=m.at if m.held else None,
                bundled_with=beside.codes,
                bundled_more=beside.more,
            )
        )
    return views


def get(request: Request) -> Response:
    house = house_of(request)
    state, _ = visible(request)
    return listed(MessageView, messages_of(house, state.id, who(request).locale))


ENDPOINTS: Final = (
    Endpoint(
        "GET",
        "/api/incidents/{id}/messages",
        get,
        Role.RESPONDER,
        "incidents",
        "Every message out and in about an incident, the oldest first.",
        answer=MessageView,
        many=True,
    ),
)
