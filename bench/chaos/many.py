"""Three webs, two workers, two watches on one PostgreSQL and one Redis: what a cluster of machines would run."""

from __future__ import annotations

import os
from signal import SIGKILL

import psycopg

from bench.chaos.cluster import STOPS, Cluster
from bench.chaos.kept import Kept, strike
from bench.chaos.plan import MANY
from bench.chaos.town import INCIDENT, Town
from bench.processes import free_port, until
from incident.running import lifeline, redis_server
from incident.running.alive import answers

WEBS, WORKERS, WATCHES = 3, 2, 2


class Many(Town):
    """Every process is started again by us half a second after it has ended."""

    name = "many"
    tricks = MANY

    def start(self) -> None:
        self.cluster = Cluster(self.folder / "disk" / "pg")
        kept = self.kept["postgres"] = Kept("postgres", self.cluster.start)
        until(self.cluster.answers, 30, "PostgreSQL", kept.process)
        with psycopg.connect(self.cluster.url(), autocommit=True) as connection:
            connection.execute("CREATE DATABASE incident")
        command, socket = redis_server.prepare(self.data, os.environ)
        self._redis = redis_server.url_of(socket)
        self.kept["redis"] = Kept("redis", lambda: lifeline.start(command, dict(os.environ)))
        self.env |= {"INCIDENT_DATABASE_URL": self.cluster.url("incident"), "INCIDENT_REDIS_URL": self._redis}
        self.key = self.prepared()
        for number in range(1, WEBS + 1):
            self._web(number)
        for number in range(1, WORKERS + 1):
            self.running(f"worker{number}", [*INCIDENT, "worker"], self.env)
        for number in range(1, WATCHES + 1):
            self.running(f"watch{number}", [*INCIDENT, "watch"], self.env)
        for number, port in enumerate(self.ports, 1):
            web = self.kept[f"web{number}"]
            until(lambda port=port: answers("127.0.0.1", port), 60, f"web{number}", web.process, self.log)

    def _web(self, number: int) -> None:
        port = free_port()
        self.ports.append(port)
        self.running(f"web{number}", [*INCIDENT, "web", "--port", str(port)], self.env)

    def redis_url(self) -> str:
        return self._redis

    def postgres(self, how: str) -> None:
        if how != "backend":
            self.kept["postgres"].send(STOPS[how])
        elif (pid := self.cluster.a_backend()) is not None:
            strike(pid, SIGKILL)

    def close(self) -> None:
        server = self.kept.pop("postgres", None)
        try:
            for kept in reversed(list(self.kept.values())):
                kept.stop()
            if server is not None:
                server.stop(STOPS["fast"])
        finally:
            self.kept.clear()
            super().close()
