"""A backup, restored into a database: all of it in one transaction, or nothing.

The target's own tables go, the schema is made anew at the backup's step, the rows are copied and read back, and the
migrations since then run over them as they would have over the database that the backup was made of.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, Engine, func, inspect, select, text

from incident.errors import why
from incident.store.bulk import BulkInsert
from incident.store.derived import SEARCH, derived
from incident.store.engine import LOG_LOCK, MIGRATION_LOCK, changing, is_postgresql
from incident.store.migrations import bring, knows, newest, standing
from incident.store.portable import BadBackup
from incident.store.portable.file import Backup, Progress, batches, opened
from incident.store.portable.hold import Held, free, hold, let_go
from incident.store.portable.rows import Form, Row, tallied
from incident.store.types import metadata

VERSIONS: Final = "alembic_version"
_OF_NO_WEIGHT: Final = frozenset({VERSIONS, "meta"})
"""What stands in a database that was only ever migrated and asked whether it is well."""

_LEAVING_S: Final = 3
_OTHERS: Final = text(
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND application_name = 'incident' AND pid <> pg_backend_pid()"
)


@dataclass(frozen=True, slots=True)
class Restored:
    """`erased` counts the rows that were there before, by table; `held` what waits for `incident resume`."""

    erased: dict[str, int]
    held: Held | None


def restore(
    engine: Engine, backup: Backup, *, now: datetime, erase: bool, resume: bool, progress: Progress | None = None
) -> Restored:
    """Put a proved backup in the place of whatever the database holds.

    Raises BadBackup, with nothing changed, for a database that is in use, holds rows (unless `erase`), was made by a
    newer release or is not ours. `resume` lets what waited go on from here; without it nobody is paged for it.
    """
    with changing(engine) as target:
        if is_postgresql(engine):
            _alone(target)
        there = _there(target)
        if any(there.values()) and not erase:
            raise BadBackup(why("backup.not_empty", **_named(there)))
        _clear(target)
        bring(target, backup.manifest.step)
        _copy(target, backup, progress)
        bring(target)
        free(target)
        let_go(target)  # the backup may be one of a database whose work was held
        held = None if resume else hold(target, now)
        return Restored({table: rows for table, rows in there.items() if rows}, held)


def _alone(target: Connection) -> None:
    """Nobody else may be at work in it: their next write would go into the restored log, with states of the old one."""
    for limit in ("statement_timeout", "idle_in_transaction_session_timeout"):
        target.execute(text(f"SET LOCAL {limit} = 0"))
    for lock in (MIGRATION_LOCK, LOG_LOCK):
        target.execute(text(f"SELECT pg_advisory_xact_lock({lock})"))
    left = _LEAVING_S * 10
    while (others := target.scalar(_OTHERS)) and left:  # who was just stopped is seen for a moment longer
        target.execute(text("SELECT pg_sleep(0.1), pg_stat_clear_snapshot()"))
        left -= 1
    if others:
        raise BadBackup(why("backup.in_use", n=others))


def _there(target: Connection) -> dict[str, int]:
    """How many rows each of our tables has. Raises BadBackup for tables that we did not make, or cannot know."""
    names = set(inspect(target).get_table_names())
    ours = names & set(metadata.tables)
    step = standing(target) if VERSIONS in names else None
    if step is None and ours:
        raise BadBackup(why("backup.not_ours", table=min(ours)))
    if step is not None and not knows(step):
        raise BadBackup(why("backup.newer", step=step, newest=newest()))
    weighty = sorted(ours - _OF_NO_WEIGHT)
    return {name: target.scalar(select(func.count()).select_from(metadata.tables[name])) or 0 for name in weighty}


def _named(there: dict[str, int]) -> dict[str, int]:
    return {"incidents": there.get("board", 0), "entries": there.get("log", 0), "rows": sum(there.values())}


def _clear(target: Connection) -> None:
    names = set(inspect(target).get_table_names()) & {*metadata.tables, *derived.tables, SEARCH, VERSIONS}
    for name in sorted(names):
        target.exec_driver_sql(f'DROP TABLE "{name}"')


def _copy(target: Connection, backup: Backup, progress: Progress | None) -> None:
    done = 0
    with closing(opened(backup.path)) as file:
        for form in backup.forms:
            for rows in batches(file, form):
                _insert(target, form, rows)
                done += len(rows)
                if progress:
                    progress(done, backup.manifest.rows)
            _count_on(target, form)
            if tallied(target, form) != backup.manifest.tables[form.table]:  # the file was altered since it was proved
                raise BadBackup(why("backup.altered", table=form.table))


def _insert(target: Connection, form: Form, rows: list[Row]) -> None:
    if not is_postgresql(target.engine):
        BulkInsert(metadata.tables[form.table], *form.columns)(target, rows)
        return
    driver = target.connection.driver_connection
    assert driver is not None
    statement = f'COPY "{form.table}" ({form.named}) FROM STDIN'
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        for row in form.native(rows):
            copy.write_row(row)


def _count_on(target: Connection, form: Form) -> None:
    """PostgreSQL's own counters do not notice rows that came with their numbers."""
    if form.counter is not None and is_postgresql(target.engine):
        target.exec_driver_sql(
            f"SELECT setval(pg_get_serial_sequence('{form.table}', '{form.counter}'),"  # noqa: S608 (names of ours)
            f' greatest((SELECT max("{form.counter}") FROM "{form.table}"), 1),'
            f' EXISTS (SELECT FROM "{form.table}"))'
        )
