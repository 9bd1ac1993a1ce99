"""Inserts for the desk's hot path: rows as tuples of what lies in the columns, handed to the driver as they are.

SQLAlchemy converts every value of every row by itself; for the five tables that each new incident writes, that was a
third of the time in the writer. Everything else goes the usual way.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, Dialect, Table

from incident.store import driver


class BulkInsert:
    """Inserts into some columns of a table. Times are given as `types.micros`, JSON as text, by the caller."""

    def __init__(self, table: Table, *columns: str) -> None:
        self.columns: Final = columns
        self._table: Final = table
        self._statements: dict[str, str] = {}
        unknown = set(columns) - set(table.columns.keys())
        if unknown:
            raise ValueError(f"{table.name} has no column {', '.join(sorted(unknown))}")

    def __call__(self, connection: Connection, rows: Sequence[tuple[Any, ...]]) -> None:
        """Insert the rows, in one call to the driver. None at all is no statement."""
        if rows:
            driver.run(connection, self._statement(connection.dialect), list(rows))

    def _statement(self, dialect: Dialect) -> str:
        found = self._statements.get(dialect.name)
        if found is None:
            quote = dialect.identifier_preparer.quote
            mark = "?" if dialect.paramstyle == "qmark" else "%s"
            names = ", ".join(quote(column) for column in self.columns)
            marks = ", ".join(mark for _ in self.columns)
            found = f"INSERT INTO {quote(self._table.name)} ({names}) VALUES ({marks})"  # noqa: S608 (names of ours)
            self._statements[dialect.name] = found
        return found
