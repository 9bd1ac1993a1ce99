"""Providers of messages: who is up, as some worker last found it, and what became of their last messages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from sqlalchemy import Connection, delete, func, insert, select

from incident.errors import Reason
from incident.store.sends import as_json, as_reason
from incident.store.tables import outbox, providers

LAST: Final = 2000
"""Messages that are looked back at, at most, whatever lies between them."""
_SPAN: Final = timedelta(days=7)
_PATIENCE: Final = timedelta(minutes=2)
"""How long a receipt may take before its absence means something."""


@dataclass(frozen=True, slots=True)
class State:
    """`since` is when it went up or down; `reason` is why it is down."""

    provider: str
    way: str
    up: bool
    since: datetime
    reason: Reason | None


class Went(NamedTuple):
    """A message that a provider took, and what became of it."""

    provider: str
    person: str
    way: str
    state: str
    sent_at: datetime
    settled_at: datetime | None


def put(connection: Connection, state: State) -> None:
    """The newer one stands: of two workers the one that was late changes nothing."""
    here = (providers.c.provider == state.provider, providers.c.way == state.way)
    standing = connection.scalar(select(providers.c.since).where(*here))
    if standing is not None and standing > state.since:
        return
    connection.execute(delete(providers).where(*here))
    reason = as_json(state.reason) if state.reason else None
    connection.execute(
        insert(providers).values(provider=state.provider, way=state.way, up=state.up, since=state.since, reason=reason)
    )


def every(connection: Connection) -> list[State]:
    """Everybody of whom anything was ever written, in order."""
    rows = connection.execute(select(providers).order_by(providers.c.provider, providers.c.way))
    return [State(r.provider, r.way, r.up, r.since, as_reason(r.reason) if r.reason else None) for r in rows]


def recent(connection: Connection, now: datetime) -> list[Went]:
    """The texts and calls of the last days that went out long enough ago to have had their receipt.

    Reads the newest rows of the outbox and no more, however long its history.
    """
    newest = connection.scalar(select(func.max(outbox.c.id))) or 0
    columns = (outbox.c.provider, outbox.c.person, outbox.c.way, outbox.c.state, outbox.c.sent_at, outbox.c.settled_at)
    query = select(*columns).where(
        outbox.c.id > newest - LAST,
        outbox.c.provider.is_not(None),
        outbox.c.way.in_(["sms", "voice"]),
        outbox.c.state.in_(["sent", "delivered", "failed"]),
        outbox.c.sent_at > now - _SPAN,
        outbox.c.sent_at < now - _PATIENCE,
    )
    return [Went(*row) for row in connection.execute(query)]
