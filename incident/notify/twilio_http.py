"""The HTTP side of the Twilio SDK: many requests in flight on one event loop, over kept connections.

The SDK's own asynchronous client ignores its time-out, retries behind the outbox's back, drops the Retry-After header
and logs the words; its threads cost two milliseconds of CPU a message. This one keeps the SDK's interface.
"""

from __future__ import annotations

import sys
from base64 import b64encode
from collections.abc import Mapping
from datetime import timedelta
from typing import Final, Protocol
from urllib.parse import urlsplit, urlunsplit
from urllib.request import getproxies, proxy_bypass

from twilio.http import AsyncHttpClient
from twilio.http.async_http_client import _logger
from twilio.http.response import Response
from yarl import URL

API: Final = "https://api.twilio.com"

_WAIT: Final = frozenset({429, 503})
_FORM: Final = URL()


class Busy(Exception):
    """429 or 503. The SDK's exceptions carry no headers, so this one goes around them."""

    def __init__(self, status: int, retry_after: timedelta | None) -> None:
        super().__init__(f"HTTP {status}")
        self.status: Final = status
        self.retry_after: Final = retry_after


class NoRoom(Exception):
    """Every connection is taken by a request that has had no answer yet. Nothing was sent."""


class _Asked(Protocol):
    async def ask(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Response: ...
    async def close(self) -> None: ...


class PooledHttpClient(AsyncHttpClient):
    """`base_url` replaces scheme and host of every request. `pool` is how many connections there may be.

    Belongs to the event loop on which the first request is made; close it there.
    """

    def __init__(self, *, timeout: float, pool: int, base_url: str | None = None) -> None:
        super().__init__(_logger, True, timeout)
        self._pool, self._seconds = pool, timeout
        self._base: Final = urlsplit(base_url or API)
        self._server: _Asked | None = None
        self._urls: dict[str, str] = {}
        self._basic: dict[tuple[str, str], str] = {}

    async def request(  # type: ignore[override]  # noqa: PLR0917  the SDK's own signature
        self,
        method: str,
        url: str,
        params: Mapping[str, object] | None = None,
        data: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,  # noqa: ASYNC109  the account's is kept to
        allow_redirects: bool = False,
    ) -> Response:
        """Send it. Raises Busy, NoRoom, and TimeoutError or OSError when there is no answer in time."""
        sent = dict(headers or {})
        if auth is not None:
            sent["Authorization"] = self._authorization(auth)
        target = self._target(url) + (f"?{_encoded(params)}" if params else "")
        answer = await self._opened().ask(method, target, sent, _encoded(data).encode() if data else b"")
        if answer.status_code in _WAIT:
            raise Busy(answer.status_code, _seconds((answer.headers or {}).get("retry-after")))
        return answer

    async def close(self) -> None:
        if self._server is not None:
            await self._server.close()
            self._server = None

    def _opened(self) -> _Asked:
        if self._server is None:
            host = self._base.hostname or ""
            proxy = None if proxy_bypass(host) else getproxies().get(self._base.scheme)
            if proxy is None and sys.platform != "win32":
                from incident.notify.twilio_lines import Lines

                self._server = Lines(self._base, most=self._pool, seconds=self._seconds)
            else:
                from incident.notify.twilio_session import Session

                secure = self._base.scheme == "https"
                self._server = Session(secure=secure, proxy=proxy, most=self._pool, seconds=self._seconds)
        return self._server

    def _target(self, url: str) -> str:
        found = self._urls.get(url)
        if found is None:
            moved = urlsplit(url)._replace(scheme=self._base.scheme, netloc=self._base.netloc)
            found = self._urls[url] = urlunsplit(moved)
        return found

    def _authorization(self, auth: tuple[str, str]) -> str:
        found = self._basic.get(auth)
        if found is None:
            found = self._basic[auth] = "Basic " + b64encode(":".join(auth).encode()).decode()
        return found


def _encoded(data: Mapping[str, object]) -> str:
    """As a form is sent. A list is its name again and again."""
    return _FORM.with_query(data).raw_query_string  # type: ignore[arg-type]  # the SDK's values are text and numbers


def _seconds(header: str | None) -> timedelta | None:
    """Retry-After in its form in seconds; the form with a date would need a clock, and Twilio does not use it."""
    return timedelta(seconds=int(header)) if header and header.isascii() and header.isdigit() else None
