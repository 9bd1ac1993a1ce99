"""Whether the process in this container does its work, as an exit code: what the container's health check runs.

What was given a pulse file is asked for its beat, everything else by HTTP, at the host and port of the settings.
`/readyz` would be wrong here: while the database is away a restart helps nobody.

An engine only starts again what ends; what hangs it calls unhealthy, and leaves it. So what has stopped beating is
ended here, as the supervisor of `incident serve` would.

It runs every few seconds in every container and must not be late on a machine that has much to do: it imports nothing
but the standard library and what touches the beat. Reading the settings themselves costs 20 times as much, and six such
checks at once on two busy cores took more than the time they are given, so that all were called unhealthy.
"""

from __future__ import annotations

import http.client
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from incident.clock import SystemClock, pause
from incident.running.pulse import EVERY_S, FILE, end, is_beating


def answers(host: str, port: int, *, timeout: float = 1.0) -> bool:
    """Whether `/healthz` says 200. Asked on loopback when it listens on every address."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    connection = http.client.HTTPConnection(host, port, timeout=timeout)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def main(env: Mapping[str, str], wait: Callable[[float], None]) -> int:
    """0 when it answers or beats, 1 when not."""
    if env.get(FILE):
        return 0 if _beats(Path(env[FILE]), wait) else 1
    host, port = env.get("INCIDENT_HOST") or "127.0.0.1", env.get("INCIDENT_PORT") or "8000"
    return 0 if answers(host, int(port)) else 1


def _beats(file: Path, wait: Callable[[float], None]) -> bool:
    """Looks twice before it ends anybody: after a machine was asleep, or its clock was set, the next beat tells."""
    if is_beating(file, SystemClock().now()):
        return True
    if not file.exists():
        return False
    wait(2 * EVERY_S)
    if is_beating(file, SystemClock().now()):
        return True
    end(file)
    return False


if __name__ == "__main__":
    sys.exit(main(os.environ, pause))
