"""Signing in: by password, or by a link that works once. Sessions live on the server; the cookie is a random value.

A new sign-in is always a new session, so a value that somebody planted in a browser before is worth nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Final, TypeVar

import anyio
from anyio import to_thread
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Engine
from starlette.responses import Response

from incident.clock import Clock
from incident.errors import why
from incident.ids import hashed, new_key
from incident.organisation import Organisation, Person
from incident.store import accounts
from incident.store.engine import changing, reading
from web.kept import Kept
from web.limiter import Limiter
from web.problems import NotSignedIn, TooOften

T = TypeVar("T")

COOKIE: Final = "incident_session"
LIFE: Final = timedelta(days=30)
"""A session ends so long after its last use: who is on call must not be asked for a password at 3 a.m."""
_TOUCH_EVERY: Final = timedelta(hours=1)
_KEPT_S: Final = 5.0
_LONGEST: Final = 1000
BY_ADDRESS: Final = (20, 300)
BY_ACCOUNT: Final = (10, 600)
"""Wrong passwords in so many seconds."""
PARALLEL: Final = 1
"""Passwords checked at once in each of two queues: one takes about 0.15 s of a core and 64 MB."""
QUEUE: Final = 16
"""Passwords that wait in a queue; who comes then is asked to come again in some seconds."""
_AGAIN_S: Final = 5
_FAMILIAR_FOR_S: Final = 30 * 86_400


class Sessions:
    """The sessions and passwords of this installation. What is not `async` blocks for a database transaction."""

    def __init__(self, engine: Engine, clock: Clock, *, secure: bool) -> None:
        self._engine, self._clock, self._secure = engine, clock, secure
        self._kept: Kept[str, str | None] = Kept(_KEPT_S)
        self._hasher = PasswordHasher()
        self._by_address = Limiter(*BY_ADDRESS)
        self._by_account = Limiter(*BY_ACCOUNT)
        self._strangers, self._regulars = anyio.CapacityLimiter(PARALLEL), anyio.CapacityLimiter(PARALLEL)
        self._familiar: Kept[tuple[str, str], bool] = Kept(_FAMILIAR_FOR_S, size=10_000)

    async def check_password(self, organisation: Organisation, name: str, password: str, address: str) -> str:
        """The person whose password it is; `name` is their id or mail address. Raises NotSignedIn, or TooOften.

        Whether the name exists cannot be told from the answer, nor from how long it takes. Somebody who has signed in
        from this address before is counted apart, and waits in another queue than strangers do: whoever hammers at an
        account, or at all of them, keeps nobody out of the place where they usually sign in.
        """
        person = _named(organisation, name)
        account = person.id if person else name.strip().lower()[:100]
        familiar = self._familiar.has((account, address))
        counted = f"{account} {address}" if familiar else account
        wait = max(self._by_address.wait(address) if not familiar else 0.0, self._by_account.wait(counted))
        if wait > 0:
            raise TooOften(why("api.too_many_attempts"), retry_after=wait)
        if not familiar:
            self._by_address.count(address)
        self._by_account.count(counted)
        queue = self._regulars if familiar else self._strangers
        right = len(password) <= _LONGEST and await self._in_turn(
            queue, self._verify, person.id if person else None, password
        )
        if person is None or not right:
            raise NotSignedIn(why("api.wrong_password"))
        if not familiar:
            self._by_address.back(address)
        self._by_account.forget(counted)
        self._familiar.put((account, address), True)
        return person.id

    async def change_password(self, person: str, password: str) -> None:
        """`set_password` in its turn: hashing costs as much as checking."""
        await self._in_turn(self._regulars, self.set_password, person, password)

    async def _in_turn(self, queue: anyio.CapacityLimiter, work: Callable[..., T], *given: Any) -> T:
        """On a worker thread, at most so many at once. Raises TooOften when too many wait already."""
        if queue.statistics().tasks_waiting >= QUEUE:
            raise TooOften(why("api.too_many_attempts"), retry_after=_AGAIN_S)
        return await to_thread.run_sync(work, *given, limiter=queue)

    def set_password(self, person: str, password: str) -> None:
        """Also signs the person out everywhere."""
        digest = self._hasher.hash(password)
        with changing(self._engine) as connection:
            accounts.set_password(connection, person, digest)
            accounts.end_sessions_of(connection, person)
        self._kept.clear()

    def make_link(self, person: str) -> str:
        """The secret of a link that signs the person in once, within a shift."""
        secret, now = new_key(), self._clock.now()
        with changing(self._engine) as connection:
            accounts.add_signin(connection, hashed(secret), person, now + accounts.SIGN_IN_FOR)
        return secret

    def use_link(self, secret: str, address: str) -> str:
        """The person whom it signs in. Raises NotSignedIn for a link that is unknown, used or too old."""
        wait = self._by_address.wait(address)
        if wait > 0:
            raise TooOften(why("api.too_many_attempts"), retry_after=wait)
        with changing(self._engine) as connection:
            person = accounts.use_signin(connection, hashed(secret), self._clock.now())
        if person is None:
            self._by_address.count(address)
            raise NotSignedIn(why("api.link_used"))
        return person

    def begin(self, person: str) -> str:
        """A new session; the answer is the cookie's value."""
        value, now = new_key(), self._clock.now()
        with changing(self._engine) as connection:
            accounts.sweep(connection, now)
            accounts.add_session(connection, hashed(value), person, now, now + LIFE)
        return value

    def person(self, value: str) -> str | None:
        """Whose session it is, None when it is over."""
        if not value or len(value) > _LONGEST:
            return None
        digest = hashed(value)
        return self._kept.get(digest, lambda: self._read(digest))

    def at_hand(self, value: str) -> bool:
        """Whether `person` will answer without blocking."""
        return self._kept.has(hashed(value))

    def end(self, value: str) -> None:
        with changing(self._engine) as connection:
            accounts.end_session(connection, hashed(value))
        self._kept.forget(hashed(value))

    def put_cookie(self, response: Response, value: str) -> None:
        response.set_cookie(
            COOKIE,
            value,
            max_age=int(LIFE.total_seconds()),
            path="/",
            secure=self._secure,
            httponly=True,
            samesite="lax",
        )

    def drop_cookie(self, response: Response) -> None:
        response.delete_cookie(COOKIE, path="/", secure=self._secure, httponly=True, samesite="lax")

    def _read(self, digest: str) -> str | None:
        now = self._clock.now()
        with reading(self._engine) as connection:
            found = accounts.session(connection, digest, now)
        if found is None:
            return None
        if _old(found.seen_at, now):
            with changing(self._engine) as connection:
                accounts.touch_session(connection, digest, now, now + LIFE)
        return found.person

    @cached_property
    def _nobody(self) -> str:
        """Nobody's password: checked for a name that does not exist, so that it takes as long as one that does."""
        return self._hasher.hash(new_key())

    def _verify(self, person: str | None, password: str) -> bool:
        nobody, digest = self._nobody, None
        if person is not None:
            with reading(self._engine) as connection:
                digest = accounts.password_hash(connection, person)
        try:
            self._hasher.verify(digest or nobody, password)
        except (VerificationError, InvalidHashError):
            return False
        return digest is not None


def _old(seen_at: datetime, now: datetime) -> bool:
    return now - seen_at > _TOUCH_EVERY


def _named(organisation: Organisation, name: str) -> Person | None:
    wanted = name.strip().lower()
    found = organisation.person(wanted)
    return found or next((p for p in organisation.people if p.email and p.email.lower() == wanted), None)
