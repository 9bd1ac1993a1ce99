"""A swap that waits for an answer, what became of it, and a stand-in whom somebody else has named: told by a text, a
mail or a chat, at the lowest urgency.

Never by a call, and to nobody more than five times an hour: the pages say it, too. Inside the transaction that saved
it, so that nobody hears of what was not saved.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, select

from incident.levels import Level
from incident.notify import way_news
from incident.organisation import Organisation, Person, Way, WayKind
from incident.roster import Override, Roster, Swap
from incident.store.tables import outbox

SWAP: Final = "swap"
"""The purpose of a message about a swap."""
ASKED: Final = "swap.told.asked"
"""What is told to somebody who has something to answer."""
MOST: Final = 5
WITHIN: Final = timedelta(hours=1)
_LIFE: Final = timedelta(hours=24)
_LENGTHS: Final = {"en": (24, 36)}
"""Letters of a name and of a roster, so that the text is one part; in Chinese a part has 70 letters."""
_CHINESE: Final = (12, 14)


def asked(connection: Connection, organisation: Organisation, roster: Roster, swap: Swap, now: datetime) -> bool:
    """Tell the taker that they are asked. False when that is not possible, or was done too often."""
    return _tell(connection, organisation, swap.taker, _of(swap, "asked", roster), now)


def answered(connection: Connection, organisation: Organisation, roster: Roster, swap: Swap, now: datetime) -> bool:
    """Tell the giver what the taker said."""
    return _tell(connection, organisation, swap.giver, _of(swap, swap.state, roster), now)


def withdrawn(
    connection: Connection, organisation: Organisation, roster: Roster, swap: Swap, *, by: str | None, now: datetime
) -> None:
    """Tell both that the swap was taken back and the giver is on duty, but for whoever did it."""
    for person in (swap.taker, swap.giver):
        if person != by:
            _tell(connection, organisation, person, _of(swap, "withdrawn", roster), now)


def stands_in(
    connection: Connection, organisation: Organisation, roster: Roster, stand_in: Override, *, by: str, now: datetime
) -> bool:
    """Tell somebody that `by` (a name) has put them on duty: a stand-in who does not know of it is nobody."""
    return _tell(connection, organisation, stand_in.person, _by(stand_in, "stands_in", roster, by), now)


def not_needed(
    connection: Connection, organisation: Organisation, roster: Roster, stand_in: Override, *, by: str, now: datetime
) -> bool:
    """Tell them that they need not stand in after all."""
    return _tell(connection, organisation, stand_in.person, _by(stand_in, "not_needed", roster, by), now)


@dataclass(frozen=True, slots=True)
class _News:
    """`giver` and `taker` are ids, or the name of whoever is no person of the organisation."""

    said: str
    roster: Roster
    start: datetime
    end: datetime
    giver: str
    taker: str

    def facts(self, person: Person, organisation: Organisation) -> dict[str, str]:
        """In the language and the time of whoever reads it."""
        name, title = _LENGTHS.get(person.locale, _CHINESE)
        return {
            "about": f"swap.told.{self.said}",
            "roster": self.roster.name.for_locale(person.locale)[:title],
            "giver": _name(organisation, self.giver)[:name],
            "taker": _name(organisation, self.taker)[:name],
            "start": _local(self.start, person),
            "end": _local(self.end, person),
        }


def _of(swap: Swap, said: str, roster: Roster) -> _News:
    return _News(said, roster, swap.start, swap.end, swap.giver, swap.taker)


def _by(stand_in: Override, said: str, roster: Roster, by: str) -> _News:
    return _News(said, roster, stand_in.start, stand_in.end, by, stand_in.person)


def _tell(connection: Connection, organisation: Organisation, name: str, news: _News, now: datetime) -> bool:
    person, way = organisation.person(name), _read_way(organisation, name)
    if person is None or way is None or news.end <= now or too_often(connection, person.id, SWAP, now):
        return False
    life = min(_LIFE, max(news.end - now, timedelta(minutes=1)))
    way_news.put(connection, person.id, way, SWAP, news.facts(person, organisation), at=now, life=life)
    return True


def _read_way(organisation: Organisation, person: str) -> Way | None:
    """The first of their ways that works and is read."""
    steps = organisation.reach(person, Level.LOW).steps
    return next((s.way for s in steps if not s.broken and s.way.kind is not WayKind.VOICE), None)


def too_often(connection: Connection, person: str, purpose: str, now: datetime) -> bool:
    """Whether they were told of such things as often as anybody can bear."""
    of_late = (outbox.c.person == person, outbox.c.purpose == purpose, outbox.c.created_at > now - WITHIN)
    return (connection.scalar(select(func.count()).select_from(outbox).where(*of_late)) or 0) >= MOST


def _name(organisation: Organisation, person: str) -> str:
    found = organisation.person(person)
    return found.name if found else person


def _local(at: datetime, person: Person) -> str:
    return f"{at.astimezone(ZoneInfo(person.timezone)):%m-%d %H:%M}"
