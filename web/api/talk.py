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
from incident.store.sends import as_reason
from incident.words import words_for
from web.auth import who
from web.endpoint import Endpoint
from web.house import House, house_of
from web.reading import standing
from web.wire import listed


@dataclass(frozen=True, slots=True)
class MessageView:
    """`direction` is out or in, `state` the outbox's (waiting, sending, sent, delivered, failed, cancelled, expired,
    set_aside) or heard. `answer` is what an incoming one got back, `reason` why it is not delivered."""

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


def messages_of(house: House, incident: str, locale: str) -> list[MessageView]:
    """The oldest first. Blocks."""
    organisation, words = house.directory.organisation(), words_for(locale)
    with reading(house.engine) as connection:
        found = talk.of(connection, incident)
    views = []
    for m in found:
        reason = as_reason(m.reason) if m.reason and m.state not in ("sent", "delivered") else None
        said = Why(reason.key, words.reason(reason), dict(reason.params)) if reason else None
        name = name_of(m.person, organisation) or m.person
        views.append(MessageView(m.direction, m.at, m.person, name, m.way, m.purpose, m.state, m.body, m.answer, said))
    return views


def get(request: Request) -> Response:
    house = house_of(request)
    state, _ = standing(house, request.app.state.states, request.path_params["id"])
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
