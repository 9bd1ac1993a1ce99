"""What `incident serve` does: prepare, load the whole program once, and run web, worker and watch as copies of itself.

What takes the database, the preparation, is done by a child, so that the process that is copied has never had one
open. It works while this process loads. What it prints is what is announced once the web answers.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from typing import Final

from incident.errors import IncidentError
from incident.running import cores, forked, memory, supervisor
from incident.running.services import Service
from incident.settings import Settings

DEMO: Final = "--demo"
TERMINAL: Final = "--terminal"
"""What is announced is read by the person who starts it, and is kept in no journal."""
_CLI: Final = (sys.executable, "-m", "incident.cli")

Main = Callable[[list[str]], int]
"""The command `incident`: its words, and its exit code."""


class _Ended(IncidentError):
    """The preparation ended with this code and has said itself why."""

    def __init__(self, code: int) -> None:
        super().__init__(f"ended with {code}")
        self.code: Final = code


def serve(settings: Settings, main: Main, load: Callable[[], None], *, demo: bool) -> int:
    """Serve until asked to stop; the exit code of the command. `load` loads what web, worker and watch need.

    Raises CannotStart.
    """
    flags = [*([DEMO] if demo else []), *([TERMINAL] if sys.stdout.isatty() else [])]
    preparation = _Preparation(main, load, flags)
    try:
        return supervisor.serve(
            settings, own_services(main), prepare=preparation.prepare, announce=preparation.announce
        )
    except _Ended as ended:
        return ended.code


def own_services(main: Main) -> tuple[Service, ...]:
    """The program's own processes: each a command that can also be run by itself."""
    return tuple(
        Service(name, (*_CLI, name), beats=True, run=partial(run, main, name))
        for name, run in (("web", _web), ("worker", _other), ("watch", _other))
    )


def _web(main: Main, name: str) -> int:
    cores.keep_to_own()
    return main([name])


def _other(main: Main, name: str) -> int:
    return main([name])


class _Preparation:
    def __init__(self, main: Main, load: Callable[[], None], flags: list[str]) -> None:
        self._main, self._load = main, load
        self._words = ["prepare", *flags]
        self._said = ""

    def prepare(self, settings: Settings) -> None:
        """Raises _Ended when it could not be done; the child has said why."""
        env = supervisor.environment(settings)
        code = self._copied(env) if forked.possible() else self._started(env)
        if code != 0:
            raise _Ended(code)

    def _copied(self, env: dict[str, str]) -> int:
        read, write = os.pipe()
        with os.fdopen(read, encoding=sys.stdout.encoding) as told:
            child = forked.start("prepare", partial(self._main, self._words), env, stdout=write)
            os.close(write)
            with memory.shared():
                self._load()
            self._said = told.read()
        return child.wait()

    def _started(self, env: dict[str, str]) -> int:
        done = subprocess.run([*_CLI, *self._words], env=env, check=False, stdout=subprocess.PIPE, text=True)  # noqa: S603
        self._said = done.stdout
        return done.returncode

    def announce(self, settings: Settings) -> str:
        return self._said
