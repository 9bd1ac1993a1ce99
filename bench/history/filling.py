"""Fills an empty database with a history: SQLite through prepared statements, PostgreSQL through COPY.

A thousand incidents were opened a day, so that more of them is a longer past and not a busier one. Every closed life is
whole, from its report to its close. One thing is left out: the copies of the board row that the log keeps with each
decision are kept with the last one only, because streams alone read them, and never so far back.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, Table, select, text

from bench.history.casting import TABLES, Caster
from bench.history.lives import Life, closed_lives, loud_life, open_lives, played
from bench.history.moulds import Mould, mould
from incident.clock import Clock
from incident.organisation.reader import demo_organisation
from incident.store import directory, documents
from incident.store.bulk import BulkInsert
from incident.store.engine import changing, is_postgresql, reading
from incident.store.tables import documents as kept

A_DAY: Final = 1_000
LOUD: Final = 20
"""Criticals among the open ones that nobody has."""
SEED: Final = 20261126

Told = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class History:
    """What was made. `ids` are some of the closed incidents', `last` the highest number of a code."""

    closed: int
    standing: int
    entries: int
    last: int
    ids: tuple[str, ...]


def fill(engine: Engine, *, closed: int, standing: int, clock: Clock, told: Told) -> History:
    """Into a database that was migrated and holds nothing yet. `told` hears how many of how many incidents are in."""
    caster = Caster(random.Random(SEED))
    past, quiet, loud = _moulds(engine, clock)
    now_s, wanted = int(clock.now().timestamp()), closed + standing

    def heard(done: int) -> None:
        told(done, wanted)

    begin = now_s - 86_400 - closed * 86_400 // A_DAY
    _pour(engine, caster, past, [begin + n * 86_400 // A_DAY for n in range(closed)], heard)
    ids = tuple(caster.ids)
    calm = max(0, standing - LOUD)
    now_s = int(clock.now().timestamp())
    _pour(engine, caster, quiet, [now_s - 600 + n * 300 // max(1, calm) for n in range(calm)], heard)
    _pour(engine, caster, loud, [now_s - 60 + n for n in range(standing - calm)], heard)
    _settle(engine, caster)
    return History(closed, standing, caster.position, caster.number, ids)


def _moulds(engine: Engine, clock: Clock) -> tuple[list[Mould], list[Mould], list[Mould]]:
    """Moulds of closed, open and loud lives. What they pinned is put into the database, with the organisation."""
    lives: list[Life] = [*closed_lives(), *open_lives(), loud_life()]
    with (
        tempfile.TemporaryDirectory(prefix="incident-lives-") as folder,
        played(Path(folder), lives) as (small, ids),
        reading(small) as connection,
    ):
        made = [mould(connection, one) for one in ids]
        pinned = [documents.get(connection, digest) for digest in connection.scalars(select(kept.c.digest))]
    with changing(engine) as connection:
        documents.keep(connection, [one for one in pinned if one], clock.now())
        directory.save_organisation(connection, demo_organisation(), expected=None, at=clock.now(), by="bench")
    count = sum(life.end == "closed" for life in lives)
    return made[:count], made[count:-1], made[-1:]


def _pour(
    engine: Engine, caster: Caster, moulds: Sequence[Mould], begins_s: Sequence[int], told: Callable[[int], None]
) -> None:
    with engine.connect() as connection:
        write = _copy if is_postgresql(engine) else _insert
        if not is_postgresql(engine):
            _hurry(connection)
        for batch in caster.batches(moulds, begins_s):
            with connection.begin():
                for table in TABLES:
                    write(connection, table, batch[table.name])
            told(caster.number)


def _hurry(connection: Connection) -> None:
    """No flush for each commit, and room for the indexes: a history that is cut off is made anew."""
    raw: Any = connection.connection.dbapi_connection
    for pragma in ("synchronous=OFF", "cache_size=-1000000", "wal_autocheckpoint=20000"):
        raw.execute(f"PRAGMA {pragma}")


def _names(table: Table) -> list[str]:
    return [column.name for column in table.c]


def _insert(connection: Connection, table: Table, rows: Sequence[Sequence[Any]]) -> None:
    BulkInsert(table, *_names(table))(connection, [tuple(row) for row in rows])


def _copy(connection: Connection, table: Table, rows: Sequence[Sequence[Any]]) -> None:
    names = ", ".join(f'"{name}"' for name in _names(table))
    raw: Any = connection.connection.cursor()
    with raw.copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _settle(engine: Engine, caster: Caster) -> None:
    """The next ids follow, and the planner knows what there is, as it does in a database that has grown."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if is_postgresql(engine):
            for table, last in (("outbox", caster.send), ("attempts", caster.attempt)):
                connection.execute(text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), {last})"))
            connection.execute(text("VACUUM ANALYZE"))
        else:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
