"""The secret links of a drill's guests. Only the hash is kept; one that was taken back stays, so that its name does.

Whether a link still opens is the drills' to say: it hangs on the drill's end.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, func, insert, or_, select, update

from incident.store.drill_tables import drill_guests, live_drills

SELDOM: Final = timedelta(minutes=1)
"""A page that looks every few seconds is written down as used once in this time."""


@dataclass(frozen=True, slots=True)
class GuestRow:
    """`mark` is the drill's, `by` who made the link, `days` how long it opens after the drill's end."""

    id: str
    mark: str
    name: str
    locale: str
    days: int
    by: str
    made_at: datetime
    used_at: datetime | None = None
    revoked_at: datetime | None = None
    revoked_by: str | None = None


_ROW: Final = [drill_guests.c[name] for name in GuestRow.__dataclass_fields__]


def add(connection: Connection, row: GuestRow, hashed: str) -> None:
    connection.execute(insert(drill_guests), asdict(row) | {"hash": hashed})


def find(connection: Connection, hashed: str) -> GuestRow | None:
    """By the hash of its secret, unless it was taken back."""
    c = drill_guests.c
    row = connection.execute(select(*_ROW).where(c.hash == hashed, c.revoked_at.is_(None))).first()
    return GuestRow(*row) if row else None


def of(connection: Connection, mark: str) -> list[GuestRow]:
    """All of one drill, as they were made; those that were taken back, too."""
    query = select(*_ROW).where(drill_guests.c.mark == mark).order_by(drill_guests.c.made_at, drill_guests.c.id)
    return [GuestRow(*row) for row in connection.execute(query)]


def standing(connection: Connection, mark: str) -> int:
    """How many of a drill were not taken back."""
    mine = (drill_guests.c.mark == mark) & drill_guests.c.revoked_at.is_(None)
    return connection.scalar(select(func.count()).where(mine)) or 0


def revoke(connection: Connection, mark: str, name: str, by: str, now: datetime) -> bool:
    """False when there is no such link of this drill, or it was taken back before."""
    c = drill_guests.c
    mine = (c.id == name) & (c.mark == mark) & c.revoked_at.is_(None)
    return connection.execute(update(drill_guests).where(mine).values(revoked_at=now, revoked_by=by)).rowcount > 0


def used(connection: Connection, name: str, now: datetime) -> None:
    """Ask `lately` first: this writes."""
    c = drill_guests.c
    before = or_(c.used_at.is_(None), c.used_at < now)
    connection.execute(update(drill_guests).where(c.id == name, before).values(used_at=now))


def lately(row: GuestRow, now: datetime) -> bool:
    """Whether it is written down already that it is in use."""
    return row.used_at is not None and now - row.used_at < SELDOM


def of_kept(connection: Connection, seal: str) -> list[GuestRow]:
    """Those of a drill that is over whose link was ever opened."""
    mark = connection.scalar(select(live_drills.c.mark).where(live_drills.c.kept == seal))
    return [row for row in of(connection, mark) if row.used_at] if mark else []
