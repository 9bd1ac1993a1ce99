"""What is measured: our program through its doors, and the peer beside it. Each hands its messages to the double.

Ours is durable: the answer and the message come after the commit (SQLite, `synchronous=FULL`). The peer, Debian's
Alertmanager with a webhook, keeps nothing on disk before it notifies, and answers before it does.

The organisation has one team, one person and one way, and no management: an alert is one message, as it is one webhook
for the peer. Both are told the same alerts; ours in the form in which Alertmanager would hand them on.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.figures import OURS
from bench.load import closed_loop, get_json, request
from bench.monitor import Alert, alertmanager, installed, webhook
from bench.processes import free_port, listens, plain_environment, running, until
from bench.program import Program
from bench.rounds import Round
from incident.clock import SystemClock

PEER: Final = "Alertmanager"
EAGER: Final = "Alertmanager, 1 s"
NO_PROCESS: Final = 0
FLOOR: Final = "nobody in between"
ORGANISATION: Final = Path(__file__).with_name("organisation.yaml")

Ask = Callable[[Sequence[str]], bytes]
"""The one request that reports an alert for each of these marks; the mark stands in its title."""


@dataclass(frozen=True, slots=True)
class Target:
    """A running program. `pid` is the process that has started all the others of it, NO_PROCESS where there is none."""

    name: str
    port: int
    pid: int
    ask: Ask


@dataclass(frozen=True, slots=True)
class Double:
    """The provider's double, in a process of its own."""

    port: int

    def clear(self) -> None:
        closed_loop(self.port, [request("POST", "/clear")])

    def delay(self, ms: int) -> None:
        closed_loop(self.port, [request("POST", "/delay", str(ms).encode())])

    def count(self) -> dict[str, int]:
        found: dict[str, int] = get_json(self.port, "/count")
        return found

    def marks(self) -> dict[str, int]:
        found: dict[str, int] = get_json(self.port, "/marks")
        return found


Start = Callable[[Path, Double], AbstractContextManager[Target]]


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder for one start of a program, gone at the end."""
    folder = Path(tempfile.mkdtemp(prefix="incident-bench-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def provider(folder: Path) -> Iterator[Double]:
    port, log = free_port(), folder / "provider.log"
    with running([sys.executable, "-m", "bench.provider", str(port)], plain_environment(), log) as child:
        until(lambda: listens(port), 10, "the provider's double", child, log)
        yield Double(port)


def paging(folder: Path, double: Double) -> Program:
    """Our program with the bench's organisation, and the double for its provider."""
    program = Program.on(
        folder,
        {
            "INCIDENT_TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
            "INCIDENT_TWILIO_AUTH_TOKEN": "bench",
            "INCIDENT_TWILIO_FROM": "+15005550006",
            "INCIDENT_TWILIO_BASE_URL": f"http://127.0.0.1:{double.port}",
        },
    )
    program.command("load", str(ORGANISATION))
    return program


def alert(mark: str) -> Alert:
    labels = {"alertname": "PumpPressure", "severity": "critical", "kind": "other", "place": "Hall 3", "mark": mark}
    return Alert(labels, f"{mark} pump pressure lost")


@contextmanager
def by_hook(folder: Path, double: Double) -> Iterator[Target]:
    """Ours through the door of monitoring, told what Alertmanager would tell it."""
    program = paging(folder, double)
    path, now = f"/hooks/alertmanager/{program.new_key('integration', 'bench')}", SystemClock().now()
    with program.serving() as child:

        def ask(marks: Sequence[str]) -> bytes:
            return request("POST", path, json.dumps(webhook([alert(mark) for mark in marks], "firing", now)).encode())

        yield Target(OURS, program.port, child.pid, ask)


@contextmanager
def by_api(folder: Path, double: Double) -> Iterator[Target]:
    """Ours through the API: a report, or a list of them. Its answer is larger: one report's is the whole incident."""
    program = paging(folder, double)
    headers = {"Authorization": f"Bearer {program.new_key('responder', 'bench')}"}
    with program.serving() as child:

        def ask(marks: Sequence[str]) -> bytes:
            found = [_report(mark) for mark in marks]
            body = json.dumps(found if len(found) > 1 else found[0]).encode()
            return request("POST", "/api/incidents", body, headers)

        yield Target(OURS, program.port, child.pid, ask)


def _report(mark: str) -> dict[str, str]:
    said = f"{mark} pump pressure lost"
    return {"title": said, "kind": "other", "level": "critical", "place": "Hall 3", "dedup_key": mark}


@contextmanager
def peer(folder: Path, double: Double) -> Iterator[Target]:
    """Alertmanager with its own default for a group's next notification, the faster setting for it."""
    with _alertmanager(folder, double, PEER, "5m") as found:
        yield found


@contextmanager
def eager_peer(folder: Path, double: Double) -> Iterator[Target]:
    """The same, looking at each group every second, which it pays for."""
    with _alertmanager(folder, double, EAGER, "1s") as found:
        yield found


@contextmanager
def _alertmanager(folder: Path, double: Double, name: str, interval: str) -> Iterator[Target]:
    now = SystemClock().now()
    with alertmanager(f"http://127.0.0.1:{double.port}/hook", folder, group_interval=interval) as monitor:

        def ask(marks: Sequence[str]) -> bytes:
            return request("POST", "/api/v2/alerts", json.dumps([alert(m).body(now, None) for m in marks]).encode())

        yield Target(name, monitor.port, monitor.pid, ask)


@contextmanager
def nobody(folder: Path, double: Double) -> Iterator[Target]:
    """The load straight to the double: what the machine and this harness make of a delay by themselves."""

    def ask(marks: Sequence[str]) -> bytes:
        return request("POST", "/hook", json.dumps([alert(mark).labels for mark in marks]).encode())

    yield Target(FLOOR, double.port, NO_PROCESS, ask)


def beside(ours: Start, round_: Round, *peers: Start) -> list[Start]:
    """Ours and its peers in the order of this round; ours alone when that is asked for or the peer is not there."""
    alone = round_.ours or installed() is None
    return [ours] if alone else round_.turn([ours, *peers])
