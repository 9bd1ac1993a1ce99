"""The file of a backup: what it says of itself, and the proof that it is whole."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy import create_engine
from sqlalchemy.exc import DatabaseError

from incident.errors import why
from incident.store import chain
from incident.store.migrations import knows, newest
from incident.store.portable import BadBackup
from incident.store.portable.rows import BATCH, Form, Row, Tally, forms

APPLICATION: Final = 0x1C1D_0B0C
"""SQLite's `application_id` of such a file: it is known before anything in it is believed."""
FORMAT: Final = 1
MANIFEST: Final = "manifest"

Progress = Callable[[int, int], None]


class Manifest(BaseModel):
    """What a backup says of itself. `bad` is where the log's chain was already broken when it was made."""

    model_config = ConfigDict(frozen=True)

    format: int
    step: str
    made_at: datetime
    made_from: str
    entries: int
    head: str
    bad: int | None
    tables: Mapping[str, tuple[int, str]]

    @property
    def rows(self) -> int:
        return sum(rows for rows, _ in self.tables.values())

    def count(self, table: str) -> int:
        return self.tables[table][0] if table in self.tables else 0


@dataclass(frozen=True, slots=True)
class Backup:
    """A file that has been proved: every row that the manifest counts is there, and no other."""

    path: Path
    manifest: Manifest
    forms: tuple[Form, ...]


def opened(path: Path) -> sqlite3.Connection:
    """The file, to be read only. Raises OSError when there is none."""
    path.open("rb").close()  # SQLite's own complaint would not name the file
    return sqlite3.connect(f"file:{quote(str(path))}?mode=ro&immutable=1", uri=True)


def batches(file: sqlite3.Connection, form: Form) -> Iterator[list[Row]]:
    """A table's rows as they lie in the file."""
    cursor = file.execute(form.select)
    while rows := cursor.fetchmany(BATCH):
        yield rows


def proved(path: Path, progress: Progress | None = None) -> Backup:
    """Read the whole file against its manifest, and walk the log's hash chain in it.

    Raises BadBackup for a file that is none of ours, of a newer release, cut off or altered.
    """
    with _as_bad():
        with closing(opened(path)) as file:
            manifest = manifest_of(file)
        if not knows(manifest.step):
            raise BadBackup(why("backup.newer", step=manifest.step, newest=newest()))
        shape = tuple(forms(manifest.step))
        counted(path, manifest, shape, progress)
        found = chain_in(path)
    if (found.bad, found.head) != (manifest.bad, manifest.head):
        raise BadBackup(why("backup.altered", table="log"))
    return Backup(path, manifest, shape)


def counted(path: Path, manifest: Manifest, shape: tuple[Form, ...], progress: Progress | None = None) -> None:
    """Raises BadBackup when the file's rows are not those that the manifest counts and sums."""
    if {form.table for form in shape} != set(manifest.tables):
        raise BadBackup(why("backup.altered", table=MANIFEST))
    done = 0
    with closing(opened(path)) as file:
        for form in shape:
            tally = Tally()
            for rows in batches(file, form):
                tally.add(rows)
                done += len(rows)
                if progress:
                    progress(done, manifest.rows)
            if tally.as_pair() != manifest.tables[form.table]:
                raise BadBackup(why("backup.altered", table=form.table))


def manifest_of(file: sqlite3.Connection) -> Manifest:
    """Raises BadBackup when there is none, or one of a form that only a newer release reads."""
    (application,) = file.execute("PRAGMA application_id").fetchone()
    (form,) = file.execute("PRAGMA user_version").fetchone()
    if application != APPLICATION:
        raise BadBackup(why("backup.foreign"))
    if form > FORMAT:
        raise BadBackup(why("backup.newer", step=f"form {form}", newest=f"form {FORMAT}"))
    row = file.execute(f"SELECT value FROM {MANIFEST}").fetchone()  # noqa: S608 (a constant)
    if row is None:
        raise BadBackup(why("backup.altered", table=MANIFEST))
    return Manifest.model_validate_json(row[0])


def chain_in(path: Path) -> chain.Proof:
    """The log's hash chain, walked in the file."""
    engine = create_engine(f"sqlite:///file:{quote(str(path))}?mode=ro&immutable=1&uri=true")
    try:
        with engine.connect() as connection:
            return chain.verify(connection)
    finally:
        engine.dispose()


@contextmanager
def _as_bad() -> Iterator[None]:
    try:
        yield
    except (sqlite3.DatabaseError, DatabaseError) as problem:
        raise BadBackup(why("backup.unreadable", problem=str(getattr(problem, "orig", problem)))) from problem
    except ValidationError as problem:
        raise BadBackup(why("backup.altered", table=MANIFEST)) from problem
