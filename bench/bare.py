"""What the stack itself can do: a bare program beside ours and the peer, so that a ratio to the peer can be read.

For an alert it writes either one row, or the very rows that our program wrote for such an alert, into the same tables
with their indexes: copied from a database in which our program has paged for one. Statistics and search, which ours
writes a little later, are left out, and so is all that makes it a program on which people can rely.
"""

from __future__ import annotations

import json
import sqlite3
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

from bench.load import request
from bench.monitor import webhook
from bench.processes import free_port, listens, plain_environment, running, until
from bench.targets import Double, Target, alert, by_hook
from bench.work import Work, load, marks
from incident.clock import SystemClock

ONE_ROW: Final = "a bare program, one row an alert"
ALL_ROWS: Final = "a bare program, the rows of ours"

_FIRST: Final = ("log", "board", "open_keys", "outbox", "links")
_SENT: Final = "UPDATE outbox SET state = 'sent', attempts = 1, provider_id = ? WHERE id = ? + 1"


@contextmanager
def one_row(folder: Path, double: Double) -> Iterator[Target]:
    texts = {name: f"@{name}@" for name in ("title", "key", "incident", "token")}
    row = {"table": "bare", "values": {"title": texts["title"]}}
    sample = {"texts": texts, "first": [row], "later": [row], "sent": []}
    with _serving(folder, double, ONE_ROW, folder / "bare.db", sample) as found:
        yield found


@contextmanager
def all_rows(folder: Path, double: Double) -> Iterator[Target]:
    with by_hook(folder, double) as ours:
        load(ours, double, Work("sample", 1, clients=1), marks(1))
    database = folder / "incident.db"
    with closing(sqlite3.connect(database)) as kept:
        kept.row_factory = sqlite3.Row
        sample = _sample(kept)
    with _serving(folder, double, ALL_ROWS, database, sample) as found:
        yield found


def _sample(kept: sqlite3.Connection) -> Mapping[str, Any]:
    """The rows of the one incident that there is, and the texts in them that are another in every incident."""
    rows = {table: [dict(row) for row in kept.execute(f"SELECT * FROM {table}")] for table in (*_FIRST, "attempts")}
    incident: Mapping[str, Any] = json.loads(rows["board"][0]["row"])
    for row in rows["log"]:
        row["hash"] = None
    for row in rows["outbox"]:
        row.update(state="waiting", attempts=0, provider_id=None, sent_at=None, settled_at=None)
    texts = {
        "title": incident["title"],
        "key": rows["board"][0]["dedup_key"].partition(":")[2],
        "incident": incident["id"],
        "token": rows["links"][0]["token"],
    }
    return {"texts": texts, "first": _listed(rows, _FIRST), "later": _listed(rows, ("attempts",)), "sent": [_SENT]}


def _listed(rows: Mapping[str, Sequence[Mapping[str, Any]]], tables: Sequence[str]) -> list[Mapping[str, Any]]:
    return [{"table": table, "values": row} for table in tables for row in rows[table]]


@contextmanager
def _serving(folder: Path, double: Double, name: str, database: Path, sample: Mapping[str, Any]) -> Iterator[Target]:
    port, log, kept, now = free_port(), folder / "bare.log", folder / "sample.json", SystemClock().now()
    kept.write_text(json.dumps(sample), encoding="utf-8")
    settings = {
        "BARE_SAMPLE": str(kept),
        "BARE_DATABASE": str(database),
        "BARE_PROVIDER": f"http://127.0.0.1:{double.port}",
    }
    command = [sys.executable, "-m", "uvicorn", "bench.bare_app:app", "--port", str(port), "--no-access-log"]
    with running(command, {**plain_environment(), **settings}, log) as child:
        until(lambda: listens(port), 20, name, child, log)

        def ask(new: Sequence[str]) -> bytes:
            body = json.dumps(webhook([alert(mark) for mark in new], "firing", now)).encode()
            return request("POST", "/hook", body)

        yield Target(name, port, child.pid, ask)
