"""What happens to a way besides its messages: it breaks, is stopped, works again. Its owner is told once, by another.

All of it inside the transaction that saw it happen. Whoever is to be told is told as any message is sent: by the
outbox, at the lowest urgency, so that no page waits for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from incident.errors import Reason
from incident.levels import Level
from incident.notify.retries import OPTED_OUT
from incident.orders import BROKEN, TO, Send
from incident.organisation import Organisation, Person, Way, WayKind
from incident.store import outbox, pages, sends, ways
from incident.store.outbox import Outgoing, SendState
from incident.store.ways import WayId

WAY: Final = "way"
"""The purpose of a message to somebody about one of their ways."""
STOPPED: Final = "way.told.stopped"
BROKE: Final = "way.told.broken"
AT: Final = "at"
"""The fact that holds the address of a way that is no more: only news that it is gone goes there."""
_LIFE: Final = timedelta(hours=24)
_DAY: Final = (time(8), time(21))
"""Nobody is called at night about a way; a text lies there until it is read."""


def id_of(person: str, way: Way) -> WayId:
    return WayId(person, way.kind, way.digest)


def of_send(send: Outgoing) -> WayId | None:
    """The way that a message took. None for one that was ordered by an older release, which named no address."""
    digest = send.facts.get(TO)
    return WayId(send.person, send.way, str(digest)) if digest else None


def broke(connection: Connection, organisation: Organisation, send: Outgoing, reason: Reason, now: datetime) -> None:
    """The provider says that this way does not work, for good. Kept with the reason until something arrives by it, or
    its owner confirms it anew. A drill's message breaks nothing."""
    way = of_send(send)
    if way is None or send.drill is not None:
        return
    if reason == OPTED_OUT.reason:
        if ways.stopped(connection, way, now):
            tell(connection, organisation, way, STOPPED, now, incident=send.incident)
    elif ways.broke(connection, way, reason, now):
        tell(connection, organisation, way, BROKE, now, reason=reason, incident=send.incident)


def arrived(connection: Connection, send: Outgoing) -> None:
    """Something was delivered by this way. Asks the database only for what went by a way that was broken."""
    way = of_send(send) if BROKEN in send.facts else None
    if way is not None:
        ways.mend(connection, way)


def stop(connection: Connection, organisation: Organisation, person: Person, number: str, now: datetime) -> None:
    """Their STOP: no text goes to that number any more, what is open goes on to their next way at once, and they are
    told by another way what that means."""
    for way in _texts_to(person, number):
        if ways.stopped(connection, way, now):
            _move_on(connection, way, now)
            tell(connection, organisation, way, STOPPED, now)


def start(connection: Connection, person: Person, number: str) -> bool:
    """Their START: texts go to that number again. False when they had not stopped them."""
    restarted = [ways.restarted(connection, way) for way in _texts_to(person, number)]  # all of them
    return any(restarted)


def _texts_to(person: Person, number: str) -> Iterable[WayId]:
    return [id_of(person.id, way) for way in person.ways if way.kind is WayKind.SMS and way.address == number]


def _move_on(connection: Connection, way: WayId, now: datetime) -> None:
    for incident in pages.open_pages(connection, way.person):
        every = [s for s in sends.of_incident(connection, incident) if s.person == way.person and s.page]
        last = max((s.page for s in every), default=0)
        waiting = [s for s in every if s.page == last and s.state is SendState.WAITING and of_send(s) != way]
        if waiting:
            sends.bring_forward(connection, min(waiting, key=lambda s: s.not_before).id, now)


def tell(
    connection: Connection,
    organisation: Organisation,
    about: WayId,
    news: str,
    now: datetime,
    *,
    reason: Reason | None = None,
    incident: str = "",
) -> bool:
    """Tell somebody by another of their ways what has become of one. False when they have no other that works."""
    person = organisation.person(about.person)
    way = other_way(organisation, about)
    if person is None or way is None:
        return False
    at = by_day(now, person) if way.kind is WayKind.VOICE else now
    named = next((shown(w) for w in person.ways if w.digest == about.digest), "")
    facts: dict[str, object] = {"about": news, "kind": str(about.kind), "shown": named}
    if reason is not None:
        facts |= {"why": reason.key, "params": dict(reason.params)}
    put(connection, person.id, way, WAY, facts, at=at, incident=incident)
    return True


def other_way(organisation: Organisation, about: WayId) -> Way | None:
    """A way of the same person that works, one that is read rather than one that is heard; never an unproven one
    where a proven one is."""
    steps = organisation.reach(about.person, Level.CRITICAL).steps
    left = [s.way for s in steps if not s.broken and (s.way.kind, s.way.digest) != (about.kind, about.digest)]
    return min(left, key=lambda way: way.kind is WayKind.VOICE, default=None)


def put(
    connection: Connection,
    person: str,
    way: Way,
    purpose: str,
    facts: Mapping[str, object],
    *,
    at: datetime,
    life: timedelta = _LIFE,
    incident: str = "",
) -> None:
    """Order one message to one way, about no incident's matter: it never jumps a queue and asks for no answer."""
    send = Send(
        incident=incident,
        page=0,
        person=person,
        way=way.kind,
        purpose=purpose,
        not_before=at,
        expires_at=at + life,
        urgency=0,
        first=False,
        drill=None,
        facts={**facts, TO: way.digest},
    )
    outbox.add(connection, [outbox.Ordered(send, 0, at)])


def shown(way: Way) -> str:
    """Enough of the address for its owner to know it."""
    return f"…{way.address[-4:]}" if way.kind in (WayKind.SMS, WayKind.VOICE) else way.shown


def by_day(now: datetime, person: Person) -> datetime:
    """Now, or the next morning where they are."""
    local = now.astimezone(ZoneInfo(person.timezone))
    if _DAY[0] <= local.time() < _DAY[1]:
        return now
    day = local.date() + timedelta(days=local.time() >= _DAY[1])
    return max(now, datetime.combine(day, _DAY[0], local.tzinfo).astimezone(now.tzinfo))
