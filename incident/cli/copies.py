"""Backups: made while the database is in use, proved, and restored into SQLite or PostgreSQL alike."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy import Engine

from incident.cli import archive
from incident.cli.data import _engine
from incident.cli.plans import Json
from incident.cli.run import Data
from incident.cli.say import out, progress, words
from incident.errors import BadInput, Fault, why
from incident.running.lock import only_one
from incident.settings import Settings
from incident.store import chain
from incident.store.engine import changing, open_engine, reading
from incident.store.portable import BadBackup
from incident.store.portable.file import Manifest, proved
from incident.store.portable.hold import let_go
from incident.store.portable.restore import Restored
from incident.store.portable.restore import restore as put_back
from incident.store.portable.write import back_up

ERASE = "--erase-existing"


def add_to(app: typer.Typer) -> None:
    for command in (backup, verify, restore, resume):
        app.command()(command)


@contextmanager
def _as_it_is(data: Path | None, *, begins: bool = False) -> Iterator[tuple[Engine, Settings]]:
    """The database whatever release it is of: a backup is made before an upgrade too."""
    settings = Settings.load(data_dir=data, begins=begins)
    engine = open_engine(settings.database_url.get_secret_value())
    try:
        yield engine, settings
    finally:
        engine.dispose()


@contextmanager
def _about(file: Path) -> Iterator[None]:
    """What is wrong with a file, or with what it was to be restored into, names the file."""
    try:
        yield
    except BadBackup as bad:
        raise BadInput(Fault(str(file), bad.reason)) from bad
    except FileExistsError:
        raise BadInput(Fault(str(file), why("cli.backup.exists"))) from None


def backup(file: Path, as_json: Json = False, data: Data = None) -> int:
    """Copy the database into one file while it is in use, and prove the file. SQLite and PostgreSQL give the same."""
    if not file.absolute().parent.is_dir():
        raise BadInput(Fault(str(file), why("cli.backup.no_folder", folder=file.absolute().parent)))
    with _as_it_is(data) as (engine, settings), _about(file), progress() as told:
        made = back_up(engine, file, now=settings.clock().now(), progress=told)
    if as_json:
        out(json.dumps(_figures(file, made.manifest)))
    else:
        _say(file, made.manifest, "cli.backup.done")
        out(words().t("cli.backup.besides", data=settings.data))
    return 0 if made.manifest.bad is None else 1


def verify(
    file: Annotated[Path | None, typer.Argument(help="A backup or an archive; without, the database itself.")] = None,
    as_json: Json = False,
    data: Data = None,
) -> int:
    """Check the log's hash chain from its first entry, in the database or a backup, and every row of a backup; of an
    archive, that each entry has its hash and none is missing.

    Exit 1 when something was changed, removed or moved.
    """
    if file is not None:
        return _verify_file(file, as_json)
    with _engine(data) as (engine, _), reading(engine) as connection, progress() as told:
        found = chain.verify(connection, told)
    if as_json:
        out(json.dumps({"entries": found.entries, "head": found.head, "bad": found.bad, "what": found.what}))
    elif found.holds:
        out(words().t("cli.verify.whole", n=found.entries, head=found.head))
    else:
        out(words().t("cli.verify.broken", n=found.bad, proof=found.what))
    return 0 if found.holds else 1


def _verify_archive(file: Path, as_json: bool) -> int:
    found = archive.check(file)
    if as_json:
        out(json.dumps({"file": str(file), **asdict(found)}))
    elif found.bad is None:
        out(words().t("cli.archive.whole", file=file, n=found.entries, hash=found.hash))
    elif found.bad == 0:
        out(words().t("cli.archive.damaged", file=file))
    else:
        out(words().t("cli.archive.broken", file=file, n=found.bad))
    return 0 if found.bad is None else 1


def _verify_file(file: Path, as_json: bool) -> int:
    if archive.is_archive(file):
        return _verify_archive(file, as_json)
    try:
        with progress() as told:
            manifest = proved(file, told).manifest
    except BadBackup as bad:
        out(json.dumps({"file": str(file), "whole": False, "why": bad.reason.key}) if as_json else _line(file, bad))
        return 1
    if as_json:
        out(json.dumps(_figures(file, manifest)))
    else:
        _say(file, manifest, "cli.backup.whole")
    return 0 if manifest.bad is None else 1


def _line(file: Path, bad: BadBackup) -> str:
    return f"{file}: {words().reason(bad.reason)}"


def restore(
    file: Annotated[Path, typer.Argument(dir_okay=False)],
    erase_existing: Annotated[
        bool, typer.Option(ERASE, help="The database holds something: erase all of it first, for good.")
    ] = False,
    and_resume: Annotated[
        bool, typer.Option("--resume", help="The first installation is gone for good: page and remind from here on.")
    ] = False,
    as_json: Json = False,
    data: Data = None,
) -> None:
    """Put a backup in the place of what the database holds: all of it, or nothing. Stop web, worker and watch first.

    What the restored incidents have still to send is held until `incident resume`, unless `--resume` is given: two
    installations on one log must not page everybody twice.
    """
    with _as_it_is(data, begins=True) as (engine, settings), only_one(settings.data, settings.public_url), _about(file):
        with progress() as told:
            found = proved(file, told)
        with progress() as told:
            now = settings.clock().now()
            done = put_back(engine, found, now=now, erase=erase_existing, resume=and_resume, progress=told)
    if as_json:
        held = done.held and {"messages": done.held.messages, "incidents": done.held.incidents}
        out(json.dumps(_figures(file, found.manifest) | {"erased": done.erased, "held": held}))
    else:
        _say_restored(file, found.manifest, done)


def _say_restored(file: Path, manifest: Manifest, done: Restored) -> None:
    say = words()
    if done.erased:
        rows, incidents = sum(done.erased.values()), done.erased.get("board", 0)
        out(say.t("cli.restore.erased", rows=rows, incidents=incidents))
    _say(file, manifest, "cli.restore.done")
    if done.held is None:
        out(say.t("cli.restore.goes_on"))
    else:
        out(say.t("cli.restore.held", messages=done.held.messages, incidents=done.held.incidents))


def resume(as_json: Json = False, data: Data = None) -> None:
    """After a restore: this installation pages and reminds from now on. The first one must be stopped for good."""
    with _engine(data) as (engine, _), changing(engine) as connection:
        found = let_go(connection)
    if as_json:
        out(json.dumps({"messages": found.messages if found else 0, "incidents": found.incidents if found else 0}))
    elif found is None:
        out(words().t("cli.resume.nothing"))
    else:
        out(words().t("cli.resume.done", messages=found.messages, incidents=found.incidents))


def _say(file: Path, manifest: Manifest, key: str) -> None:
    say, made = words(), manifest.made_at.isoformat(timespec="seconds")
    counts = {"incidents": manifest.count("board"), "entries": manifest.entries, "rows": manifest.rows}
    out(say.t(key, file=file, at=made, step=manifest.step, head=manifest.head, **counts))
    if manifest.bad is not None:
        out(say.t("cli.backup.broken", n=manifest.bad))


def _figures(file: Path, manifest: Manifest) -> dict[str, Any]:
    """What a machine reads of a backup."""
    return {
        "file": str(file),
        "bytes": file.stat().st_size,
        "whole": True,
        "made_at": manifest.made_at.isoformat(),
        "made_from": manifest.made_from,
        "step": manifest.step,
        "entries": manifest.entries,
        "head": manifest.head,
        "bad": manifest.bad,
        "rows": {table: rows for table, (rows, _) in manifest.tables.items()},
    }
