"""Whether the web process on this machine answers, as an exit code: what a container's health check runs.

Reads the host and port as the web does. `/readyz` would be wrong here: while the database is away a restart of the
web helps nobody.
"""

from __future__ import annotations

import http.client
import os
import sys
from collections.abc import Mapping

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
    """0 when it answers, 1 when not."""
    host, port = env.get(PREFIX + "HOST") or "127.0.0.1", env.get(PREFIX + "PORT") or "8000"
    return 0 if answers(host, int(port)) else 1


if __name__ == "__main__":
    sys.exit(main(os.environ))
