"""The secret links of calendar feeds. A link belongs to somebody and shows one thing; only its hash is kept.

Somebody has one link for each thing: making it again makes the one before worthless.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from incident.store.tables import feeds


@dataclass(frozen=True, slots=True)
class FeedLink:
    """Whose link it is and what it shows: `person` for their own shifts, `roster:ID`, `unit:ID`."""

    person: str
    subject: str
    created_at: datetime


def put(connection: Connection, hashed: str, person: str, subject: str, now: datetime) -> None:
    """A new link; an older one of this person for the same thing is worth nothing from now on."""
    remove(connection, person, subject)
    connection.execute(insert(feeds).values(hash=hashed, person=person, subject=subject, created_at=now))


def remove(connection: Connection, person: str, subject: str) -> bool:
    """False when there was none."""
    gone = delete(feeds).where(feeds.c.person == person, feeds.c.subject == subject)
    return connection.execute(gone).rowcount > 0


def find(connection: Connection, hashed: str) -> FeedLink | None:
    row = connection.execute(select(feeds).where(feeds.c.hash == hashed)).first()
    return FeedLink(row.person, row.subject, row.created_at) if row else None


def every(connection: Connection, person: str | None = None) -> list[FeedLink]:
    """The links of one person, or all there are, by person and subject."""
    query = select(feeds).order_by(feeds.c.person, feeds.c.subject)
    if person is not None:
        query = query.where(feeds.c.person == person)
    return [FeedLink(row.person, row.subject, row.created_at) for row in connection.execute(query)]
