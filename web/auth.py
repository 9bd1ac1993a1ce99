"""Who asks, and what they may do.

A person comes with a session, a program with a key (`Authorization: Bearer KEY`), somebody paged with the token of
their page. Each role may do what the one before it may: viewer, responder, commander, admin; an integration key may
only report.
"""

from __future__ import annotations

import inspect
import string
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import wraps
from ipaddress import IPv6Network
from typing import Any, Final, cast
from urllib.parse import urlencode

from anyio import CapacityLimiter, to_thread
from starlette.requests import HTTPConnection, Request
from starlette.responses import RedirectResponse, Response

from incident.errors import why
from incident.organisation import Role
from incident.store import links
from incident.store.engine import reading
from incident.store.keys import Key
from web.house import House, house_of
from web.keys import INTEGRATION, Keys
from web.language import browser, chosen
from web.limiter import Limiter
from web.problems import Forbidden, NotSignedIn, TooOften, wants_page
from web.sessions import COOKIE, Sessions

Handler = Callable[[Request], Any]

_NOBODY_S: Final = ("/hooks/", "/v2/", "/static/", "/healthz", "/readyz", "/metrics")
"""Paths where it does not matter who asks: a monitor's own Authorization header is no key of ours."""
ANSWER_CODES: Final = (10, 60)
"""Answer codes that may be tried from one address in so many seconds. They are shorter than any other secret."""
WRONG: Final = (30, 60)
"""Wrong keys and links from one address in so many seconds, before the next one is told to wait."""
_TOKEN_LETTERS: Final = frozenset(string.ascii_lowercase + string.digits)
_TOKEN_LENGTH: Final = 12


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who a request is from. `person` for a session, `key` (its name) for a program, neither for anybody.

    `role` is None for anybody and for an integration key, which is marked by `reports_only`. `unit` is where a key's
    reports land.
    """

    person: str | None
    name: str
    role: Role | None
    locale: str
    timezone: str
    key: str | None = None
    csrf: str | None = None
    reports_only: bool = False
    unit: str | None = None

    def may(self, role: Role) -> bool:
        return self.role is not None and self.role.rank >= role.rank

    @property
    def known(self) -> bool:
        return self.person is not None or self.key is not None

    @property
    def by(self) -> str:
        """How the log names them."""
        return f"person:{self.person}" if self.person else f"key:{self.key}"

    @property
    def via(self) -> str:
        return "web" if self.person else "api"


class Gate:
    """Finds out who a request is from. `wrong` counts wrong keys and tokens for each address."""

    def __init__(self, house: House, sessions: Sessions, keys: Keys) -> None:
        self.house, self.sessions, self.keys = house, sessions, keys
        self.wrong: Final = Limiter(*WRONG)
        self.codes: Final = Limiter(*ANSWER_CODES)
        self._guessers = CapacityLimiter(1)

    async def visitor(self, request: HTTPConnection) -> Visitor:
        """Raises NotSignedIn for a key that is not (or no longer) one: a program must hear that at once."""
        if request.scope["path"].startswith(_NOBODY_S):
            return self._anybody(request)
        scheme, _, secret = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return await self._program(request, secret.strip())
        value = request.cookies.get(COOKIE, "")
        if value:
            find = self.sessions.person
            person = find(value) if self.sessions.at_hand(value) else await to_thread.run_sync(find, value)
            found = self._person(request, person) if person else None
            if found is not None:
                return found
        return self._anybody(request)

    async def key(self, request: HTTPConnection, secret: str) -> Key | None:
        """The key in force; None for a wrong one, which is counted. Raises TooOften after too many wrong ones.

        A right key is never refused, whatever else comes from its address: it may stand behind the same proxy as who
        guesses. Where many were wrong, look-ups are made one after the other, so that they take no thread from others.
        """
        looked = self.keys.look(secret)
        if looked is not None:
            key = looked[0]
        else:
            guessed = self.wrong.wait(address_of(request)) > 0
            key = await to_thread.run_sync(self.keys.find, secret, limiter=self._guessers if guessed else None)
        if key is None:
            self.count_wrong(request)
        return key

    async def _program(self, request: HTTPConnection, secret: str) -> Visitor:
        key = await self.key(request, secret)
        if key is None:
            raise NotSignedIn(why("api.wrong_key"))
        only = key.role == INTEGRATION
        anybody = self._anybody(request)
        role = None if only else Role(key.role)
        return Visitor(
            None, key.name, role, anybody.locale, anybody.timezone, key.name, reports_only=only, unit=key.unit
        )

    def _person(self, request: HTTPConnection, name: str) -> Visitor | None:
        """None for somebody who has left the organisation: the session is worth nothing then."""
        person = self.house.directory.organisation().person(name)
        if person is None:
            return None
        locale = chosen(request) or person.locale
        return Visitor(person.id, person.name, person.role, locale, person.timezone)

    def _anybody(self, request: HTTPConnection) -> Visitor:
        settings = self.house.settings
        locale = chosen(request) or browser(request, settings.default_locale)
        return Visitor(None, "", None, locale, settings.timezone)

    def count_wrong(self, request: HTTPConnection) -> None:
        """One more wrong secret from there. Raises TooOften when it is one too many."""
        address = address_of(request)
        wait = self.wrong.wait(address)
        if wait > 0:
            raise TooOften(why("api.too_many_attempts"), retry_after=wait)
        self.wrong.count(address)


def who(request: HTTPConnection) -> Visitor:
    return cast(Visitor, request.state.visitor)


def gate_of(request: HTTPConnection) -> Gate:
    return cast(Gate, request.app.state.gate)


def check(visitor: Visitor, role: Role, *, reports: bool = False) -> None:
    """Raises NotSignedIn or Forbidden. `reports` lets integration keys in as well."""
    if visitor.may(role) or (reports and visitor.reports_only):
        return
    if not visitor.known:
        raise NotSignedIn(why("api.sign_in"))
    raise Forbidden(why("api.needs_role", role=role))


def needs(role: Role, *, reports: bool = False) -> Callable[[Handler], Handler]:
    """Wraps a handler, sync or async: only visitors of that role or a higher one pass. A browser that nobody has
    signed in is sent to the sign-in page and back again."""

    def wrap(handler: Handler) -> Handler:
        def turned_away(request: Request) -> Response | None:
            if not who(request).known and request.method == "GET" and wants_page(request):
                return to_login(request)
            check(who(request), role, reports=reports)
            return None

        if inspect.iscoroutinefunction(handler):

            @wraps(handler)
            async def guarded(request: Request) -> Response:
                return turned_away(request) or await cast(Awaitable[Response], handler(request))

            return guarded

        @wraps(handler)
        def guarded_in_thread(request: Request) -> Response:
            return turned_away(request) or cast(Response, handler(request))

        return guarded_in_thread

    return wrap


def to_login(request: Request) -> Response:
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"/login?{urlencode({'next': here})}", 303)


def safe_next(given: str | None) -> str:
    """Where to go after signing in: a path of ours, never another site's address."""
    plain = given or "/"
    ours = plain.startswith("/") and not plain.startswith(("//", "/\\")) and plain.isprintable() and "\\" not in plain
    return plain if ours else "/"


def by_token(house: House, token: str) -> tuple[str, str] | None:
    """The incident and the person that a page's link stands for; None for a token that is none. Blocks for a look-up.

    Guessing is left to `count_wrong`: whoever answers a wrong token calls it.
    """
    if len(token) != _TOKEN_LENGTH or not _TOKEN_LETTERS.issuperset(token):
        return None
    with reading(house.engine) as connection:
        found = links.get(connection, token)
    return (found.incident, found.person) if found else None


def by_request(request: Request, token: str) -> tuple[str, str] | None:
    """The same for a request, with the limit on wrong tokens. Raises TooOften."""
    found = by_token(house_of(request), token)
    if found is None:
        gate_of(request).count_wrong(request)
    return found


def address_of(request: HTTPConnection) -> str:
    """The address that a request comes from, for counting; behind a proxy uvicorn has put the real one here.

    Of IPv6 the network of 64 bits: whoever has one address there has all of them.
    """
    host = request.client.host[:64] if request.client else ""
    if ":" not in host:
        return host
    try:
        return str(IPv6Network((host.partition("%")[0], 64), strict=False))
    except ValueError:
        return host
