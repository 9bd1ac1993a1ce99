"""A swap that waits for an answer, and what became of it: told by a text, a mail or a chat, at the lowest urgency.

Never by a call, and to nobody more than five times an hour: the pages say it, too. Inside the transaction that saved
the swap, so that nobody hears of what was not saved.
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
from incident.roster import Roster, Swap
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
    person = organisation.person(swap.taker)
    return person is not None and _tell(connection, organisation, person, _News("asked", roster, swap), now)


def answered(connection: Connection, organisation: Organisation, roster: Roster, swap: Swap, now: datetime) -> bool:
    """Tell the giver what the taker said."""
    person = organisation.person(swap.giver)
    return person is not None and _tell(connection, organisation, person, _News(swap.state, roster, swap), now)


@dataclass(frozen=True, slots=True)
class _News:
    said: str
    roster: Roster
    swap: Swap

    def facts(self, person: Person, organisation: Organisation) -> dict[str, str]:
        """In the language and the time of whoever reads it."""
        name, title = _LENGTHS.get(person.locale, _CHINESE)
        return {
            "about": f"swap.told.{self.said}",
            "roster": self.roster.name.for_locale(person.locale)[:title],
            "giver": _name(organisation, self.swap.giver)[:name],
            "taker": _name(organisation, self.swap.taker)[:name],
            "start": _local(self.swap.start, person),
            "end": _local(self.swap.end, person),
        }


def _tell(connection: Connection, organisation: Organisation, person: Person, news: _News, now: datetime) -> bool:
    way = _read_way(organisation, person.id)
    if way is None or too_often(connection, person.id, SWAP, now):
        return False
    life = min(_LIFE, max(news.swap.end - now, timedelta(minutes=1)))
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
