"""Our program, as anybody would run it: `incident serve` on a fresh data folder, and its commands."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.processes import Failed, free_port, plain_environment, running, until
from incident.running.alive import answers

_INCIDENT: Final = (sys.executable, "-m", "incident.cli")
_COMMAND_S: Final = 60
_START_S: Final = 60


@dataclass(frozen=True, slots=True)
class Program:
    """Where it runs. `settings` are its environment variables, the data folder among them."""

    data: Path
    port: int
    settings: Mapping[str, str]

    @classmethod
    def on(cls, data: Path, settings: Mapping[str, str] | None = None) -> Program:
        """A program on this data folder and a free port, with further settings by name, such as INCIDENT_CLOCK_RATE."""
        port = free_port()
        own = {"INCIDENT_DATA": str(data), "INCIDENT_PORT": str(port), "INCIDENT_LOG": "json"}
        return cls(data, port, {**own, **(settings or {})})

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.data / "serve.log"

    def command(self, *arguments: str) -> str:
        """Run `incident ...` to its end and return what it printed. Raises Failed with what it complained of."""
        done = subprocess.run(
            [*_INCIDENT, *arguments], env=self._env(), capture_output=True, text=True, timeout=_COMMAND_S, check=False
        )
        if done.returncode != 0:
            raise Failed(f"incident {' '.join(arguments)} ended with {done.returncode}: {done.stderr.strip()}")
        return done.stdout.strip()

    def new_key(self, role: str, name: str) -> str:
        return self.command("key", "new", "--role", role, "--name", name)

    @contextmanager
    def serving(self, *flags: str) -> Iterator[subprocess.Popen[bytes]]:
        """`incident serve` for the length of the block, from the moment it answers."""
        with running([*_INCIDENT, "serve", *flags], self._env(), self.log) as child:
            until(lambda: answers("127.0.0.1", self.port), _START_S, "incident serve", child, self.log)
            yield child

    def _env(self) -> dict[str, str]:
        return {**plain_environment(), **self.settings}
