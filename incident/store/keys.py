"""Keys of programs and integrations. Only the hash is kept: a lost key is revoked and a new one made."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from incident.errors import Refused, why
from incident.store.tables import keys

NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,59}")
"""The log says `key:NAME` for ever."""


@dataclass(frozen=True, slots=True)
class Key:
    """`mapping` is a generic hook's translation; `unit` is where an integration's reports go."""

    hash: str
    name: str
    role: str
    unit: str | None
    mapping: dict[str, Any] | None
    created_at: datetime
    revoked_at: datetime | None
    used_at: datetime | None


def add(
    connection: Connection,
    *,
    hashed: str,
    name: str,
    role: str,
    now: datetime,
    unit: str | None = None,
    mapping: dict[str, Any] | None = None,
) -> None:
    """Raises Refused when the name is taken, by a revoked key too: a name in the log means one key for ever."""
    new = insert(keys).values(hash=hashed, name=name, role=role, unit=unit, mapping=mapping, created_at=now)
    try:
        with connection.begin_nested():
            connection.execute(new)
    except IntegrityError as error:
        raise Refused(why("refused.key_name_taken", name=name)) from error


def find(connection: Connection, hashed: str) -> Key | None:
    """The key with this hash, unless it was revoked."""
    row = connection.execute(select(keys).where(keys.c.hash == hashed, keys.c.revoked_at.is_(None))).first()
    return Key(**row._mapping) if row else None


def every(connection: Connection) -> list[Key]:
    """All keys by name, the revoked ones too."""
    return [Key(**row._mapping) for row in connection.execute(select(keys).order_by(keys.c.name))]


def revoke(connection: Connection, name: str, now: datetime) -> bool:
    """False when no such key is in force."""
    query = update(keys).where(keys.c.name == name, keys.c.revoked_at.is_(None)).values(revoked_at=now)
    return connection.execute(query).rowcount == 1


def used(connection: Connection, hashed: str, now: datetime) -> None:
    """Note when a key was last used. Call it seldom, it is a write."""
    connection.execute(update(keys).where(keys.c.hash == hashed).values(used_at=now))


def set_mapping(connection: Connection, name: str, mapping: dict[str, Any]) -> bool:
    """Change a generic hook's translation. False when there is no such key."""
    return connection.execute(update(keys).where(keys.c.name == name).values(mapping=mapping)).rowcount == 1
