"""What stands before every handler: headers on every answer, the check of where a request comes from, the body limit.

Without state, each a function of the request's head; `web/front.py` calls them in their order. A forged request is
stopped by the browser's own words: it says with every unsafe request where it comes from (`Sec-Fetch-Site`, or `Origin`
where there is no TLS), and a page elsewhere cannot change that. What says neither is no browser, and has no cookie that
somebody else could use.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException
from starlette.types import Message, Receive, Scope

from incident.errors import why
from web.problems import Forbidden, TooLarge

Header = tuple[bytes, bytes]

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

_OURS: Final = frozenset(name.encode() for name, _ in HEADERS) | {b"strict-transport-security", b"cache-control"}
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_DOORS: Final = ("/hooks/", "/v2/")
"""Paths of machines: no cookie counts there, so nothing can be forged with one."""


class SafeHeaders:
    """Puts the security headers on every answer; `secure` (the public address is https) adds HSTS."""

    def __init__(self, *, secure: bool) -> None:
        named = (*HEADERS, *([("strict-transport-security", "max-age=31536000")] if secure else []))
        self._always = tuple((name.encode(), value.encode()) for name, value in named)
        self._here = (*self._always, (b"cache-control", b"no-store"))

    def beside(self, given: Iterable[Header], path: str) -> list[Header]:
        """The headers of an answer, and those of ours that it has not set by itself."""
        ours = self._always if path.startswith("/static/") else self._here
        headers = list(given)
        names = {name for name, _ in headers}
        headers += ours if names.isdisjoint(_OURS) else [header for header in ours if header[0] not in names]
        return headers


class SameOrigin:
    """Refuses unsafe requests that a page of another origin makes a browser send."""

    def __init__(self, public_url: str) -> None:
        self.public_host = urlsplit(public_url).netloc

    def check(self, scope: Scope, headers: Mapping[bytes, bytes]) -> None:
        """Raises Forbidden."""
        if scope["method"] not in _SAFE and not scope["path"].startswith(_DOORS) and not self._ours(headers):
            raise Forbidden(why("api.cross_site"))

    def _ours(self, headers: Mapping[bytes, bytes]) -> bool:
        site = headers.get(b"sec-fetch-site")
        if site is not None:
            return site in (b"same-origin", b"none")
        origin = headers.get(b"origin")
        if origin is None:
            return True
        return urlsplit(origin.decode("latin-1")).netloc in (
            headers.get(b"host", b"").decode("latin-1"),
            self.public_host,
        )


def check_path(path: str) -> None:
    """Raises a 404 for a path with a control character: nothing has such a name, and PostgreSQL refuses a NUL."""
    if not path.isprintable():
        raise HTTPException(404)


def check_length(headers: Mapping[bytes, bytes], limit: int = BODY_LIMIT) -> None:
    """Raises TooLarge for a body that is announced as one over the limit."""
    announced = headers.get(b"content-length", b"0")
    if not announced.isdigit():
        raise HTTPException(400)
    if int(announced) > limit:
        raise TooLarge(limit)


def limited(receive: Receive, limit: int = BODY_LIMIT) -> Receive:
    """The same, which raises TooLarge as soon as more has come, whatever was announced."""
    seen = 0

    async def receive_counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise TooLarge(limit)
        return message

    return receive_counted
