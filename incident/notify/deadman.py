"""The dead-man: something outside that expects a ping each minute and shouts when it stays away.

It is the only witness of the program's own death: the machine off, the disk full, the network cut, paging itself
broken. So it is told only while all is well, and silence is the alarm. A ping never holds anything up: it has a thread
of its own, and while one hangs there is no second. The URL is a secret: whoever has it can keep the alarm asleep.
"""

from __future__ import annotations

import os
import ssl
import threading
from collections.abc import Callable
from typing import Final
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import certifi
import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from incident.clock import Clock
from incident.store import signs
from incident.store.engine import changing

TIMEOUT_S: Final = 10.0

log = structlog.get_logger(__name__)

Ask = Callable[[str], str]
"""Asks a URL; the answer is what went wrong, empty for nothing. Never raises."""


class DeadMan:
    """`tell(True)` pings, `tell(False)` lets the outside wait. Neither waits for anything."""

    def __init__(self, engine: Engine, clock: Clock, url: str, *, ask: Ask | None = None) -> None:
        self._engine, self._clock, self._url, self._ask = engine, clock, url, ask or asked
        self._asking: threading.Thread | None = None

    def tell(self, well: bool) -> None:
        if not well:
            log.warning("deadman.silent")
            return
        if self._asking is not None and self._asking.is_alive():
            log.warning("deadman.hangs")
            return
        self._asking = threading.Thread(target=self.ping, name="deadman", daemon=True)
        self._asking.start()

    def ping(self) -> None:
        """Ask, and write down whether it was heard. Blocks for as long as the time-out."""
        problem = self._ask(self._url)
        if problem:
            log.warning("deadman.unheard", problem=problem)
        try:
            with changing(self._engine) as connection:
                signs.pinged(connection, signs.Pinged(self._clock.now(), problem))
        except SQLAlchemyError as error:
            log.warning("deadman.not_noted", problem=type(error).__name__)


def asked(url: str) -> str:
    """GET the URL. What went wrong is told without the URL: it is a secret."""
    try:
        request = Request(url, headers={"user-agent": "incident"})  # noqa: S310 (http or https: the settings see to it)
        with urlopen(request, timeout=TIMEOUT_S, context=_trusted(url)):  # noqa: S310
            return ""
    except HTTPError as error:
        return f"HTTP {error.code}"
    except URLError as error:
        return type(error.reason).__name__ if isinstance(error.reason, Exception) else "URLError"
    except (OSError, ValueError) as error:
        return type(error).__name__


def _trusted(url: str) -> ssl.SSLContext | None:
    """Known authorities; whoever runs behind a proxy with certificates of its own names them as for other programs."""
    if not url.startswith("https:"):
        return None
    named = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("SSL_CERT_FILE")
    return ssl.create_default_context(cafile=named or certifi.where())
