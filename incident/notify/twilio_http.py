"""The HTTP side of the Twilio SDK: many requests in flight on one event loop, over kept connections.

The SDK's own asynchronous client ignores its time-out, retries behind the outbox's back, drops the Retry-After header
and logs the words; its threads cost two milliseconds of CPU a message. This one keeps the SDK's interface.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from datetime import timedelta
from typing import Final
from urllib.parse import urlencode, urlsplit, urlunsplit
from urllib.request import getproxies, proxy_bypass

from aiohttp import ClientSession, ClientTimeout, DummyCookieJar, TCPConnector
from twilio.http import AsyncHttpClient
from twilio.http.async_http_client import _logger
from twilio.http.response import Response
from yarl import URL

from incident.notify.trust import authorities

API: Final = "https://api.twilio.com"

_WAIT: Final = frozenset({429, 503})
_KEPT_S: Final = 20.0
"""An idle connection is given up before the other side is likely to: a request into a closed one is a lost second."""


class Busy(Exception):
    """429 or 503. The SDK's exceptions carry no headers, so this one goes around them."""

    def __init__(self, status: int, retry_after: timedelta | None) -> None:
        super().__init__(f"HTTP {status}")
        self.status: Final = status
        self.retry_after: Final = retry_after


class PooledHttpClient(AsyncHttpClient):
    """`base_url` replaces scheme and host of every request. `pool` is how many connections there may be.

    Belongs to the event loop on which the first request is made; close it there.
    """

    def __init__(self, *, timeout: float, pool: int, base_url: str | None = None) -> None:
        super().__init__(_logger, True, timeout)
        self._pool: Final = pool
        self._base: Final = urlsplit(base_url or API)
        self._session: ClientSession | None = None
        self._urls: dict[str, URL] = {}
        host = self._base.hostname or ""
        self._proxy: Final = None if proxy_bypass(host) else getproxies().get(self._base.scheme)

    async def request(  # type: ignore[override]  # noqa: PLR0917  the SDK's own signature
        self,
        method: str,
        url: str,
        params: Mapping[str, object] | None = None,
        data: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,  # noqa: ASYNC109  the session's is kept to
        allow_redirects: bool = False,
    ) -> Response:
        """Send it. Raises Busy, or aiohttp's exceptions and TimeoutError when there is no answer in time."""
        sent = dict(headers or {})
        if auth is not None:
            sent["Authorization"] = "Basic " + b64encode(":".join(auth).encode()).decode()
        async with self._opened().request(
            method,
            self._target(url),
            params=dict(params) if params else None,  # type: ignore[arg-type]
            data=urlencode(dict(data), doseq=True).encode() if data else None,
            headers=sent,
            allow_redirects=allow_redirects,
            proxy=self._proxy,
        ) as answer:
            text = await answer.text()
            if answer.status in _WAIT:
                raise Busy(answer.status, _seconds(answer.headers.get("Retry-After")))
            return Response(answer.status, text, answer.headers)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _opened(self) -> ClientSession:
        if self._session is None:
            secure = self._base.scheme == "https"
            self._session = ClientSession(
                connector=TCPConnector(
                    limit=self._pool, keepalive_timeout=_KEPT_S, ssl=authorities() if secure else True
                ),
                timeout=ClientTimeout(total=self.timeout),
                cookie_jar=DummyCookieJar(),
                skip_auto_headers=("Accept-Encoding",),  # an answer of 800 bytes is not worth unpacking
            )
        return self._session

    def _target(self, url: str) -> URL:
        found = self._urls.get(url)
        if found is None:
            moved = urlsplit(url)._replace(scheme=self._base.scheme, netloc=self._base.netloc)
            found = self._urls[url] = URL(urlunsplit(moved), encoded=True)
        return found


def _seconds(header: str | None) -> timedelta | None:
    """Retry-After in its form in seconds; the form with a date would need a clock, and Twilio does not use it."""
    return timedelta(seconds=int(header)) if header and header.isascii() and header.isdigit() else None
