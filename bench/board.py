"""The board, the lists and the start with 10,000 open incidents, beside a short past and beside a very long one.

The peer is the program itself, with a past of 10,000 closed incidents: what grows with the history shows as a ratio
above one. A thousand were opened a day, so that more of them is a longer past and not a busier one. The long past is
of 200,000; `--full` is the million, which takes long to make: `BENCH_HISTORY=FOLDER` keeps what was made.
"""

from __future__ import annotations

import atexit
import json
import random
import socket
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Final
from urllib.parse import quote

from bench.figures import OURS, Figure, Run, percentile
from bench.goals import Goal
from bench.history.made import Made, made, remove
from bench.load import closed_loop, request
from bench.processes import Failed
from bench.program import Program
from bench.rounds import Part, Round
from bench.usage import memory

OPEN: Final = 10_000
SMALL: Final = 10_000
USUAL: Final = 200_000
MILLION: Final = 1_000_000
PEER: Final = f"{SMALL:,} closed"
_EACH: Final = 100
"""Requests of each kind, one after the other."""
_SNAPSHOTS: Final = 30


def scenario(database: str, closed: int) -> str:
    return f"{OPEN:,} open, {closed:,} closed, {database}"


def measure(round_: Round, database: str) -> Iterator[Run]:
    """The long past and the short one in turn."""
    atexit.register(remove)
    long = MILLION if round_.full else round_.of(USUAL)
    for name, closed in round_.turn([(OURS, long), *([] if round_.ours else [(PEER, SMALL)])]):
        with made(database, closed, OPEN, round_.tell) as history:
            yield Run(scenario(database, long), name, tuple(_measured(history, closed, round_)))


def _measured(history: Made, closed: int, round_: Round) -> Iterator[Figure]:
    program = Program.on(history.folder, {"INCIDENT_DATABASE_URL": history.url})
    name = f"bench-{time.time_ns()}"
    headers = {"Authorization": f"Bearer {program.new_key('admin', name)}"}
    began = time.monotonic()
    with program.serving() as child:
        yield Figure("start until it answers", time.monotonic() - began, "s")
        for what, requests in _asked(history, closed, round_.number).items():
            sent = closed_loop(program.port, [request(*one, headers=headers) for one in requests])
            yield from _spread(what, [b - a for a, b in zip(sent.started[5:], sent.answered[5:], strict=True)])
        yield from _spread("first snapshot of a stream", [_snapshot(program.port, headers) for _ in range(_SNAPSHOTS)])
        yield Figure("memory of all processes", memory(child.pid) / 2**20, "MB")


def _spread(what: str, took_ns: Sequence[int]) -> Iterator[Figure]:
    for share in (50, 99):
        yield Figure(f"{what}, p{share}", percentile(took_ns, share / 100) / 1e6, "ms")


def _asked(history: Made, closed: int, seed: int) -> Mapping[str, list[tuple[str, str, bytes]]]:
    """What is asked for, by what it is. Each begins with five that warm up."""
    chance = random.Random(seed)

    def get(path: Callable[[], str]) -> list[tuple[str, str, bytes]]:
        return [("GET", path(), b"") for _ in range(_EACH + 5)]

    def some() -> int:
        return chance.randrange(1, closed)

    def body() -> bytes:
        return json.dumps({"title": f"Pump {chance.getrandbits(40)}", "kind": "other", "level": "low"}).encode()

    listing = "/api/incidents?"
    return {
        "page: board": get(lambda: "/"),
        "page: board, 50th page": get(lambda: "/?page=50"),
        "page: wall": get(lambda: "/wall"),
        "page: incident": get(lambda: f"/incidents/{chance.choice(history.ids)}"),
        "list: open": get(lambda: f"{listing}phase=open"),
        "list: deep in the history": get(lambda: f"{listing}phase=closed&before={some()}"),
        "list: Criticals": get(lambda: f"{listing}level=critical&before={some()}"),
        "search: a word": get(lambda: f"{listing}q=pump"),
        "search: two words, deep": get(lambda: f"{listing}q=disk+server&before={some()}"),
        "search: two Chinese characters": get(lambda: f"{listing}q={quote('宕机')}&before={some()}"),
        "search: a serial number": get(lambda: f"{listing}q=SN-{some():07}"),
        "search: a code": get(lambda: f"{listing}q=C{some()}"),
        "search: nothing found": get(lambda: f"{listing}q=xyzzy{some()}"),
        "search: in what is open": get(lambda: f"{listing}q=certificate&phase=open"),
        "one incident": get(lambda: f"/api/incidents/{chance.choice(history.ids)}"),
        "its log": get(lambda: f"/api/incidents/{chance.choice(history.ids)}/log"),
        "statistics of 7 days": get(lambda: f"/api/statistics?since={_days_ago(7)}"),
        "ready": get(lambda: "/readyz"),
        "metrics": get(lambda: "/metrics"),
        "a report": [("POST", "/api/incidents", body()) for _ in range(_EACH + 5)],
    }


def _days_ago(days: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - days * 86_400))


def _snapshot(port: int, headers: Mapping[str, str]) -> int:
    """From the request for a stream until the whole board is there."""
    began = time.monotonic_ns()
    with socket.create_connection(("127.0.0.1", port), 30) as stream:
        stream.sendall(request("GET", "/api/stream", headers=headers))
        read = b""
        while b"event: snapshot" not in read or not read.rstrip(b"\r0123456789abcdef\n").endswith(b"}"):
            more = stream.recv(1 << 20)
            if not more:
                raise Failed("the stream ended before its snapshot")
            read += more
    return time.monotonic_ns() - began


_CLAIMED: Final = (
    "page: board",
    "page: wall",
    "page: incident",
    "list: open",
    "list: deep in the history",
    "search: a word",
    "search: two Chinese characters",
    "one incident",
    "statistics of 7 days",
    "first snapshot of a stream",
    "a report",
)


def _goals(closed: int, database: str) -> Iterator[Goal]:
    where = scenario(database, closed)
    for what in (
        "page: board",
        "page: wall",
        "list: deep in the history",
        "search: a word",
        "one incident",
        "a report",
    ):
        yield Goal("g", where, f"{what}, p99", 1.5, 1.0, beside=PEER, drawn=what == "page: board")
    yield Goal("g", where, "start until it answers", 1.5, 1.0, beside=PEER)
    yield Goal("g", where, "memory of all processes", 1.5, 1.0, beside=PEER)


PARTS: Final = tuple(
    Part(
        f"board.{database.lower()}",
        f"pages, lists, search and start with a long past in {database} (--full: a million)",
        partial(measure, database=database),
        usual=database == "SQLite",
        goals=(*_goals(USUAL, database), *_goals(MILLION, database)),
    )
    for database in ("SQLite", "PostgreSQL")
)
