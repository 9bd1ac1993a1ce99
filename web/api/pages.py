"""Why each page went to whom, and what became of it by each way: from the log and the outbox alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from incident.events import Entry
from incident.organisation import Organisation, Role
from incident.organisation.people import Way, WayKind
from incident.record.shapes import Instant, Why
from incident.record.view import Reader
from incident.record.why import PageWhy, pages_of
from incident.state import Incident
from incident.store import tries
from incident.store.engine import reading
from incident.store.sends import as_reason
from incident.store.tries import Tried
from web.auth import who
from web.endpoint import Endpoint
from web.house import House, house_of
from web.reading import entries_of, playbook_of, reader
from web.visible import visible
from web.wire import listed


@dataclass(frozen=True, slots=True)
class TryView:
    """One time that it was handed to a provider; `outcome` is ours, `detail` what the provider said."""

    at: Instant
    provider: str
    outcome: str
    detail: str
    took_ms: int | None


@dataclass(frozen=True, slots=True)
class WayTried:
    """One message. `to` is its address, masked; None where that is no longer theirs. `state` is the outbox's,
    `status` the provider's last word, `reason` why it did not arrive."""

    way: str
    to: str | None
    state: str
    due: Instant
    sent_at: Instant | None
    settled_at: Instant | None
    provider: str | None
    status: str | None
    reason: Why | None
    tries: tuple[TryView, ...]


@dataclass(frozen=True, slots=True)
class PageShown:
    """A page to a person: why, and by which ways."""

    why: PageWhy
    ways: tuple[WayTried, ...]


def shown_pages(house: House, state: Incident, entries: Sequence[Entry], locale: str) -> list[PageShown]:
    """Every page of an incident, the oldest first; `entries` is its whole log. Blocks."""
    by = reader(house, locale, playbook_of(house, state), state.report.drill)
    whys = pages_of(entries, by)
    with reading(house.engine) as connection:
        sent = tries.of(connection, state.id)
    ways: dict[tuple[int, str], list[WayTried]] = {}
    for one in sent:
        ways.setdefault((one.page, one.person), []).append(_way(one, by))
    return [PageShown(one, tuple(ways.get((one.page, one.person), ()))) for one in whys]


def _way(one: Tried, by: Reader) -> WayTried:
    over = one.state in ("sent", "delivered")
    return WayTried(
        way=one.way,
        to=hint(by.organisation, one.person, one.to),
        state=one.state,
        due=one.due,
        sent_at=one.sent_at,
        settled_at=one.settled_at,
        provider=one.provider,
        status=one.status,
        reason=by.why(as_reason(one.reason)) if one.reason and not over else None,
        tries=tuple(TryView(t.at, t.provider, t.outcome, t.detail, t.took_ms) for t in one.tries),
    )


def hint(organisation: Organisation, person: str, digest: str | None) -> str | None:
    """The address behind a digest, so far that its owner knows it and nobody else does."""
    found = organisation.person(person)
    way = next((way for way in found.ways if way.digest == digest), None) if found and digest else None
    return _masked(way) if way else None


def _masked(way: Way) -> str:
    match way.kind:
        case WayKind.SMS | WayKind.VOICE:
            return f"{way.address[:3]}…{way.address[-2:]}"
        case WayKind.MAIL:
            local, _, domain = way.address.partition("@")
            return f"{local[:1]}…@{domain}"
        case _:
            return way.shown


def get(request: Request) -> Response:
    house = house_of(request)
    state, _ = visible(request)
    entries = entries_of(house, state.id, 0, None)
    return listed(PageShown, shown_pages(house, state, entries, who(request).locale))


ENDPOINTS: Final = (
    Endpoint(
        "GET",
        "/api/incidents/{id}/pages",
        get,
        Role.RESPONDER,
        "incidents",
        "Each page: to whom, on which rung, for which reasons, who was asked before, and every try by every way.",
        answer=PageShown,
        many=True,
    ),
)
