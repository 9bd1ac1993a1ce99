"""Fills an empty database with a history: SQLite through prepared statements, PostgreSQL through COPY.

A thousand incidents were opened a day, so that more of them is a longer past and not a busier one. Every closed life is
whole, from its report to its close. One thing is left out: the copies of the board row that the log keeps with each
decision are kept with the last one only, because streams alone read them, and never so far back. What the clerk would
read off all of it is cast, too, from what it read of the few: the same rows in a third of the time.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, Table, delete, func, select, text, update

from bench.history.casting import TABLES, Caster
from bench.history.lives import Life, closed_lives, loud_life, open_lives, played
from bench.history.moulds import Mould, mould
from incident.clock import Clock
from incident.desk.clerk import Clerk
from incident.organisation.reader import demo_organisation
from incident.store import directory, documents, measured, search
from incident.store.bulk import BulkInsert
from incident.store.derived import SEARCH, measures, reached
from incident.store.engine import changing, is_postgresql, reading
from incident.store.measured import Mark
from incident.store.tables import attempts, board, links, log, open_keys, outbox
from incident.store.tables import documents as kept

A_DAY: Final = 1_000
LOUD: Final = 20
"""Criticals among the open ones that nobody has."""
SEED: Final = 20261126

_NUMBER, _WORDS = (list(board.c.keys()).index(name) for name in ("number", "words"))

Told = Callable[[int, int], None]


def fill_past(engine: Engine, closed: int, clock: Clock, told: Told) -> None:
    """So many closed incidents into a migrated and empty database, the last of them of yesterday. Read by the clerk."""
    past, _, _ = _moulds(engine, clock)
    begin = int(clock.now().timestamp()) - 86_400 - closed * 86_400 // A_DAY
    _pour(engine, past, [begin + n * 86_400 // A_DAY for n in range(closed)], lambda done: told(done, closed))
    _settle(engine)


def fill_standing(engine: Engine, standing: int, clock: Clock) -> None:
    """So many open incidents behind what there is, opened within the last ten minutes."""
    _, quiet, loud = _moulds(engine, clock)
    calm, now_s = max(0, standing - LOUD), int(clock.now().timestamp())
    _pour(engine, quiet, [now_s - 600 + n * 300 // max(1, calm) for n in range(calm)])
    _pour(engine, loud, [now_s - 60 + n for n in range(standing - calm)])
    _settle(engine)


def some_ids(engine: Engine, count: int) -> list[str]:
    """Ids of closed incidents, from all of the history."""
    with reading(engine) as connection:
        last = connection.scalar(select(func.max(board.c.number)).where(board.c.over.is_(True))) or 0
        chosen = random.Random(SEED).sample(range(1, last + 1), min(count, last))
        return list(connection.scalars(select(board.c.incident).where(board.c.number.in_(chosen))))


def cut(engine: Engine) -> None:
    """Take away whatever came after the last closed incident, so that a kept history can be used again."""
    with changing(engine) as connection:
        over = board.c.over.is_(True)
        number = connection.scalar(select(func.max(board.c.number)).where(over)) or 0
        position = connection.scalar(select(board.c.position).where(board.c.number == number)) or 0
        later = select(board.c.incident).where(board.c.number > number)
        for table in (links, open_keys, measures):
            connection.execute(delete(table).where(table.c.incident.in_(later)))
        sends = select(outbox.c.id).where(outbox.c.position > position)
        connection.execute(delete(attempts).where(attempts.c.send.in_(sends)))
        connection.execute(delete(outbox).where(outbox.c.position > position))
        connection.execute(delete(log).where(log.c.position > position))
        connection.execute(delete(board).where(board.c.number > number))
        row = "number" if is_postgresql(engine) else "rowid"
        connection.execute(text(f"DELETE FROM {SEARCH} WHERE {row} > {number}"))
        connection.execute(update(reached).values(position=position, number=number))


def _moulds(engine: Engine, clock: Clock) -> tuple[list[Mould], list[Mould], list[Mould]]:
    """Moulds of closed, open and loud lives. What they pinned is put into the database, with the organisation."""
    lives: list[Life] = [*closed_lives(), *open_lives(), loud_life()]
    with (
        tempfile.TemporaryDirectory(prefix="incident-lives-") as folder,
        played(Path(folder), lives) as (small, ids),
    ):
        Clerk(small).catch_up()
        with reading(small) as connection:
            made = [mould(connection, one) for one in ids]
            pinned = [documents.get(connection, digest) for digest in connection.scalars(select(kept.c.digest))]
    with changing(engine) as connection:
        documents.keep(connection, [one for one in pinned if one], clock.now())
        directory.save_organisation(connection, demo_organisation(), expected=None, at=clock.now(), by="bench")
    count = sum(life.end == "closed" for life in lives)
    return made[:count], made[count:-1], made[-1:]


def _pour(
    engine: Engine, moulds: Sequence[Mould], begins_s: Sequence[int], told: Callable[[int], None] = lambda done: None
) -> None:
    with reading(engine) as connection:
        caster = Caster.on(connection, random.Random(f"{SEED}{len(begins_s)}"))
    with engine.connect() as connection:
        write = _copy if is_postgresql(engine) else _insert
        if not is_postgresql(engine):
            _hurry(connection)
        for batch in caster.batches(moulds, begins_s):
            with connection.begin():
                for table in TABLES:
                    write(connection, table, batch[table.name])
                search.put(connection, [(row[_NUMBER], row[_WORDS]) for row in batch[board.name]])
                measured.move(connection, measured.mark(connection), Mark(caster.position, caster.number))
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


def _settle(engine: Engine) -> None:
    """The words are noted, the next ids follow, and the planner knows what there is, as it does in a database that has
    grown."""
    Clerk(engine).catch_up()
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if is_postgresql(engine):
            for name in ("outbox", "attempts"):
                last = f"(SELECT coalesce(max(id), 1) FROM {name})"
                connection.execute(text(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), {last})"))
            connection.execute(text("SET statement_timeout = 0"))
            connection.execute(text("VACUUM ANALYZE"))
            connection.execute(text("RESET statement_timeout"))
        else:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
