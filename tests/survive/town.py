"""Real processes on a real database, with a provider that can be told to hang, and a hand that kills."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

from incident.clock import monotonic
from incident.commands import Command
from incident.desk.requests import Act, OpenReport
from incident.levels import Kind, Level
from incident.report import Report
from incident.settings import Settings
from incident.store import board, log, outbox, sends
from incident.store import directory as registers
from incident.store.engine import changing, open_engine, reading
from incident.store.migrations import migrate
from incident.wiring import House, open_house
from tests.core.house import organisation

CODE = re.compile(r"\bC(\d+)\b")


class Twilio(ThreadingHTTPServer):
    """Answers 201 to every message, after waiting for `open`; remembers which codes were texted to which number."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, host: str) -> None:
        super().__init__((host, 0), _Handler)
        self.texts: list[tuple[str, str]] = []
        self.arrived = threading.Event()
        self.open = threading.Event()
        self.open.set()
        self.lock = threading.Lock()
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def codes(self) -> Counter[str]:
        """How often each incident's code was texted as a page, to anybody."""
        with self.lock:
            return Counter(code for code, _ in self.texts)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that was killed breaks its connection: that is what these tests are for."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Twilio

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        found = CODE.search(form.get("Body", form.get("Twiml", [""]))[0])
        if found and self.path.endswith("/Messages.json"):
            with self.server.lock:
                self.server.texts.append((found.group(), form["To"][0]))
        self.server.arrived.set()
        self.server.open.wait(30)
        sid = f"SM{len(self.server.texts):032x}"
        body = json.dumps({"sid": sid, "status": "queued", "error_code": None, "num_segments": "1"}).encode()
        self.send_response(201)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet."""


class Town:
    """One installation. `rate` is how fast its clock runs: a rung of five minutes takes 300/rate seconds.

    `world` is the address at which its processes find the provider.
    """

    def __init__(self, data: Path, database: str, redis: str, *, rate: float, world: str = "127.0.0.1") -> None:
        self.twilio = Twilio(world)
        self.env = {
            "INCIDENT_DATA": str(data),
            "INCIDENT_DATABASE_URL": database,
            "INCIDENT_REDIS_URL": redis,
            "INCIDENT_PUBLIC_URL": "https://ic.example",
            "INCIDENT_TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
            "INCIDENT_TWILIO_AUTH_TOKEN": "token",
            "INCIDENT_TWILIO_FROM": "+15005550006",
            "INCIDENT_TWILIO_BASE_URL": f"http://{world}:{self.twilio.server_port}",
            "INCIDENT_LIMIT_SMS": "off",  # what is proved here is of each page by itself
            "INCIDENT_LIMIT_VOICE": "off",
            "INCIDENT_CLOCK_BASE": datetime.now(UTC).isoformat(),
            "INCIDENT_CLOCK_RATE": str(rate),
            "INCIDENT_LOG": "json",
        }
        settings = Settings.load(self.env, data)
        engine = open_engine(database)
        migrate(engine)
        with changing(engine) as connection:
            registers.save_organisation(connection, organisation(), expected=0, at=settings.clock().now(), by="system")
        engine.dispose()
        self.house: House = open_house(settings)
        self.children: list[subprocess.Popen[bytes]] = []
        self.log = (data / "processes.log").open("ab")

    def start(self, name: str, *, inside: Sequence[str] = (), **settings: str) -> subprocess.Popen[bytes]:
        """One of the program's own processes, `inside` another machine if need be, with settings of its own."""
        own = {f"INCIDENT_{setting.upper()}": value for setting, value in settings.items()}
        child = subprocess.Popen(
            [*inside, sys.executable, "-m", "incident.cli", name],
            env={**os.environ, **self.env, **own},
            stdout=self.log,
            stderr=self.log,
        )
        self.children.append(child)
        return child

    def kill(self, child: subprocess.Popen[bytes]) -> None:
        child.send_signal(signal.SIGKILL)
        child.wait()

    def raises(self, number: int, level: Level = Level.CRITICAL) -> list[str]:
        """So many reports; each answer came after its commit."""
        reports = [Report(title=f"fault {n}", kind=Kind.OTHER, level=level, product="cloud") for n in range(number)]
        futures = [self.house.desk.submit(OpenReport(report, "key:monitor")) for report in reports]
        return [future.result(timeout=20).state.id for future in futures]

    def does(self, incident: str, command: Command) -> None:
        self.house.desk.submit(Act(incident, command, "system")).result(timeout=20)

    def codes(self) -> set[str]:
        with reading(self.house.engine) as connection:
            return {f"C{n}" for n in range(1, board.last_number(connection) + 1)}

    def pages(self, incident: str) -> list[int]:
        """The numbers of the pages in an incident's log."""
        with reading(self.house.engine) as connection:
            return [e.event.page for e in log.entries(log.of(connection, incident)) if e.kind == "paged"]

    def unsent(self) -> object:
        with reading(self.house.engine) as connection:
            return outbox.oldest_unsent(connection, self.house.clock.now())

    def states(self, incident: str) -> list[str]:
        with reading(self.house.engine) as connection:
            return [str(send.state) for send in sends.of_incident(connection, incident) if send.way == "sms"]

    def until(self, what: Callable[[], object], within: float = 90.0) -> None:
        """Wait until something holds: real processes take their own time."""
        pause = threading.Event()
        end = monotonic() + within
        while not what():
            if monotonic() > end:
                self.log.flush()
                told = Path(self.log.name).read_text(encoding="utf-8")[-3000:]
                raise AssertionError(f"it did not happen within {within} s; the processes said:\n{told}")
            pause.wait(0.03)

    def close(self) -> None:
        self.twilio.open.set()
        for child in self.children:
            if child.poll() is None:
                child.terminate()
        for child in self.children:
            try:
                child.wait(30)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        self.house.close()
        self.twilio.shutdown()
        self.twilio.server_close()
        self.log.close()
