"""Alert to provider: from the request that reports, to the request that arrives at the provider's double.

Ours is durable: the answer and the message come after the commit (SQLite, `synchronous=FULL`). The peer, Debian's
Alertmanager with a webhook, keeps nothing on disk before it notifies, and answers before it does.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from bench.figures import OURS, Figure, Run, percentile
from bench.load import closed_loop, get_json, request
from bench.monitor import alertmanager, installed
from bench.processes import Failed, free_port, listens, pause, plain_environment, running, until
from bench.program import Program

PEER: Final = "Alertmanager"
ORGANISATION: Final = Path(__file__).with_name("organisation.yaml")
ALONE: Final = 200
TOGETHER: Final = 2000
_WARM: Final = 20
_ARRIVED_S: Final = 60.0

Ask = Callable[[str], bytes]
"""The request that reports an alert with this mark in its title."""


def measure(number: int, *, together: int = TOGETHER) -> Iterator[Run]:
    """One round: both scenarios, ours and the peer one after the other. `number` keeps the rounds' marks apart."""
    targets = [(OURS, ours)] + ([(PEER, peer)] if installed() else [])
    for index, (name, target) in enumerate(targets):
        folder = Path(tempfile.mkdtemp(prefix="incident-bench-"))
        try:
            with ExitStack() as stack:
                double = stack.enter_context(provider(folder))
                port, ask = stack.enter_context(target(folder, double))
                run = number * 100 + index * 10
                _scenario(port, double, ask, _marks(run, _WARM), clients=1)
                alone = _scenario(port, double, ask, _marks(run + 1, ALONE), clients=1, gap_s=0.02)
                yield Run("one at a time", name, alone[:2])
                yield Run("10 clients", name, _scenario(port, double, ask, _marks(run + 2, together), clients=10))
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _marks(run: int, count: int) -> list[str]:
    return [f"m{run}x{number}" for number in range(count)]


def _scenario(
    port: int, double: int, ask: Ask, marks: Sequence[str], *, clients: int, gap_s: float = 0.0
) -> tuple[Figure, ...]:
    """p50 and p99 from the report to the provider, then what was accepted and handed over in a second."""
    closed_loop(double, [request("POST", "/clear")])
    sent = closed_loop(port, [ask(mark) for mark in marks], clients=clients, gap_s=gap_s)
    arrived = _arrived(double, marks)
    late = [(arrived[mark] - start) / 1e6 for mark, start in zip(marks, sent.started, strict=True)]
    over_s = (max(arrived.values()) - min(sent.started)) / 1e9
    return (
        Figure("p50 to the provider", percentile(late, 0.5), "ms"),
        Figure("p99 to the provider", percentile(late, 0.99), "ms"),
        Figure("accepted", sent.rate(), "/s"),
        Figure("handed over", len(marks) / over_s, "/s"),
    )


def _arrived(double: int, marks: Sequence[str]) -> dict[str, int]:
    """When each mark came. Raises Failed when one does not come: a page must not get lost."""
    end = time.monotonic() + _ARRIVED_S
    while True:
        found: dict[str, int] = get_json(double, "/marks")
        if all(mark in found for mark in marks):
            return {mark: found[mark] for mark in marks}
        if time.monotonic() > end:
            raise Failed(f"{sum(mark not in found for mark in marks)} of {len(marks)} pages never came")
        pause(0.1)


@contextmanager
def provider(folder: Path) -> Iterator[int]:
    """The double, in a process of its own. Yields its port."""
    port, log = free_port(), folder / "provider.log"
    with running([sys.executable, "-m", "bench.provider", str(port)], plain_environment(), log) as child:
        until(lambda: listens(port), 10, "the provider's double", child, log)
        yield port


@contextmanager
def ours(folder: Path, double: int) -> Iterator[tuple[int, Ask]]:
    """`incident serve` with the double as its provider."""
    program = Program.on(
        folder,
        {
            "INCIDENT_TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
            "INCIDENT_TWILIO_AUTH_TOKEN": "bench",
            "INCIDENT_TWILIO_FROM": "+15005550006",
            "INCIDENT_TWILIO_BASE_URL": f"http://127.0.0.1:{double}",
        },
    )
    program.command("load", str(ORGANISATION))
    headers = {"Authorization": f"Bearer {program.new_key('responder', 'bench')}"}
    with program.serving():

        def ask(mark: str) -> bytes:
            body = {"title": f"{mark} pump pressure lost", "kind": "other", "level": "critical", "place": "Hall 3"}
            return request("POST", "/api/incidents", json.dumps(body).encode(), headers)

        yield program.port, ask


@contextmanager
def peer(folder: Path, double: int) -> Iterator[tuple[int, Ask]]:
    """Alertmanager with its own default for a group's next notification: the faster setting for it."""
    with alertmanager(f"http://127.0.0.1:{double}/hook", folder, group_interval="5m") as monitor:

        def ask(mark: str) -> bytes:
            labels = {"alertname": "PumpPressure", "severity": "critical", "place": "Hall 3", "mark": mark}
            alert = {"labels": labels, "annotations": {"summary": f"{mark} pump pressure lost"}}
            return request("POST", "/api/v2/alerts", json.dumps([alert]).encode())

        yield monitor.port, ask
