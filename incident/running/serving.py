"""What `incident serve` becomes once its settings are read: the supervisor alone, in a process that loads no more.

The command itself knows all of the program, some fifty megabytes of it. It puts this in its place (the same process
id), and what takes the whole program, the preparation, is done by a child that ends before the others begin. What that
child prints is what is announced once the web answers.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from typing import Final, NoReturn

from incident.errors import IncidentError
from incident.running import supervisor
from incident.settings import Settings
from incident.words import words_for

DEMO: Final = "--demo"
_CLI: Final = (sys.executable, "-m", "incident.cli")


class _Ended(IncidentError):
    """The preparation ended with this code and has said itself why."""

    def __init__(self, code: int) -> None:
        super().__init__(f"ended with {code}")
        self.code: Final = code


def become(settings: Settings, *, demo: bool) -> NoReturn:
    """Go on as the supervisor. Everything that was open without saying otherwise is closed by this."""
    sys.stdout.flush()
    sys.stderr.flush()
    command = [sys.executable, "-m", "incident.running.serving", *([DEMO] if demo else [])]
    os.execve(sys.executable, command, supervisor.environment(settings))  # noqa: S606  ourselves


def main(arguments: Sequence[str]) -> int:
    """Serve with the settings of the environment. The exit code of the command."""
    settings = Settings.load()
    preparation = _Preparation([DEMO] if DEMO in arguments else [])
    try:
        return supervisor.serve(settings, prepare=preparation.prepare, announce=preparation.announce)
    except _Ended as ended:
        return ended.code
    except IncidentError as error:
        reason = getattr(error, "reason", None)
        said = words_for(settings.default_locale).reason(reason) if reason else str(error)
        sys.stderr.write(f"incident: {said}\n")
        return 2


class _Preparation:
    def __init__(self, flags: Sequence[str]) -> None:
        self._command = [*_CLI, "prepare", *flags]
        self._said = ""

    def prepare(self, settings: Settings) -> None:
        """Raises _Ended when it could not be done; the child has said why."""
        env = supervisor.environment(settings)
        done = subprocess.run(self._command, env=env, check=False, stdout=subprocess.PIPE, text=True)  # noqa: S603
        if done.returncode != 0:
            raise _Ended(done.returncode)
        self._said = done.stdout

    def announce(self, settings: Settings) -> str:
        return self._said


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
