"""What stands before every handler: headers on every answer, the check of where a request comes from, the body limit.

Three small ASGI layers without state. A forged request is stopped by the browser's own words: it says with every
unsafe request where it comes from (`Sec-Fetch-Site`, or `Origin` where there is no TLS), and a page elsewhere cannot
change that. What says neither is no browser, and has no cookie that somebody else could use.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from incident.errors import why
from web.problems import Forbidden, TooLarge

BODY_LIMIT: Final = 1024 * 1024
"""Bytes of a request's body. A batch of 1,000 alerts is some 700 KB."""

POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "font-src 'self'",
        "media-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)

HEADERS: Final = (
    ("content-security-policy", POLICY),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
)

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_DOORS: Final = ("/hooks/", "/v2/")
"""Paths of machines: no cookie counts there, so nothing can be forged with one."""


class SafeHeaders:
    """Puts the security headers on every answer; `secure` (the public address is https) adds HSTS."""

    def __init__(self, app: ASGIApp, *, secure: bool) -> None:
        self.app = app
        self.headers = (*HEADERS, *([("strict-transport-security", "max-age=31536000")] if secure else []))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.headers:
                    headers.setdefault(name, value)
                if not scope["path"].startswith("/static/"):
                    headers.setdefault("cache-control", "no-store")
            await send(message)

        return await self.app(scope, receive, send_with_headers)


class SameOrigin:
    """Refuses unsafe requests that a page of another origin makes a browser send."""

    def __init__(self, app: ASGIApp, *, public_url: str) -> None:
        self.app = app
        self.public_host = urlsplit(public_url).netloc

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in _SAFE and not scope["path"].startswith(_DOORS):
            headers = Headers(scope=scope)
            if not self._ours(headers):
                raise Forbidden(why("api.cross_site"))
        return await self.app(scope, receive, send)

    def _ours(self, headers: Headers) -> bool:
        site = headers.get("sec-fetch-site")
        if site is not None:
            return site in ("same-origin", "none")
        origin = headers.get("origin")
        return origin is None or urlsplit(origin).netloc in (headers.get("host", ""), self.public_host)


class PlainPath:
    """Answers 404 to a path with a control character: nothing has such a name, and PostgreSQL refuses a NUL."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not scope["path"].isprintable():
            raise HTTPException(404)
        return await self.app(scope, receive, send)


class BodyLimit:
    """Answers 413 to a body over the limit: at once when its length is announced, else as soon as it is passed."""

    def __init__(self, app: ASGIApp, *, limit: int = BODY_LIMIT) -> None:
        self.app = app
        self.limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        announced = Headers(scope=scope).get("content-length", "0")
        if not announced.isdecimal():
            raise HTTPException(400)
        if int(announced) > self.limit:
            raise TooLarge(self.limit)
        seen = 0

        async def receive_counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self.limit:
                raise TooLarge(self.limit)
            return message

        return await self.app(scope, receive_counted, send)
