"""A child's sign of life: bytes in a pipe from it to its supervisor, so that one that hangs is seen and not only one
that ends.

The child beats where its work goes round, not from a thread of its own: what must be noticed is a loop that stands
still. A pipe needs no disk, which may be full, and no wall clock, which may be set; a machine that was asleep wakes
both ends together.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from incident.clock import monotonic

VARIABLE: Final = "INCIDENT_PULSE_FD"
"""The environment variable that tells a child which descriptor is its end."""
FILE: Final = "INCIDENT_PULSE_FILE"
"""The same for a process without a supervisor of ours: a file that it touches, for a container's health check. In it
stands whose beat it is: the process's id and when it was started, in ticks since the machine's own start."""
EVERY_S: Final = 1.0
SILENT_S: Final = 20.0
"""After so long without a beat it hangs: longer than the database lets any statement take."""
FIRST_S: Final = 120.0
"""Until its first beat a child may be slow: it starts, perhaps on a machine that has much to do."""

Beat = Callable[[], None]


def beating(env: Mapping[str, str]) -> Beat:
    """In a child: what its loop calls each time it comes round. Costs nothing, and writes at most once a second."""
    number = env.get(VARIABLE, "")
    if not number.isdecimal():
        return _touching(Path(env[FILE])) if env.get(FILE) else _nobody_listens
    pipe, due = int(number), float("-inf")
    try:
        os.set_blocking(pipe, False)
        os.set_inheritable(pipe, False)
    except OSError:  # the variable was inherited, the pipe was not: a child of a child
        return _nobody_listens

    def beat() -> None:
        nonlocal due
        now = monotonic()
        if now >= due:
            due = now + EVERY_S
            with suppress(OSError):  # full while the supervisor is stopped, broken when it is gone
                os.write(pipe, b".")

    return beat


def _touching(file: Path) -> Beat:
    due, marked = float("-inf"), False

    def beat() -> None:
        nonlocal due, marked
        now = monotonic()
        if now >= due:
            due = now + EVERY_S
            with suppress(OSError):  # it belongs on a disk of memory; without it the check fails, and that is right
                if not marked:
                    file.write_text(f"{os.getpid()} {_started(os.getpid())}", encoding="ascii")
                    marked = True
                file.touch()

    return beat


def is_beating(file: Path, now: datetime) -> bool:
    """Whether a process touched its file a short while ago, by a clock that may have been set back since."""
    try:
        touched = datetime.fromtimestamp(file.stat().st_mtime, UTC)
    except OSError:
        return False
    return abs((now - touched).total_seconds()) <= SILENT_S


def end(file: Path) -> None:
    """Kill the process whose beat is in the file. A file of a process that is gone harms nobody who has its id now."""
    try:
        number, _, started = file.read_text(encoding="ascii").partition(" ")
        if started and started == _started(int(number)):
            os.kill(int(number), signal.SIGKILL)
    except (OSError, ValueError):
        return  # it never beat, or is gone already


def _started(process: int) -> str:
    """When a process was started: field 22 of its `stat`, counted from behind its name, which may hold anything. Empty
    where there is no such process or no such file."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace").rpartition(") ")[2].split()
    except OSError:
        return ""
    return fields[19]


def _nobody_listens() -> None:
    """A process that was started by hand."""


class Pulse:
    """The supervisor's end, for one child."""

    def __init__(self) -> None:
        self._read, self.write = os.pipe()
        os.set_blocking(self._read, False)

    def started(self) -> None:
        """The child has its end: ours of it is closed."""
        os.close(self.write)

    def heard(self) -> bool:
        """Whether it has beaten since it was last asked."""
        found = False
        with suppress(OSError):
            while os.read(self._read, 4096):
                found = True
        return found

    def close(self) -> None:
        os.close(self._read)
