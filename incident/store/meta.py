"""Small named values of this installation, such as its secret."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select, update

from incident.store.tables import meta


def get(connection: Connection, name: str) -> str | None:
    return connection.scalar(select(meta.c.value).where(meta.c.name == name))


def put(connection: Connection, name: str, value: str) -> None:
    if connection.execute(update(meta).where(meta.c.name == name).values(value=value)).rowcount == 0:
        connection.execute(insert(meta).values(name=name, value=value))


def once(connection: Connection, name: str, value: str) -> str:
    """The value that stands under a name; `value` becomes it if there is none yet. Inside `writing`, once for all."""
    standing = get(connection, name)
    if standing is None:
        connection.execute(insert(meta).values(name=name, value=value))
        return value
    return standing
