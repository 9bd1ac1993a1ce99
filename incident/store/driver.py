"""Statements handed to the database's driver as they are, past SQLAlchemy's own layers.

A page's statement takes SQLite five microseconds, the way to it through SQLAlchemy forty, and a page needs a dozen of
them. Transaction, connection and errors are SQLAlchemy's all the same; and while somebody listens to what is
executed, as tests do, so is the way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

T = TypeVar("T")


def rows(connection: Connection, sql: str, given: Any = ()) -> Sequence[Any]:
    """Ask, and give all rows, each a tuple. Raises what SQLAlchemy raises."""
    if connection.dispatch.before_cursor_execute:
        return connection.exec_driver_sql(sql, given).all()

    def ask(cursor: Any) -> Sequence[Any]:
        cursor.execute(sql, given)
        return list(cursor.fetchall())

    return _by_driver(connection, sql, ask)


def run(connection: Connection, sql: str, given: Any = ()) -> None:
    """Run it, once; for each of a list of parameters, in one call. Raises what SQLAlchemy raises."""
    if connection.dispatch.before_cursor_execute:
        connection.exec_driver_sql(sql, given)
        return

    def ask(cursor: Any) -> None:
        (cursor.executemany if isinstance(given, list) else cursor.execute)(sql, given)

    _by_driver(connection, sql, ask)


def _by_driver(connection: Connection, sql: str, ask: Callable[[Any], T]) -> T:
    pooled, dialect = connection.connection, connection.dialect
    cursor = pooled.cursor()
    try:
        return ask(cursor)
    except dialect.loaded_dbapi.Error as problem:
        gone = dialect.is_disconnect(problem, pooled, cursor)
        if gone:
            connection.invalidate(problem)
        # Without what was to be written, which holds links and contacts.
        raise DBAPIError.instance(
            sql,
            None,
            problem,
            dialect.loaded_dbapi.Error,
            hide_parameters=True,
            connection_invalidated=gone,
            dialect=dialect,
        ) from problem
    finally:
        if not connection.invalidated:
            cursor.close()
