"""What was answered to requests that carried a key of their own: a retry gets the same answer and does nothing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from incident.store.tables import idempotency


@dataclass(frozen=True, slots=True)
class Answered:
    """`digest` is of the request: the same key with another request is a mistake of the caller."""

    scope: str
    key: str
    digest: str
    body: dict[str, Any]
    at: datetime


_COLUMNS = tuple(Answered.__dataclass_fields__)


def of(connection: Connection, keys: Collection[tuple[str, str]]) -> dict[tuple[str, str], Answered]:
    """What was answered under these (scope, key), in one query."""
    if not keys:
        return {}
    query = select(
        idempotency.c.scope, idempotency.c.key, idempotency.c.digest, idempotency.c.body, idempotency.c.at
    ).where(idempotency.c.scope.in_(sorted({scope for scope, _ in keys})), idempotency.c.key.in_([k for _, k in keys]))
    wanted = set(keys)
    rows = connection.execute(query)
    return {(r.scope, r.key): Answered(r.scope, r.key, r.digest, r.body, r.at) for r in rows if (r[0], r[1]) in wanted}


def add(connection: Connection, answers: Sequence[Answered]) -> None:
    if answers:
        connection.execute(insert(idempotency), [{name: getattr(one, name) for name in _COLUMNS} for one in answers])


def forget(connection: Connection, before: datetime) -> int:
    """Drop what was answered before a time: nobody retries for days. Returns how many."""
    return connection.execute(delete(idempotency).where(idempotency.c.at < before)).rowcount
