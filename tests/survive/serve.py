"""`incident serve` as README starts it, its children by name, and a wall that reconnects like a browser."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, Protocol

from incident.clock import monotonic
from incident.ids import hashed, new_key
from incident.settings import Settings
from incident.store import keys
from incident.store.engine import changing, open_engine

NO_LIMITS = {"INCIDENT_LIMIT_SMS": "off", "INCIDENT_LIMIT_VOICE": "off"}
"""What is proved here is of each page by itself."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Visited(Protocol):
    """A web that somebody looks at, with a key for it."""

    host: str
    port: int
    key: str


def call(
    web: Visited,
    method: str,
    path: str,
    body: object = None,
    timeout: float = 10.0,
    more: Mapping[str, str] | None = None,
) -> tuple[int, dict[str, Any]]:
    """One request to it, on a connection of its own."""
    connection = http.client.HTTPConnection(web.host, web.port, timeout=timeout)
    try:
        headers = {"Authorization": f"Bearer {web.key}", "Content-Type": "application/json", **(more or {})}
        connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read() or b"{}")
    finally:
        connection.close()


class Serve:
    """The demo organisation on simulated phones."""

    def __init__(self, data: Path) -> None:
        self.host, self.port = "127.0.0.1", free_port()
        self.env = {**os.environ, "INCIDENT_DATA": str(data), "INCIDENT_LOG": "json", **NO_LIMITS}
        self.log = (data / "serve.log").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "incident.cli", "serve", "--demo", "--port", str(self.port)],
            env=self.env,
            stdout=self.log,
            stderr=self.log,
        )
        self.until(self.healthy)
        self.key = new_key()
        settings = Settings.load(self.env, data)
        engine = open_engine(settings.database_url.get_secret_value())
        with changing(engine) as connection:
            keys.add(connection, hashed=hashed(self.key), name="test", role="admin", now=settings.clock().now())
        engine.dispose()

    def call(self, method: str, path: str, body: object = None, timeout: float = 10.0) -> tuple[int, dict[str, Any]]:
        return call(self, method, path, body, timeout)

    def healthy(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=1)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def pid(self, name: str) -> int | None:
        """The process id of a child: web, worker, watch or redis, which is a server of either name."""
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                parent = int(stat.read_text().rpartition(")")[2].split()[1])
                called = stat.with_name("comm").read_text().strip()
            except (OSError, IndexError):
                continue
            ours = called.endswith("-server") if name == "redis" else called == f"incident-{name}"
            if parent == self.process.pid and ours:
                return int(stat.parent.name)
        return None

    def kill(self, name: str) -> None:
        """kill -9, and wait until another one stands in its place."""
        old = self.pid(name)
        assert old is not None, f"no child {name}"
        os.kill(old, signal.SIGKILL)
        self.until(lambda: self.pid(name) not in (None, old))

    def until(self, what: object, within: float = 90.0) -> None:
        pause = threading.Event()
        end = monotonic() + within
        while not what():  # type: ignore[operator]
            if monotonic() > end:
                self.log.flush()
                raise AssertionError(Path(self.log.name).read_text(encoding="utf-8")[-3000:])
            pause.wait(0.05)

    def close(self) -> int:
        self.process.terminate()
        try:
            return self.process.wait(20)
        finally:
            self.log.close()


class Wall(threading.Thread):
    """Follows the stream; after a cut it comes back with the last id that it saw, as a browser does."""

    def __init__(self, serve: Visited) -> None:
        super().__init__(daemon=True)
        self.serve = serve
        self.last: str | None = None
        self.seen: list[int] = []
        self.connections = 0
        self.stop = threading.Event()
        self.start()

    def run(self) -> None:
        while not self.stop.is_set():
            try:
                self._follow()
            except (OSError, http.client.HTTPException):
                self.stop.wait(0.1)

    def _follow(self) -> None:
        connection = http.client.HTTPConnection(self.serve.host, self.serve.port, timeout=15)
        headers = {"Authorization": f"Bearer {self.serve.key}"}
        if self.last is not None:
            headers["Last-Event-ID"] = self.last
        with closing(connection):
            connection.request("GET", "/api/stream", headers=headers)
            with connection.getresponse() as answer:
                self._read(answer)

    def _read(self, answer: http.client.HTTPResponse) -> None:
        if answer.status != 200:
            raise http.client.HTTPException(str(answer.status))
        self.connections += 1
        event, ident = "", None
        while not self.stop.is_set():
            line = answer.readline()
            if not line:
                raise http.client.HTTPException("cut")
            field, _, value = line.decode().rstrip("\r\n").partition(": ")
            if field == "event":
                event = value
            elif field == "id":
                ident = value
            elif field == "":
                if ident is not None:
                    self.last = ident
                if event == "entry" and ident is not None:
                    self.seen.append(int(ident))
                event, ident = "", None
