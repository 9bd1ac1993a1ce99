"""In which language and time zone somebody is answered.

`?lang=` wins and is remembered in a cookie; then the person's own language; then what the browser asks for.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from starlette.requests import HTTPConnection

from incident.words import Words, locale_of, negotiate, words_for
from web.say import LANG

COOKIE: Final = "lang"


def chosen(request: HTTPConnection) -> str | None:
    """The catalog that was asked for by hand: in the address, or earlier and kept in the cookie."""
    tag = request.query_params.get("lang") if request.scope["query_string"] else None
    tag = tag or request.cookies.get(COOKIE)
    return locale_of(tag, "") or None if tag else None


def cookie_of(request: HTTPConnection) -> tuple[bytes, bytes] | None:
    """The header that remembers a language chosen in the address, if one was."""
    wished = chosen(request) if request.scope["query_string"] and "lang" in request.query_params else None
    if wished is None:
        return None
    return b"set-cookie", f"{COOKIE}={LANG[wished]}; Path=/; Max-Age=31536000; SameSite=Lax".encode()


def browser(request: HTTPConnection, default: str) -> str:
    """The catalog that fits the browser's own wishes best."""
    return _negotiated(request.headers.get("accept-language", ""), default)


def words_of(request: HTTPConnection) -> Words:
    """The catalog for this caller, also before it is known who they are."""
    visitor = getattr(request.state, "visitor", None)
    if visitor is not None:
        return words_for(visitor.locale)
    return words_for(chosen(request) or browser(request, request.app.state.house.settings.default_locale))


@lru_cache(maxsize=256)  # browsers are few, and each asks for the same with every request
def _negotiated(header: str, default: str) -> str:
    return negotiate(_wished(header), default)


def _wished(header: str) -> Iterator[str]:
    """Language tags of an Accept-Language header, the most wanted first."""
    ranked: list[tuple[float, int, str]] = []
    for number, part in enumerate(header.split(",")[:20]):
        tag, _, rest = part.strip().partition(";")
        weight = rest.strip().removeprefix("q=")
        try:
            quality = float(weight) if weight else 1.0
        except ValueError:
            continue
        if tag and tag != "*" and quality > 0:
            ranked.append((-quality, number, tag))
    yield from (tag for _, _, tag in sorted(ranked))
