"""Each page's messages with every try and what the provider said of it: the evidence behind one page."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from incident.orders import TO
from incident.store.tables import attempts, outbox


@dataclass(frozen=True, slots=True)
class Try:
    """One time that it was handed to a provider. `outcome` is sent, again, next, failed ...; `detail` what was said."""

    at: datetime
    provider: str
    outcome: str
    detail: str
    took_ms: int | None


@dataclass(frozen=True, slots=True)
class Tried:
    """One message of a page. `to` is the digest of the address, which itself is nowhere; `status` the provider's last
    word. `due` is when it may go, after whatever put it off."""

    page: int
    person: str
    way: str
    to: str | None
    state: str
    due: datetime
    sent_at: datetime | None
    settled_at: datetime | None
    provider: str | None
    status: str | None
    reason: dict[str, Any] | None
    tries: tuple[Try, ...]


def of(connection: Connection, incident: str, limit: int = 1000) -> list[Tried]:
    """The newest messages of an incident's pages, in the order in which they were ordered."""
    query = select(outbox).where(outbox.c.incident == incident, outbox.c.page > 0).order_by(outbox.c.id.desc())
    rows = list(connection.execute(query.limit(limit)))[::-1]
    tries = _tries(connection, [row.id for row in rows])
    return [
        Tried(
            page=row.page,
            person=row.person,
            way=row.way,
            to=str(row.facts[TO]) if TO in row.facts else None,
            state=row.state,
            due=row.not_before,
            sent_at=row.sent_at,
            settled_at=row.settled_at,
            provider=row.provider,
            status=row.provider_status,
            reason=row.reason,
            tries=tuple(tries.get(row.id, ())),
        )
        for row in rows
    ]


def _tries(connection: Connection, sends: Collection[int]) -> dict[int, list[Try]]:
    found: dict[int, list[Try]] = {}
    if sends:
        query = select(attempts).where(attempts.c.send.in_(list(sends))).order_by(attempts.c.id)
        for row in connection.execute(query):
            one = Try(row.at, row.provider, row.outcome, row.detail or "", row.took_ms)
            found.setdefault(row.send, []).append(one)
    return found
