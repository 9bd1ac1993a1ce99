"""From a template and values to a page in the reader's language and time zone.

Everything is escaped; there is no inline script or style, so that the content policy can forbid both. Templates say
`t("key", name=value)` for words and `at|clock`, `at|ago`, `at|left` for times.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from starlette.requests import Request
from starlette.responses import HTMLResponse

from incident.clock import FastClock, iso
from incident.errors import Reason
from incident.levels import Level
from incident.words import LOCALES, Words, words_for
from web.auth import Visitor
from web.house import House
from web.rostering import asked
from web.say import LANG, Reader

HERE: Final = Path(__file__).parent
PAGE_WORDS: Final = ("time.", "entry.")
"""The part of the catalogs that the scripts of plain pages speak."""
THEMES: Final = ("light", "dark")
NUMERALS: Final = {str(level): level.numeral for level in Level}


@cache
def environment() -> Environment:
    env = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    env.globals.update(t=_t, word=_word, n=_n, text=_text, static=static, levels=tuple(Level), numerals=NUMERALS)
    env.filters.update(reason=_reason, iso=_iso)
    for name in ("ago", "left", "until", "clock", "minute", "stamp", "day", "dated", "dated_at", "span"):
        env.filters[name] = _of_reader(name)
    return env


def page(request: Request, template: str, *, status: int = 200, **context: object) -> HTMLResponse:
    """The answer to a request: the template with its frame, in the language and zone of the visitor."""
    return HTMLResponse(environment().get_template(template).render(frame(request), **context), status)


def fragment(reader: Reader, template: str, **context: object) -> str:
    """A template without a request: for parts and for tests."""
    return environment().get_template(template).render(reader=reader, **context)


def frame(request: Request) -> dict[str, Any]:
    """What every template may use: the reader, the visitor, the way back, the languages."""
    house, visitor = request.app.state.house, request.state.visitor
    clock = house.clock
    return {
        "reader": reader_of(request),
        "visitor": visitor,
        "now": iso(clock.now()),
        "rate": clock.rate if isinstance(clock, FastClock) else 1.0,
        "simulated": house.simulated,
        "refusing": request.app.state.hub.refusing,
        "held": request.app.state.hub.held,
        "theme": theme_of(request),
        "path": request.url.path,
        "swaps_waiting": _swaps_waiting(house, visitor),
        "script_words": some_words(words_for(request.state.visitor.locale), PAGE_WORDS),
        "languages": [(LANG[locale], _with_lang(request, locale)) for locale in LOCALES],
    }


def _swaps_waiting(house: House, visitor: Visitor) -> int:
    """How many swaps wait for this person's answer: every page says so until they have answered."""
    if visitor.person is None:
        return 0
    return len(asked(house.directory.organisation(), visitor.person, house.clock.now()))


def reader_of(request: Request) -> Reader:
    visitor = request.state.visitor
    return Reader(words_for(visitor.locale), ZoneInfo(visitor.timezone), request.app.state.house.clock.now())


def theme_of(request: Request) -> str:
    """`light`, `dark`, or empty to follow the machine. A hand on the switch is remembered in a cookie."""
    wished = request.query_params.get("theme") or request.cookies.get("theme") or ""
    return wished if wished in THEMES else ""


@cache
def static(name: str) -> str:
    """The address of a static file, with its digest so that a new version is fetched at once."""
    digest = sha256((HERE / "static" / name).read_bytes()).hexdigest()[:8]
    return f"/static/{name}?v={digest}"


def some_words(words: Words, prefixes: Iterable[str]) -> Mapping[str, str]:
    """The part of a catalog that a script of the page speaks."""
    starts = tuple(prefixes)
    return {key: words.t(key) for key in sorted(words.keys) if key.startswith(starts)}


def _with_lang(request: Request, locale: str) -> str:
    query = [(k, v) for k, v in request.query_params.multi_items() if k != "lang"]
    return f"{request.url.path}?{urlencode([*query, ('lang', LANG[locale])])}"


def _reader(context: Context) -> Reader:
    reader = context["reader"]
    assert isinstance(reader, Reader)
    return reader


@pass_context
def _t(context: Context, key: str, **params: object) -> str:
    return _reader(context).words.t(key, **params)


@pass_context
def _word(context: Context, name: str, value: object) -> str:
    """The word for a value that may have one, as `function.response` has; a house's own value is said as it is."""
    return str(_reader(context).words.say(name, value))


@pass_context
def _n(context: Context, key: str, count: int, **params: object) -> str:
    return _reader(context).words.n(key, count, **params)


@pass_context
def _text(context: Context, value: object) -> str:
    return _reader(context).text(value)


@pass_context
def _reason(context: Context, value: Reason) -> str:
    return _reader(context).words.reason(value)


def _iso(value: datetime | str) -> str:
    return value if isinstance(value, str) else iso(value)


def _of_reader(name: str) -> Any:
    @pass_context
    def say(context: Context, value: Any) -> str:
        return str(getattr(_reader(context), name)(value))

    return say
