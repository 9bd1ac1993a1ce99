"""Entries to walls: from the POST that makes an entry to that entry at each of 200 open streams.

Ours writes the entry to disk before anybody sees it. The peer is a plain sse-starlette application with a queue for
each wall, which keeps nothing; its events are as large as ours.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bench.figures import OURS, Figure, Run, percentile
from bench.load import Sent, closed_loop, request
from bench.processes import Failed, free_port, listens, pause, plain_environment, running, until
from bench.program import Program
from bench.targets import ORGANISATION

PEER: Final = "sse-starlette"
WALLS: Final = 200
CALM: Final = 50
STORM: Final = 500
_CALM_GAP_S: Final = 0.1
_EVENT_BYTES: Final = 1250
"""What an entry of ours with its board row measures, which the peer's events are filled up to."""
_SETTLE_S: Final = 3.0


@dataclass(frozen=True, slots=True)
class Server:
    """Where to listen, and the request that makes one entry."""

    port: int
    stream: str
    note: bytes
    authorization: str = ""


def measure(*, walls: int = WALLS, storm: int = STORM) -> Iterator[Run]:
    """One round: a calm stretch, then as fast as ten clients get answers; ours and the peer one after the other."""
    for name, start in ((OURS, ours), (PEER, peer)):
        folder = Path(tempfile.mkdtemp(prefix="incident-bench-"))
        try:
            with ExitStack() as stack:
                server = stack.enter_context(start(folder))
                closed_loop(server.port, [server.note] * 10)
                calm = _load(server, walls, CALM, clients=1, gap_s=_CALM_GAP_S)
                yield Run(f"{walls} walls, 10 entries/s", name, calm[:2])
                yield Run(f"{walls} walls, 10 clients", name, _load(server, walls, storm, clients=10))
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _load(server: Server, walls: int, count: int, *, clients: int, gap_s: float = 0.0) -> tuple[Figure, ...]:
    """p50 and p99 over every entry at every wall, then entries posted and deliveries made in a second."""
    with _walls(server, walls) as child:
        sent = closed_loop(server.port, [server.note] * count, clients=clients, gap_s=gap_s)
        started = _by_position(sent)
        arrivals = _arrivals(child, walls * count, started)
    late = [(at - started[position]) / 1e6 for position, all_at in arrivals.items() for at in all_at]
    over_s = (max(at for all_at in arrivals.values() for at in all_at) - min(sent.started)) / 1e9
    return (
        Figure("p50 to a wall", percentile(late, 0.5), "ms"),
        Figure("p99 to a wall", percentile(late, 0.99), "ms"),
        Figure("entries", sent.rate(), "/s"),
        Figure("delivered", len(late) / over_s, "/s"),
    )


def _by_position(sent: Sent) -> dict[int, int]:
    """When the request of each entry went, by the position that its answer names."""
    return {
        json.loads(body)["entries"][-1]["position"]: start
        for body, start in zip(sent.bodies, sent.started, strict=True)
    }


def _arrivals(child: subprocess.Popen[str], wanted: int, started: dict[int, int]) -> dict[int, list[int]]:
    """Let the rest arrive, then ask the walls what came. Raises Failed when a wall has missed an entry."""
    pause(_SETTLE_S)
    told, _ = child.communicate("", timeout=60)
    found: dict[str, Any] = json.loads(told)
    arrivals = {int(position): at for position, at in found["arrivals"].items() if int(position) in started}
    came = sum(map(len, arrivals.values()))
    if came != wanted:
        raise Failed(f"{wanted} deliveries were due and {came} came")
    return arrivals


@contextmanager
def _walls(server: Server, count: int) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "bench.walls", str(server.port), server.stream, str(count)]
    env = {**plain_environment(), **({"BENCH_AUTHORIZATION": server.authorization} if server.authorization else {})}
    with subprocess.Popen(command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        try:
            assert child.stdout is not None
            if child.stdout.readline().strip() != "open":
                raise Failed("the walls did not open")
            yield child
        finally:
            child.kill()


@contextmanager
def ours(folder: Path) -> Iterator[Server]:
    """`incident serve`, and one open incident to which notes are written."""
    program = Program.on(folder)
    program.command("load", str(ORGANISATION))
    bearer = f"Bearer {program.new_key('commander', 'bench')}"
    headers = {"Authorization": bearer}
    with program.serving():
        body = {"title": "pump pressure lost", "kind": "other", "level": "low", "place": "Hall 3"}
        report = request("POST", "/api/incidents", json.dumps(body).encode(), headers)
        opened = json.loads(closed_loop(program.port, [report]).bodies[0])
        note = request("POST", f"/api/incidents/{opened['id']}/note", b'{"text": "still so"}', headers)
        yield Server(program.port, "/api/stream", note, bearer)


@contextmanager
def peer(folder: Path) -> Iterator[Server]:
    """The plain application on uvicorn, with the same loop and parser as ours."""
    port, log = free_port(), folder / "peer.log"
    command = [sys.executable, "-m", "uvicorn", "bench.plain_sse:app", "--port", str(port), "--no-access-log"]
    env = {**plain_environment(), "BENCH_EVENT_BYTES": str(_EVENT_BYTES), "PYTHONPATH": os.getcwd()}
    with running(command, env, log) as child:
        until(lambda: listens(port), 20, "the peer", child, log)
        yield Server(port, "/stream", request("POST", "/note", b'{"text": "still so"}'))
