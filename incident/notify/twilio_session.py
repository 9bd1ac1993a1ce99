"""Requests by way of a proxy, or where the lines' parser is not to be had (Windows): aiohttp's client, as it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from aiohttp import ClientError, ClientSession, ClientTimeout, DummyCookieJar, TCPConnector
from twilio.http.response import Response
from yarl import URL

from incident.notify.trust import authorities

_KEPT_S: Final = 20.0


class Session:
    """As `twilio_lines.Lines`, through `proxy` if there is one."""

    def __init__(self, *, secure: bool, proxy: str | None, most: int, seconds: float) -> None:
        self._proxy = proxy
        self._session = ClientSession(
            connector=TCPConnector(limit=most, keepalive_timeout=_KEPT_S, ssl=authorities() if secure else True),
            timeout=ClientTimeout(total=seconds),
            cookie_jar=DummyCookieJar(),
            skip_auto_headers=("Accept-Encoding",),  # an answer of 800 bytes is not worth unpacking
        )

    async def ask(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Response:
        """Raises TimeoutError, and OSError where there is no answer."""
        try:
            async with self._session.request(
                method,
                URL(url, encoded=True),
                data=body or None,
                headers=headers,
                allow_redirects=False,
                proxy=self._proxy,
            ) as answer:
                named = {name.lower(): value for name, value in answer.headers.items()}
                return Response(answer.status, await answer.text(), named)
        except ClientError as problem:
            raise ConnectionError(type(problem).__name__) from None

    async def close(self) -> None:
        await self._session.close()
