"""The monthly round of test pages: who is asked when. Pure.

The round begins at ten in the morning of the month's first weekday, where the person lives: a pager is proved while
people are awake, by the same ladder of ways that would wake them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from incident.calendars import instant
from incident.levels import Kind
from incident.marks import mark_of
from incident.orders import pageable
from incident.organisation import Organisation, Person, Role
from incident.report import Channel, Report, Source

AT: Final = time(10)
LASTS: Final = timedelta(days=3)
"""After so long a round that did not take place (all was stopped) is left out rather than made up for at a bad hour."""
HOURS: Final = (10, 17)
"""Local hours in which people are asked, also when the round was held up. [assumed]"""


def begins(now: datetime, zone: ZoneInfo) -> datetime:
    """When this month's round begins for somebody who lives in `zone`, in UTC."""
    today = now.astimezone(zone).date()
    first = date(today.year, today.month, 1)
    return instant(first + timedelta(days=max(0, 7 - first.weekday()) % 7 if first.weekday() > 4 else 0), AT, zone)


def due(organisation: Organisation, asked: Mapping[str, datetime], now: datetime) -> list[Person]:
    """Whom the round asks now: everybody who can be paged and was not asked since it began, by whomever."""
    return [person for person in askable(organisation) if _due(person, asked.get(person.id), now)]


def askable(organisation: Organisation) -> list[Person]:
    """Everybody whom a page can reach at all."""
    return [person for person in organisation.people if pageable(organisation, person.id)]


def _due(person: Person, asked: datetime | None, now: datetime) -> bool:
    if person.role is Role.VIEWER:
        return False
    zone = ZoneInfo(person.timezone)
    begun = begins(now, zone)
    awake = HOURS[0] <= now.astimezone(zone).hour < HOURS[1]
    return awake and begun <= now < begun + LASTS and (asked is None or asked < begun)


def month_of(person: Person, now: datetime) -> str:
    """The round's name for this person, `2026-11`: by it two watches that ask at once ask once."""
    return f"{now.astimezone(ZoneInfo(person.timezone)):%Y-%m}"


def report_of(person: Person) -> Report:
    """The report that a test page is opened with. Asked again while one is open it is the same one."""
    return Report(
        title=f"Test page: {person.name}",
        kind=Kind.OTHER,
        channel=Channel.API,
        source=Source.INTERNAL,
        dedup_key=mark_of(person.id),
    )
