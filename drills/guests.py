"""Guests of a drill: partners who watch it by a link that opens this one drill and nothing else.

A link holds until the drill ends, or for some days after it if its maker said so; a tabletop that nobody ends does not
keep one open for ever. Whoever runs the drill takes it back at any time. What a guest writes down is theirs by name,
reaches the report like an evaluator's remark, and moves no score: it speaks of no objective.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from drills import live, sitting
from drills.control import SEEN, guest_by
from drills.room import Room, Standing, Wish, standing
from drills.sitting import Sitting
from drills.story import Telling
from incident.errors import Refused, Unknown, why
from incident.ids import hashed, new_id, new_key
from incident.marks import TABLE, is_practice
from incident.store import drill_guests
from incident.store.drill_guests import GuestRow
from incident.store.engine import changing, reading

DAYS: Final = 7
"""The longest that a link opens after the drill's end."""
NAME: Final = 80
"""Characters of a guest's name."""
LONGEST: Final = timedelta(days=30)
"""From its making, whatever becomes of the drill."""
MOST: Final = 50
"""Links of one drill that were not taken back."""

Drill = Standing | Sitting


@dataclass(frozen=True, slots=True)
class Guest:
    """A link that opens, and the drill behind it as it stands."""

    row: GuestRow
    drill: Drill

    @property
    def by(self) -> str:
        """How the drill's acts name them."""
        return guest_by(self.row.id, self.row.name)


def add(room: Room, drill: Drill, *, name: str, locale: str, days: int, by: str) -> tuple[GuestRow, str]:
    """A new link and its secret, which is kept nowhere. Raises Refused for a drill to which it would open nothing any
    more, or that has too many, and Unknown for a practice: that is one person's own."""
    if is_practice(drill.row.mark):
        raise Unknown("drill", drill.row.mark[:80])
    now, secret = room.clock.now(), new_key()
    row = GuestRow(new_id()[:8], drill.row.mark, name, locale, days, by, now)
    if not holds(row, drill, now):
        raise Refused(why("drill.live.over"))
    with changing(room.engine) as connection:
        if drill_guests.standing(connection, row.mark) >= MOST:
            raise Refused(why("guest.many", most=MOST))
        drill_guests.add(connection, row, hashed(secret))
    return row, secret


def of(room: Room, drill: Drill) -> list[GuestRow]:
    with reading(room.engine) as connection:
        return drill_guests.of(connection, drill.row.mark)


def revoke(room: Room, drill: Drill, guest: str, by: str) -> None:
    """Raises Unknown for what is no link of this drill that opens."""
    with changing(room.engine) as connection:
        if not drill_guests.revoke(connection, drill.row.mark, guest, by, room.clock.now()):
            raise Unknown("guest", guest[:40])


def holds(row: GuestRow, drill: Drill, now: datetime) -> bool:
    """Whether it opens now, as far as time goes."""
    return now < until(row, drill)


def until(row: GuestRow, drill: Drill) -> datetime:
    """The last moment as it is known now: the end of the drill comes earlier than that of the longest."""
    longest, ended = row.made_at + LONGEST, drill.control.ended
    return min(longest, ended.at + timedelta(days=row.days)) if ended else longest


def entered(room: Room, secret: str) -> Guest | None:
    """Whose link it is, with its drill; None for one that never was, was taken back or has run out. Says that it was
    used."""
    now = room.clock.now()
    with reading(room.engine) as connection:
        row = drill_guests.find(connection, hashed(secret))
    if row is None:
        return None
    found = _drill(room, row.mark)
    if not holds(row, found, now):
        return None
    if not drill_guests.lately(row, now):
        with changing(room.engine) as connection:
            drill_guests.used(connection, row.id, now)
    return Guest(row, found)


def remark(room: Room, guest: Guest, text: str, *, well: bool) -> None:
    """What they saw, as a remark of their own. Raises Refused after the drill's end, or for one too many."""
    wish = Wish(SEEN, text=text, said="done" if well else "not")
    if isinstance(guest.drill, Sitting):
        sitting.observe(room, guest.drill.name, wish, guest.by)
    else:
        live.act(room, guest.drill.row.mark, wish, guest.by)


def on_paper(reader: Telling, rows: Sequence[GuestRow]) -> list[str]:
    """Who watched as a guest, for the report."""
    names = list(dict.fromkeys(row.name for row in rows))
    return [reader.words.t("guest.report", names=" · ".join(names))] if names else []


def _drill(room: Room, mark: str) -> Drill:
    return sitting.sitting(room, mark.removeprefix(TABLE)) if mark.startswith(TABLE) else standing(room, mark)
