"""In which language and time zone somebody is answered.

`?lang=` wins and is remembered in a cookie; then the person's own language; then what the browser asks for.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from starlette.requests import HTTPConnection

from incident.words import Words, locale_of, negotiate, words_for

COOKIE: Final = "lang"


def chosen(request: HTTPConnection) -> str | None:
    """The catalog that was asked for by hand: in the address, or earlier and kept in the cookie."""
    tag = request.query_params.get("lang") or request.cookies.get(COOKIE)
    return locale_of(tag, "") or None if tag else None


def browser(request: HTTPConnection, default: str) -> str:
    """The catalog that fits the browser's own wishes best."""
    return negotiate(_wished(request.headers.get("accept-language", "")), default)


def words_of(request: HTTPConnection) -> Words:
    """The catalog for this caller, also before it is known who they are."""
    visitor = getattr(request.state, "visitor", None)
    if visitor is not None:
        return words_for(visitor.locale)
    return words_for(chosen(request) or browser(request, request.app.state.house.settings.default_locale))


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
