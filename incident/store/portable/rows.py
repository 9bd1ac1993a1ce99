"""Rows as they travel: as plain values, in batches, counted and summed on the way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from pydantic_core import to_json
from sqlalchemy import Connection, create_engine

from incident.store.migrations import bring
from incident.store.types import metadata

BATCH: Final = 1000
"""Rows in hand at once: some megabytes at the most, however many there are."""

Row = tuple[Any, ...]
_ROUND: Final = 1 << 256


@dataclass(frozen=True, slots=True)
class Form:
    """A table at some step of the schema. `flags` are the places of what is true or false: SQLite keeps 1 and 0."""

    table: str
    columns: tuple[str, ...]
    flags: tuple[int, ...]
    counter: str | None
    """The column that the database counts up by itself, if there is one."""

    @property
    def named(self) -> str:
        return ", ".join(f'"{name}"' for name in self.columns)

    @property
    def select(self) -> str:
        return f'SELECT {self.named} FROM "{self.table}"'  # noqa: S608 (names of our own migrations)

    def plain(self, rows: Iterable[Sequence[Any]]) -> list[Row]:
        """Rows of either database in the one form in which they are kept and summed."""
        if not self.flags:
            return [tuple(row) for row in rows]
        return [tuple(int(v) if n in self.flags else v for n, v in enumerate(row)) for row in rows]

    def native(self, rows: Iterable[Row]) -> list[Row]:
        """The same for PostgreSQL, which takes no 1 for a true."""
        if not self.flags:
            return list(rows)
        return [tuple(bool(v) if n in self.flags else v for n, v in enumerate(row)) for row in rows]


def forms(step: str) -> list[Form]:
    """Every table as it is at that step, in the order of their names. Made by taking the migrations up to there in
    memory: neither today's tables nor what a file says of itself would be right for an older backup."""
    engine = create_engine("sqlite://")
    try:
        with engine.begin() as connection:
            bring(connection, step)
            there = {row[0] for row in connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type='table'")}
            return [_form(connection, name) for name in sorted(there & set(metadata.tables))]
    finally:
        engine.dispose()


def _form(connection: Connection, table: str) -> Form:
    columns = connection.exec_driver_sql(f'PRAGMA table_info("{table}")').all()
    counted = metadata.tables[table].autoincrement_column
    return Form(
        table,
        tuple(column.name for column in columns),
        tuple(place for place, column in enumerate(columns) if column.type == "BOOLEAN"),
        None if counted is None or counted.autoincrement is not True else counted.name,
    )


class Tally:
    """How many rows, and the sum of their digests: the same rows give the same, in any order, from any database."""

    def __init__(self) -> None:
        self.rows = 0
        self._sum = 0

    def add(self, rows: Iterable[Row]) -> None:
        for row in rows:
            self.rows += 1
            self._sum += int.from_bytes(sha256(to_json(row, bytes_mode="hex")).digest(), "big")
        self._sum %= _ROUND

    @property
    def sum(self) -> str:
        return f"{self._sum:064x}"

    def as_pair(self) -> tuple[int, str]:
        return self.rows, self.sum


@contextmanager
def read(connection: Connection, form: Form) -> Iterator[Iterator[list[Row]]]:
    """A table's rows in batches, of the moment that the connection's transaction sees. Memory stays flat."""
    streamed = {"stream_results": True, "max_row_buffer": BATCH}
    with connection.exec_driver_sql(form.select, execution_options=streamed) as result:
        yield (form.plain(part) for part in result.partitions(BATCH))


def tallied(connection: Connection, form: Form) -> tuple[int, str]:
    """How many rows a table has now, and their sum."""
    tally = Tally()
    with read(connection, form) as batches:
        for rows in batches:
            tally.add(rows)
    return tally.as_pair()
