"""Processes that a run starts: each with its own log, each ended by its own id, and none of them outliving the run."""

from __future__ import annotations

import json
import os
import socket
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Final

from incident.clock import monotonic
from incident.running import lifeline

LOOK_EVERY_S: Final = 0.05
GRACE_S: Final = 20.0
"""Longer than `incident serve` gives its own children before it kills them."""

_WIDE: Final = 600
_INTO_LOG: Final = ("/bin/sh", "-c", 'exec "$@" >>"$0" 2>&1')


class Failed(Exception):
    """Something that had to happen did not. The message says what; `log` is the file that may say why."""

    def __init__(self, message: str, log: Path | None = None) -> None:
        super().__init__(message)
        self.log: Final = log


def free_port() -> int:
    """A TCP port of loopback that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


@contextmanager
def running(command: Sequence[str], env: Mapping[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A child for the length of the block, its output in `log`; from the main thread only (see `lifeline`)."""
    child = lifeline.start([*_INTO_LOG, str(log), *command], env)
    try:
        yield child
    finally:
        stop(child)


def stop(child: subprocess.Popen[bytes]) -> int:
    """Ask it to end, and after the grace make it. Returns its exit code."""
    if child.poll() is None:
        child.terminate()
    try:
        return child.wait(GRACE_S)
    except subprocess.TimeoutExpired:
        child.kill()
        return child.wait()


def until(
    check: Callable[[], bool], timeout_s: float, what: str, child: subprocess.Popen[bytes], log: Path | None = None
) -> None:
    """Wait until `check` says yes. Raises Failed when the time is over or the child has ended before."""
    end = monotonic() + timeout_s
    while not check():
        if child.poll() is not None:
            raise Failed(f"{what}: the process ended with {child.returncode}", log)
        if monotonic() > end:
            raise Failed(f"{what}: not within {timeout_s:.0f} s", log)
        pause(LOOK_EVERY_S)


def pause(seconds: float) -> None:
    Event().wait(seconds)


def plain_environment() -> dict[str, str]:
    """This process's environment without any setting of the program: nobody's own set-up changes what is shown."""
    return {name: value for name, value in os.environ.items() if not name.startswith("INCIDENT_")}


def tail(log: Path, lines: int = 30) -> list[str]:
    """The last lines of a log, each cut to what fits a few lines of a terminal; none when there is no log."""
    if not log.exists():
        return []
    return [_short(line) for line in log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:]]


def _short(line: str) -> str:
    """A structured line as `process level event name=value ...`, of an exception its end; any other line as it is."""
    try:
        told = json.loads(line)
        head = " ".join(str(told.pop(name, "-")) for name in ("process", "level", "event"))
    except (ValueError, AttributeError):
        return line[:_WIDE]
    end = str(told.pop("exception", ""))[-_WIDE:]
    rest = " ".join(f"{name}={value}" for name, value in told.items() if name not in ("timestamp", "logger"))
    return f"{head} {rest}"[:_WIDE] + (f"\n    ...{end}" if end else "")
