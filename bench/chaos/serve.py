"""`incident serve` on SQLite with its embedded Redis: one machine, one command."""

from __future__ import annotations

import os
from pathlib import Path

from bench.chaos.plan import SERVE
from bench.chaos.town import INCIDENT, Town
from bench.processes import free_port, until
from incident.running.alive import answers
from incident.running.redis_server import socket_for, url_of


class Serve(Town):
    """Its own supervisor starts the children again; the supervisor itself is started again by us."""

    name = "serve"
    tricks = SERVE

    def start(self) -> None:
        port = free_port()
        self.ports = [port]
        self.key = self.prepared()
        command = [*INCIDENT, "serve", "--port", str(port)]
        kept = self.running("serve", command, self.env)
        until(lambda: answers("127.0.0.1", port), 60, "incident serve", kept.process, self.log)

    def pid(self, name: str) -> int | None:
        supervisor = super().pid("serve")
        if name == "serve" or supervisor is None:
            return supervisor
        return _child(supervisor, name)

    def redis_url(self) -> str:
        return url_of(socket_for(self.data, os.environ))


def _child(parent: int, name: str) -> int | None:
    """By what it calls itself: copies of the supervisor have its command line."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            found = int(stat.read_text().rpartition(")")[2].split()[1])
            called = stat.with_name("comm").read_text().strip()
        except (OSError, IndexError):
            continue
        ours = called.endswith("-server") if name == "redis" else called == f"incident-{name}"
        if found == parent and ours:
            return int(stat.parent.name)
    return None
