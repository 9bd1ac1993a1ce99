"""Children that are copies of this process: what it has loaded is there in them at once, and is in memory once for all
of them until somebody writes to it.

Only from a process with one thread, without an event loop, a database or a connection: of these a copy would hold
half. What else a started program would not have is taken from the copy before its work begins: descriptors, signal
handlers, the process group and the environment of the parent. The standard library does the rest of a process's life
(standard input, waiting for threads, tracebacks, exit codes). Elsewhere than on Linux nothing is forked: `possible`.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Final

from incident.running import lifeline

Run = Callable[[], int]
"""A child's work, ending with its exit code."""

_CAUGHT: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD)
_STDERR: Final = 2


def possible() -> bool:
    """Whether this process may be copied. With a second thread it may not: locks that it holds would stay locked."""
    return sys.platform == "linux" and sum(1 for _ in Path("/proc/self/task").iterdir()) == 1


class Forked:
    """A running copy, asked like a subprocess.Popen."""

    def __init__(self, process: BaseProcess) -> None:
        self._process = process
        assert process.pid is not None
        self.pid: Final = process.pid

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Raises subprocess.TimeoutExpired, as Popen does."""
        self._process.join(timeout)
        code = self._process.exitcode
        if code is None:
            raise subprocess.TimeoutExpired(self._process.name, timeout or 0.0)
        return code

    def terminate(self) -> None:
        self._process.terminate()

    def kill(self) -> None:
        self._process.kill()


def start(
    name: str, run: Run, env: Mapping[str, str], *, keep: Iterable[int] = (), stdout: int | None = None
) -> Forked:
    """Start a copy of this process that does `run` with this environment, and ends with this process.

    `keep` are the descriptors that it inherits beside the standard three, `stdout` what it prints to instead of ours.
    Raises OSError when the machine has no room for it.
    """
    parent = os.getpid()

    def live() -> None:
        os.setpgid(0, 0)
        lifeline.bind(parent)
        _standard(stdout)
        _let_go(keep)
        os.environ.clear()
        os.environ.update({**env, lifeline.PARENT: str(parent)})
        _as_at_the_start()
        sys.exit(run())

    process = multiprocessing.get_context("fork").Process(target=live, name=name)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _CAUGHT)  # a copy must never run our handlers
    try:
        process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return Forked(process)


def _standard(stdout: int | None) -> None:
    """Nothing to read, as for a started child; multiprocessing leaves the parent's standard input open beside that."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
    if stdout is not None:
        os.dup2(stdout, 1)


def _as_at_the_start() -> None:
    """Signals as a program finds them that was just started; those that came meanwhile are delivered now."""
    signal.set_wakeup_fd(-1)
    for number in _CAUGHT:
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _CAUGHT)


def _let_go(keep: Iterable[int]) -> None:
    """Close what is the parent's: its lock, which would outlive it, and the ends of the pipes to other children."""
    kept = {*range(_STDERR + 1), *keep}
    for number in [int(entry.name) for entry in Path("/proc/self/fd").iterdir()]:
        if number not in kept:
            os.closerange(number, number + 1)  # the folder's own is closed already
