"""A database in use, written into a backup: one moment of it, whatever is committed meanwhile."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine, create_engine, func, select, text

from incident.errors import why
from incident.store.derived import SEARCH, derived
from incident.store.engine import is_postgresql, reading
from incident.store.migrations import bring, knows, newest, standing
from incident.store.portable import BadBackup
from incident.store.portable.file import (
    APPLICATION,
    FORMAT,
    MANIFEST,
    Backup,
    Manifest,
    Progress,
    chain_in,
    counted,
)
from incident.store.portable.rows import Form, Tally, forms, read
from incident.store.types import metadata

_COPYING: Final = ("journal_mode=OFF", "synchronous=OFF", "locking_mode=EXCLUSIVE", f"application_id={APPLICATION}")


@dataclass(slots=True)
class _Copy:
    """One moment of the source. `tables` are counts and sums as they were read from it."""

    step: str
    made_from: str
    shape: tuple[Form, ...]
    tables: dict[str, tuple[int, str]] = field(default_factory=dict)


def back_up(engine: Engine, path: Path, *, now: datetime, progress: Progress | None = None) -> Backup:
    """Write the database to a new file for its owner only, prove the file, and give it its name last.

    Raises BadBackup for a database without a schema or of a newer release, FileExistsError for a name that is taken.
    """
    if path.exists():
        raise FileExistsError(None, "exists", str(path))
    number, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)  # mode 0600: it holds people's numbers
    os.close(number)
    draft = Path(name)
    try:
        with reading(engine) as source:
            copy = _begun(source)
            _shape(draft, copy.step)
            _fill(source, draft, copy, progress)
        manifest = _seal(draft, copy, now)
        counted(draft, manifest, copy.shape)  # what lies in the file is what was read from the database
        path.hardlink_to(draft)  # a link, unlike a rename, never replaces
        _flush(path.parent)
    finally:
        draft.unlink(missing_ok=True)
    return Backup(path, manifest, copy.shape)


def _begun(source: Connection) -> _Copy:
    if is_postgresql(source.engine):
        for limit in ("statement_timeout", "idle_in_transaction_session_timeout"):
            source.execute(text(f"SET LOCAL {limit} = 0"))
    step = standing(source)
    if step is None:
        raise BadBackup(why("backup.empty"))
    if not knows(step):
        raise BadBackup(why("backup.newer", step=step, newest=newest()))
    return _Copy(step, source.dialect.name, tuple(forms(step)))


def _shape(draft: Path, step: str) -> None:
    """The tables of that step. No indexes and nothing derived, which are made anew; and no word of alembic's, so that a
    process that is started on the file itself is refused instead of running without them."""
    engine = create_engine(f"sqlite:///{draft}")
    try:
        with engine.begin() as connection:
            bring(connection, step)
            for table in (*derived.tables, SEARCH):
                connection.exec_driver_sql(f'DROP TABLE IF EXISTS "{table}"')
            named = "SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
            for (index,) in connection.exec_driver_sql(named).all():
                connection.exec_driver_sql(f'DROP INDEX "{index}"')
            connection.exec_driver_sql("DROP TABLE alembic_version")
            connection.exec_driver_sql(f"CREATE TABLE {MANIFEST} (value TEXT NOT NULL)")
        with closing(sqlite3.connect(draft, isolation_level=None)) as target:
            target.execute("VACUUM")  # no page may be left that nobody reads: a file cut off there would seem whole
    finally:
        engine.dispose()


def _fill(source: Connection, draft: Path, copy: _Copy, progress: Progress | None) -> None:
    total = sum(source.scalar(select(func.count()).select_from(metadata.tables[f.table])) or 0 for f in copy.shape)
    done = 0
    with closing(sqlite3.connect(draft, isolation_level=None)) as target:
        for pragma in _COPYING:
            target.execute(f"PRAGMA {pragma}")
        target.execute("BEGIN")
        for form in copy.shape:
            marks, tally = ", ".join("?" for _ in form.columns), Tally()
            insert = f'INSERT INTO "{form.table}" ({form.named}) VALUES ({marks})'  # noqa: S608 (names of ours)
            with read(source, form) as batches:
                for rows in batches:
                    target.executemany(insert, rows)
                    tally.add(rows)
                    done += len(rows)
                    if progress:
                        progress(done, total)
            copy.tables[form.table] = tally.as_pair()
        target.execute("COMMIT")


def _seal(draft: Path, copy: _Copy, now: datetime) -> Manifest:
    """Walk the chain, write the manifest, and have all of it on the disk."""
    found = chain_in(draft)
    manifest = Manifest(
        format=FORMAT,
        step=copy.step,
        made_at=now,
        made_from=copy.made_from,
        entries=found.entries,
        head=found.head,
        bad=found.bad,
        tables=copy.tables,
    )
    with closing(sqlite3.connect(draft, isolation_level=None)) as target:
        target.execute(f"INSERT INTO {MANIFEST} VALUES (?)", (manifest.model_dump_json(),))  # noqa: S608 (a constant)
        target.execute(f"PRAGMA user_version={FORMAT}")
    _flush(draft)
    return manifest


def _flush(path: Path) -> None:
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
