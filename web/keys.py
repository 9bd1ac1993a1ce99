"""Keys of programs: made once, shown once, kept as a hash; found again by the hash of what was given."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Engine

from incident.clock import Clock
from incident.ids import hashed, new_key
from incident.store import keys as rows
from incident.store.engine import changing, reading
from incident.store.keys import Key
from web.kept import Kept

INTEGRATION: Final = "integration"
"""The role of a key that may only report and stand in the path of a hook."""
KEPT_S: Final = 5.0
SELDOM: Final = timedelta(minutes=1)
"""How exactly it is known when a key was last used."""
LONGEST: Final = 200


class Keys:
    """The keys of this installation."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine, self._clock = engine, clock
        self._kept: Kept[str, Key | None] = Kept(KEPT_S)
        self._used: dict[str, datetime] = {}

    def find(self, secret: str) -> Key | None:
        """The key in force, or None. Blocks for a look-up unless it was used within the last seconds."""
        if not secret or len(secret) > LONGEST:
            return None
        digest = hashed(secret)
        return self._kept.get(digest, lambda: self._read(digest))

    def look(self, secret: str) -> tuple[Key | None] | None:
        """What `find` says, in a tuple of its own, when it need not block for it; else None."""
        return (None,) if not secret or len(secret) > LONGEST else self._kept.look(hashed(secret))

    def make(self, *, name: str, role: str, unit: str | None, mapping: dict[str, Any] | None) -> str:
        """A new key; the answer is the only place where it ever stands. Raises Refused for a name that is taken."""
        secret = new_key()
        with changing(self._engine) as connection:
            rows.add(
                connection,
                hashed=hashed(secret),
                name=name,
                role=role,
                now=self._clock.now(),
                unit=unit,
                mapping=mapping,
            )
        self._kept.forget(hashed(secret))
        return secret

    def revoke(self, name: str) -> bool:
        with changing(self._engine) as connection:
            done = rows.revoke(connection, name, self._clock.now())
        self._kept.clear()
        return done

    def every(self) -> list[Key]:
        with reading(self._engine) as connection:
            return rows.every(connection)

    def note_used(self, connection: Connection) -> None:
        """Write down which keys were used since the last time: with the heartbeat, so that no request waits for it."""
        used, self._used = self._used, {}
        for digest, at in used.items():
            rows.used(connection, digest, at)

    def _read(self, digest: str) -> Key | None:
        with reading(self._engine) as connection:
            found = rows.find(connection, digest)
        now = self._clock.now()
        if found is not None and (found.used_at is None or now - found.used_at >= SELDOM):
            self._used[digest] = now
        return found
