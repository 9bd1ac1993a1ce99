"""Databases with a history, made once for all rounds, and removed at the end of the process."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import psycopg

from bench.chaos.cluster import Cluster
from bench.history.filling import cut, fill_past, fill_standing, some_ids
from bench.processes import stop, until
from incident.clock import SystemClock
from incident.store.engine import open_engine
from incident.store.migrations import migrate

KEPT: Final = "BENCH_HISTORY"
"""An environment variable: a folder in which histories are kept for the next time. A million takes a while."""
_EVERY_S: Final = 15.0


@dataclass(frozen=True, slots=True)
class Made:
    """Where it is, as the program's setting; its folder; some of its closed incidents."""

    url: str
    folder: Path
    ids: tuple[str, ...]


@contextmanager
def made(database: str, closed: int, standing: int, tell: Callable[[str], None]) -> Iterator[Made]:
    """A database with that past and so many open incidents, opened within the last ten minutes."""
    folder = _folder() / f"{database}-{closed}"
    folder.mkdir(exist_ok=True)
    with _url(database, folder) as url:
        engine, clock = open_engine(url), SystemClock()
        try:
            if not (folder / "made").exists():
                migrate(engine)
                fill_past(engine, closed, clock, _telling(tell, f"{database}, {closed:,} closed"))
                (folder / "made").touch()
            migrate(engine)
            cut(engine)
            fill_standing(engine, standing, clock)
            found = Made(url, folder, tuple(some_ids(engine, 2_000)))
        finally:
            engine.dispose()
        yield found


@contextmanager
def _url(database: str, folder: Path) -> Iterator[str]:
    if database == "SQLite":
        yield f"sqlite:///{folder / 'incident.db'}"
        return
    cluster, log = _cluster(folder), folder / "postgres.log"
    child = cluster.start()
    try:
        until(cluster.answers, 60, "PostgreSQL", child, log)
        if not (folder / "made").exists():
            with psycopg.connect(cluster.url(), autocommit=True) as connection:
                connection.execute("DROP DATABASE IF EXISTS history")
                connection.execute("CREATE DATABASE history")
        yield cluster.url("history")
    finally:
        child.send_signal(2)  # SIGINT: the fast shutdown
        stop(child)


@cache
def _cluster(folder: Path) -> Cluster:
    return Cluster(folder / "cluster")


@cache
def _folder() -> Path:
    kept = os.environ.get(KEPT)
    if kept:
        Path(kept).mkdir(parents=True, exist_ok=True)
        return Path(kept)
    made = Path(tempfile.mkdtemp(prefix="incident-history-"))
    made.chmod(0o755)  # PostgreSQL runs as somebody else
    _removed.append(made)
    return made


_removed: Final[list[Path]] = []


def remove() -> None:
    """Remove what was made for this process."""
    for folder in _removed:
        shutil.rmtree(folder, ignore_errors=True)


def _telling(tell: Callable[[str], None], what: str) -> Callable[[int, int], None]:
    last = time.monotonic()

    def told(done: int, wanted: int) -> None:
        nonlocal last
        if time.monotonic() - last > _EVERY_S:
            last = time.monotonic()
            tell(f"  making {what}: {done / wanted:.0%}")

    return told
