"""Figures for the operators: how messages of the last hours fared."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, select

from incident.store.tables import outbox

NEWEST = 20_000
"""Messages looked at: the outbox keeps all that were ever wanted, and a scrape must not read them all."""


def sends_since(connection: Connection, since: datetime) -> dict[tuple[str, str], int]:
    """How many messages were ordered since then, by way and state, among the latest ones."""
    newest = select(func.max(outbox.c.id)).scalar_subquery()
    query = (
        select(outbox.c.way, outbox.c.state, func.count())
        .where(outbox.c.id > newest - NEWEST, outbox.c.created_at >= since)
        .group_by(outbox.c.way, outbox.c.state)
    )
    return {(row[0], row[1]): row[2] for row in connection.execute(query)}
