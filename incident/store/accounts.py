"""Who may sign in: passwords, one-time sign-ins, sessions. Only hashes of secrets come here; see `incident.ids`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, delete, insert, or_, select, update

from incident.store.tables import accounts, sessions, signins

SIGN_IN_FOR: Final = timedelta(hours=12)
"""How long a sign-in link is good for, if nobody has used it: a shift."""
PASSWORD_MIN: Final = 12
"""Characters of the shortest password that is taken."""


def set_password(connection: Connection, person: str, password_hash: str) -> None:
    changed = connection.execute(
        update(accounts).where(accounts.c.person == person).values(password_hash=password_hash)
    )
    if changed.rowcount == 0:
        connection.execute(insert(accounts).values(person=person, password_hash=password_hash))


def password_hash(connection: Connection, person: str) -> str | None:
    """The hash to check a password against; None for somebody without one."""
    return connection.scalar(select(accounts.c.password_hash).where(accounts.c.person == person))


def add_signin(connection: Connection, token_hash: str, person: str, expires_at: datetime) -> None:
    """A link that signs a person in, once."""
    connection.execute(insert(signins).values(token_hash=token_hash, person=person, expires_at=expires_at))


def use_signin(connection: Connection, token_hash: str, now: datetime) -> str | None:
    """The person whom it signs in. None when it is unknown, used or too old; of two at once one gets it."""
    valid = (signins.c.token_hash == token_hash, signins.c.used_at.is_(None), signins.c.expires_at > now)
    used = connection.execute(update(signins).where(*valid).values(used_at=now).returning(signins.c.person)).first()
    return str(used.person) if used else None


@dataclass(frozen=True, slots=True)
class Session:
    person: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime


def add_session(connection: Connection, hashed: str, person: str, now: datetime, expires_at: datetime) -> None:
    connection.execute(
        insert(sessions).values(hash=hashed, person=person, created_at=now, seen_at=now, expires_at=expires_at)
    )


def session(connection: Connection, hashed: str, now: datetime) -> Session | None:
    """The session if it has not expired by now."""
    query = select(sessions).where(sessions.c.hash == hashed, sessions.c.expires_at > now)
    row = connection.execute(query).first()
    return Session(row.person, row.created_at, row.seen_at, row.expires_at) if row else None


def touch_session(connection: Connection, hashed: str, now: datetime, expires_at: datetime) -> None:
    """It was used: it lives until `expires_at`. Call it seldom, it is a write."""
    connection.execute(update(sessions).where(sessions.c.hash == hashed).values(seen_at=now, expires_at=expires_at))


def end_session(connection: Connection, hashed: str) -> None:
    connection.execute(delete(sessions).where(sessions.c.hash == hashed))


def end_sessions_of(connection: Connection, person: str) -> int:
    """Sign a person out everywhere. Returns how many sessions there were."""
    return connection.execute(delete(sessions).where(sessions.c.person == person)).rowcount


def sweep(connection: Connection, now: datetime) -> int:
    """Remove what has expired. Returns how many rows."""
    old = connection.execute(delete(sessions).where(sessions.c.expires_at <= now)).rowcount
    used = connection.execute(delete(signins).where(or_(signins.c.expires_at <= now, signins.c.used_at.is_not(None))))
    return old + used.rowcount
