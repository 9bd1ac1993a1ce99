"""A process that is started again when it ends, as systemd or a container engine would, and that can be struck."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable
from typing import Final

from incident.clock import monotonic

AGAIN_S: Final = 0.5


class Kept:
    """`start` makes the process. Everything here is called from the main thread, to which children are bound."""

    def __init__(self, name: str, start: Callable[[], subprocess.Popen[bytes]]) -> None:
        self.name, self._start = name, start
        self.process = start()
        self.ends = 0
        self._due: float | None = None
        self._stopped = False

    def look(self) -> None:
        """Start it again half a second after it has ended."""
        if self.process.poll() is None or self._stopped:
            return
        now = monotonic()
        if self._due is None:
            self._due, self.ends = now + AGAIN_S, self.ends + 1
        elif self._due <= now:
            self._due = None
            self.process = self._start()

    def send(self, number: signal.Signals) -> None:
        if self.process.poll() is None:
            self.process.send_signal(number)

    def stop(self, number: signal.Signals = signal.SIGTERM, grace_s: float = 15.0) -> None:
        """For good."""
        self._stopped = True
        self.send(signal.SIGCONT)
        self.send(number)
        try:
            self.process.wait(grace_s)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def strike(pid: int, number: signal.Signals) -> None:
    """Any process by its id; one that has just ended needs no striking."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
