"""Entries to walls: offered at a rate, from the moment a note is due to its entry at the walls.

The server keeps to one core, what loads it to the others (two workers of nchan may use all). Delivered, processor time
and latency are those of one stretch in the middle; afterwards everything of ours must have come, to every wall, once.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from bench import fanout, usage
from bench.fanout import NCHAN, NCHAN_TWO, PLAIN, Server, Start, pinned
from bench.figures import OURS, Figure, Run, percentile
from bench.goals import Goal
from bench.load import Sent, closed_loop, open_loop, request
from bench.processes import Failed, pause, plain_environment
from bench.rounds import Part, Round
from bench.targets import scratch
from incident.clock import monotonic

_WORK: Final = "{} walls, {} entries/s"
_BESIDE: Final = "a report beside 100 entries/s to {} walls"
_MOST: Final = _WORK.format(1000, 300)

USUAL: Final = ((100, (10,)), (1000, (100, 300)), (5000, (10,)))
FULL: Final = tuple((walls, (10, 100, 300)) for walls in (100, 1000, 5000))
_ONLY: Final = {NCHAN_TWO: ((1000, (300,)),), PLAIN: ((100, (10,)), (1000, (100,)))}
"""What the slower or wider peers are asked for in a usual round; in a full one everything."""
_REPORTS: Final = 200
_REPORTS_RATE: Final = 20
_WARM_S: Final = 1.0
_STRETCH_S: Final = 3.0
_DRAIN_S: Final = 10.0

Cells = Sequence[tuple[int, Sequence[int]]]


def measure(round_: Round) -> Iterator[Run]:
    """One round: ours and its peers, each with more and more walls."""
    starts: list[Start] = [fanout.ours]
    if not round_.ours:
        starts += [fanout.nchan, fanout.nchan_two] if fanout.installed() else []
        starts.append(fanout.plain)
    for start in round_.turn(starts):
        with scratch() as folder, start(folder) as server:
            cells = FULL if round_.full else _ONLY.get(server.name, USUAL)
            with pinned(None if server.name == NCHAN_TWO else 1):
                yield from _grown(server, cells)


def beside(round_: Round) -> Iterator[Run]:
    """What walls cost a report: how long its answer takes while notes are written, without walls and with them."""
    with scratch() as folder, fanout.ours(folder) as server, pinned(1), _child(server) as child:
        closed_loop(server.port, [server.note(0)] * 10)
        for walls in (0, 1000):
            _ask(child, f"open {walls}")
            yield Run(_BESIDE.format(walls), OURS, _reports(server))


def _reports(server: Server) -> tuple[Figure, ...]:
    notes = [server.note(0)] * (100 * (_REPORTS // _REPORTS_RATE + 2))
    told = [{"title": f"pump {n}", "kind": "other", "level": "low", "place": f"Hall {n}"} for n in range(_REPORTS)]
    headers = {"Authorization": server.authorization}
    reports = [request("POST", "/api/incidents", json.dumps(body).encode(), headers) for body in told]
    with ThreadPoolExecutor(1) as pool:
        noted = pool.submit(open_loop, server.port, notes, 100, for_s=_REPORTS / _REPORTS_RATE + 1)
        pause(_WARM_S)
        sent = open_loop(server.port, reports, _REPORTS_RATE)
        noted.result()
    took = [(done - due) / 1e6 for due, done in zip(sent.started, sent.answered, strict=True)]
    return (
        Figure("p50 of a report", percentile(took, 0.5), "ms"),
        Figure("p99 of a report", percentile(took, 0.99), "ms"),
    )


def _grown(server: Server, cells: Cells) -> Iterator[Run]:
    """Walls are added to those that are open already: what they take is the growth while nothing is said."""
    closed_loop(server.port, [server.note(number) for number in range(10)])
    before, first = 0, 10
    with _child(server) as child:
        for walls, rates in cells:
            had = usage.memory(server.pid)
            _ask(child, f"open {walls}")
            pause(1.0)
            grew: tuple[Figure, ...] = (
                Figure("memory a wall", (usage.memory(server.pid) - had) / (walls - before) / 1024, "KB"),
            )
            before = walls
            for rate in rates:
                stretch = _load(server, child, walls, rate, first)
                first += len(stretch.sent.started)
                yield Run(_WORK.format(walls, rate), server.name, (*stretch.figures(server), *grew))
                grew = ()


@dataclass(frozen=True, slots=True)
class Stretch:
    """What was seen between two marks. `arrivals` is of the sampled walls and of the whole load."""

    first: int
    sent: Sent
    mark: dict[str, Any]
    cpu_s: float
    since: int
    until: int
    arrivals: dict[str, list[int]]

    def figures(self, server: Server) -> tuple[Figure, ...]:
        sent = zip(self.sent.started, self.sent.bodies, self.sent.answered, strict=True)
        due = {
            server.position(number, body): at
            for number, (at, body, done) in enumerate(sent, self.first)
            if done and self.since <= at < self.until
        }
        noted = [
            (done - at) / 1e6
            for at, done in zip(self.sent.started, self.sent.answered, strict=True)
            if done and self.since <= at < self.until
        ]
        late = [(at - due[int(p)]) / 1e6 for p, all_at in self.arrivals.items() if int(p) in due for at in all_at]
        events, seconds = self.mark["events"], self.mark["seconds"]
        return (
            Figure("delivered", events / seconds, "/s"),
            Figure("p50 to a wall", percentile(late, 0.5), "ms"),
            Figure("p99 to a wall", percentile(late, 0.99), "ms"),
            Figure("p99 of the note itself", percentile(noted, 0.99), "ms"),
            Figure("processor time for a million", self.cpu_s / events * 1e6, "s"),
        )


def _load(server: Server, child: subprocess.Popen[str], walls: int, rate: int, first: int) -> Stretch:
    whole_s = _WARM_S + _STRETCH_S + 0.2
    notes = [server.note(first + number) for number in range(int(rate * whole_s))]
    _ask(child, "arrivals")
    _ask(child, "mark")
    with ThreadPoolExecutor(1) as pool:
        offered = pool.submit(open_loop, server.port, notes, rate, for_s=whole_s)
        pause(_WARM_S)
        warm, before, since = _ask(child, "mark"), usage.cpu_s(server.pid).total(), _now()
        pause(_STRETCH_S)
        mark, after, until = _ask(child, "mark"), usage.cpu_s(server.pid).total(), _now()
        sent = offered.result()
    wanted = walls * sum(1 for at in sent.answered if at)
    came, cut = warm["events"] + mark["events"], mark["closed"]
    end = monotonic() + _DRAIN_S
    while came < wanted and monotonic() < end:
        pause(0.2)
        more = _ask(child, "mark")
        came, cut = came + more["events"], cut + more["closed"]
    if server.name == OURS and (came != wanted or cut):
        raise Failed(f"{wanted} deliveries were due and {came} came; {cut} walls were cut off")
    return Stretch(first, sent, mark, after - before, since, until, _ask(child, "arrivals"))


def _now() -> int:
    return int(monotonic() * 1e9)


def _ask(child: subprocess.Popen[str], line: str) -> Any:
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdin.write(f"{line}\n")
    child.stdin.flush()
    told = child.stdout.readline()
    if not told:
        raise Failed("the walls have ended")
    return json.loads(told)


@contextmanager
def _child(server: Server) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "bench.walls", str(server.port), server.stream, server.ready]
    env = {**plain_environment(), **({"BENCH_AUTHORIZATION": server.authorization} if server.authorization else {})}
    with subprocess.Popen(command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        try:
            yield child
        finally:
            child.kill()


PARTS: Final = (
    Part(
        "walls",
        "entries to open walls",
        measure,
        goals=(
            Goal("e", _MOST, "delivered", 1.0, more=True, beside=NCHAN, drawn=True),
            Goal("e", _MOST, "delivered", None, 1.0, more=True, beside=NCHAN_TWO, drawn=True),
            Goal("e", _MOST, "p99 to a wall", 250),
            Goal("e", _WORK.format(1000, 100), "delivered", 1.0, more=True, beside=PLAIN, drawn=True),
            Goal("e", _WORK.format(5000, 10), "p99 to a wall", 250),
            Goal("e", _WORK.format(5000, 10), "memory a wall", None, 15),
        ),
    ),
    Part("walls.beside", "what walls cost a report", beside, usual=False),
)
