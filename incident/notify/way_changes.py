"""A way that came or went is told to its owner by a way that was proven before: whoever diverts somebody's pages, with
their session or with an admin's rights, does not do it unseen.

Inside the transaction that saved it, at the lowest urgency, by a call only by day and where nothing is read. Whoever
had no proven way is told nothing: a number that nobody has proven learns nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, func, select

from incident.levels import Level
from incident.notify import way_news
from incident.notify.way_news import WAY
from incident.organisation import Organisation, Person, Way, WayKind
from incident.store import directory
from incident.store.tables import outbox

ADDED: Final = "way.told.added"
REMOVED: Final = "way.told.removed"
MOST: Final = 5
"""Messages in an hour to one person. The first of them says what there is to say."""
WITHIN: Final = timedelta(hours=1)
_NAME: Final = 24
_CHINESE: Final = 10
"""Letters of a name, so that the text is one part, also of a Chinese name in an English text."""


def save_organisation(
    connection: Connection, organisation: Organisation, *, expected: int | None, at: datetime, by: str
) -> int:
    """As `store.directory.save_organisation`, and whoever gets or loses a way by it is told."""
    old = directory.load_organisation(connection) if directory.version(connection) else None
    version = directory.save_organisation(connection, organisation, expected=expected, at=at, by=by)
    if old is not None and version != old[1]:
        new, _ = directory.load_organisation(connection)  # what came masked stands there as it is
        tell(connection, old[0], new, by, at)
    return version


def tell(connection: Connection, old: Organisation, new: Organisation, by: str, now: datetime) -> int:
    """Tell everybody whose ways are others than they were; how many messages were ordered. `old` knows the facts.

    `by` is who saved it, as the log names them.
    """
    told = 0
    for person in new.people:
        before = old.person(person.id)
        if before is None or before.ways == person.ways:
            continue
        for way, news in _news(before.ways, person.ways):
            told += _tell(connection, old, person, about=way, news=news, by=by, now=now)
    return told


def _news(before: Sequence[Way], after: Sequence[Way]) -> Iterator[tuple[Way, str]]:
    """What came, then what went. A new order or another wait is neither."""
    was, stands = {way.name for way in before}, {way.name for way in after}
    yield from ((way, ADDED) for way in after if way.name not in was)
    yield from ((way, REMOVED) for way in before if way.name not in stands)


def _tell(
    connection: Connection, old: Organisation, person: Person, *, about: Way, news: str, by: str, now: datetime
) -> bool:
    way = _by_which(old, person, about)
    if way is None or _too_often(connection, person.id, now):
        return False
    facts: dict[str, object] = {"about": news, "kind": str(about.kind), "shown": way_news.shown(about)}
    facts |= {"by": _who(old, by, person)}
    if way.name not in {one.name for one in person.ways}:
        facts[way_news.AT] = way.address
    at = way_news.by_day(now, person) if way.kind is WayKind.VOICE else now
    way_news.put(connection, person.id, way, WAY, facts, at=at)
    return True


def _by_which(old: Organisation, person: Person, about: Way) -> Way | None:
    """A proven way of before: rather one that stays, then another than the one in question, then one that is read. A
    chat that is gone is written to no more: its address is a secret, and is kept nowhere else."""
    found = old.reach(person.id, Level.CRITICAL)
    stays = {way.name for way in person.ways}
    proven = [step.way for step in found.steps if not step.broken] if found.lacking is None else []
    usable = [way for way in proven if way.name in stays or way.kind is not WayKind.CHAT]
    return min(
        usable,
        key=lambda way: (way.name not in stays, way.name == about.name, way.kind is WayKind.VOICE),
        default=None,
    )


def _too_often(connection: Connection, person: str, now: datetime) -> bool:
    of_late = (outbox.c.person == person, outbox.c.purpose == WAY, outbox.c.created_at > now - WITHIN)
    return (connection.scalar(select(func.count()).select_from(outbox).where(*of_late)) or 0) >= MOST


def _who(organisation: Organisation, by: str, person: Person) -> str:
    """Whoever saved it, by name; empty for the machine's own command line."""
    name = by.partition(":")[2]
    found = organisation.person(name)
    said = found.name if found else name
    return said[: _NAME if said.isascii() else _CHINESE]
