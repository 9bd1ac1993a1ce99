"""Whether the process in this container does its work, as an exit code: what the container's health check runs.

A worker or a watch that was given a pulse file is asked for its beat, everything else by HTTP, at the host and port of
the settings. `/readyz` would be wrong here: while the database is away a restart helps nobody.
"""

from __future__ import annotations

import http.client
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from incident.clock import SystemClock
from incident.running.pulse import FILE, is_beating
from incident.settings import PREFIX


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


def main(env: Mapping[str, str]) -> int:
    """0 when it answers or beats, 1 when not."""
    if env.get(FILE):
        return 0 if is_beating(Path(env[FILE]), SystemClock().now()) else 1
    host, port = env.get(PREFIX + "HOST") or "127.0.0.1", env.get(PREFIX + "PORT") or "8000"
    return 0 if answers(host, int(port)) else 1


if __name__ == "__main__":
    sys.exit(main(os.environ))
