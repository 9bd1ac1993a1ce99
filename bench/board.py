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
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from http.client import HTTPConnection
from statistics import median
from typing import Final
from urllib.parse import quote

from bench.figures import OURS, Figure, Run, percentile
from bench.goals import Goal
from bench.history.made import Made, made, remove
from bench.load import request
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
_WARM: Final = 5
_SNAPSHOTS: Final = 30
_STARTS: Final = 3


def scenario(database: str, closed: int) -> str:
    return f"{OPEN:,} open, {closed:,} closed, {database}"


def measure(round_: Round, database: str) -> Iterator[Run]:
    """The long past and the short one, each with its own program; asked in turn, request by request, so that whatever
    else the machine does meets both."""
    atexit.register(remove)
    long = MILLION if round_.full else round_.of(USUAL)
    with ExitStack() as stack:
        programs: dict[str, Asked] = {}
        for name, closed in [(OURS, long), *([] if round_.ours else [(PEER, SMALL)])]:
            history = stack.enter_context(made(database, closed, OPEN, round_.tell))
            program = Program.on(history.folder, {"INCIDENT_DATABASE_URL": history.url})
            programs[name] = Asked(program, program.new_key("admin", f"bench-{time.time_ns()}"), history, closed)
        starts = _started(list(programs.values()), stack)
        figures: dict[str, list[Figure]] = {name: [] for name in programs}
        for name, program in programs.items():
            figures[name].append(Figure("start until it answers", median(starts[program.key]), "s"))
        for what in _asked(programs[OURS], round_.number):
            took: dict[str, list[int]] = {name: [] for name in programs}
            requests = {name: _asked(program, round_.number)[what] for name, program in programs.items()}
            for number in range(_EACH + _WARM):
                for name, program in programs.items():
                    took[name].append(program.ask(*requests[name][number]))
            for name, each in took.items():
                figures[name] += _spread(what, each[_WARM:])
        for name, program in programs.items():
            figures[name] += _spread("first snapshot of a stream", [program.snapshot() for _ in range(_SNAPSHOTS)])
            figures[name].append(Figure("memory of all processes", memory(program.pid) / 2**20, "MB"))
            yield Run(scenario(database, long), name, tuple(figures[name]))


@dataclass
class Asked:
    """A program on its history, and one client of it."""

    program: Program
    key: str
    history: Made
    closed: int
    pid: int = 0
    _line: HTTPConnection | None = None

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}

    def ask(self, method: str, path: str, body: bytes) -> int:
        """One request over the kept connection: nanoseconds until its answer is whole."""
        if self._line is None:
            self._line = HTTPConnection("127.0.0.1", self.program.port, timeout=60)
        began = time.monotonic_ns()
        self._line.request(method, path, body or None, self.headers)
        answer = self._line.getresponse()
        answer.read()
        if not 200 <= answer.status < 300:
            raise Failed(f"{method} {path}: {answer.status}", self.program.log)
        return time.monotonic_ns() - began

    def snapshot(self) -> int:
        """From the request for a stream until the whole board is there."""
        began = time.monotonic_ns()
        with socket.create_connection(("127.0.0.1", self.program.port), 30) as stream:
            stream.sendall(request("GET", "/api/stream", headers=self.headers))
            read = b""
            while b"event: snapshot" not in read or not read.rstrip(b"\r0123456789abcdef\n").endswith(b"}"):
                more = stream.recv(1 << 20)
                if not more:
                    raise Failed("the stream ended before its snapshot")
                read += more
        return time.monotonic_ns() - began


def _started(programs: Sequence[Asked], stack: ExitStack) -> dict[str, list[float]]:
    """Start each some times, in turn, and let it run after the last."""
    took: dict[str, list[float]] = {program.key: [] for program in programs}
    for number in range(_STARTS):
        for program in programs:
            began = time.monotonic()
            with ExitStack() as running:
                child = running.enter_context(program.program.serving())
                took[program.key].append(time.monotonic() - began)
                if number == _STARTS - 1:
                    program.pid = child.pid
                    stack.push(running.pop_all())
    return took


def _spread(what: str, took_ns: Sequence[int]) -> Iterator[Figure]:
    for share in (50, 99):
        yield Figure(f"{what}, p{share}", percentile(took_ns, share / 100) / 1e6, "ms")


def _asked(program: Asked, seed: int) -> Mapping[str, list[tuple[str, str, bytes]]]:
    """What is asked for, by what it is. Each begins with some that warm up."""
    history, closed = program.history, program.closed
    chance = random.Random(seed)

    def get(path: Callable[[], str]) -> list[tuple[str, str, bytes]]:
        return [("GET", path(), b"") for _ in range(_EACH + _WARM)]

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
        "search: the beginning of a word": get(lambda: f"{listing}q=pum"),
        "search: one Chinese character": get(lambda: f"{listing}q={quote('水')}&before={some()}"),
        "search: common words that never meet": get(lambda: f"{listing}q=pump+certificate"),
        "search: a common word where a filter fits nothing": get(lambda: f"{listing}q=pump&phase=merged"),
        "search: a common word of Criticals": get(lambda: f"{listing}q=pump&level=critical&before={some()}"),
        "list: two filters that fit nothing together": get(lambda: f"{listing}level=critical&phase=merged"),
        "search: in what is open": get(lambda: f"{listing}q=certificate&phase=open"),
        "one incident": get(lambda: f"/api/incidents/{chance.choice(history.ids)}"),
        "its log": get(lambda: f"/api/incidents/{chance.choice(history.ids)}/log"),
        "statistics of 7 days": get(lambda: f"/api/statistics?since={_days_ago(7)}"),
        "ready": get(lambda: "/readyz"),
        "metrics": get(lambda: "/metrics"),
        "a report": [("POST", "/api/incidents", body()) for _ in range(_EACH + _WARM)],
    }


def _days_ago(days: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - days * 86_400))


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
