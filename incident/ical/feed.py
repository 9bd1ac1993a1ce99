"""Shifts as a calendar that phones and desktops subscribe to.

Each shift is one event in UTC, so that a reader needs no time zone of ours. Its UID is made from the roster, the person
and the shift's start: a later end moves the event that is already in somebody's calendar, and the same shift in two
feeds is one event. The same rosters give the same bytes, so that a calendar that asks again is told "nothing new".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from incident.organisation import Organisation
from incident.record.naming import sentence
from incident.roster import Roster, shifts
from incident.words import Words

BACK: Final = timedelta(days=30)
AHEAD: Final = timedelta(days=90)
FRESH_FOR: Final = timedelta(hours=1)
"""How often a subscriber is asked to look again; an hour is what the common ones keep to."""
MOST_EVENTS: Final = 1000
"""Of one feed, which is a second of work. A roster handed over each half hour is shown for three weeks."""


@dataclass(frozen=True, slots=True)
class Event:
    """One shift as a calendar shows it."""

    uid: str
    start: datetime
    end: datetime
    title: str
    detail: str


def events_of(
    organisation: Organisation, rosters: Iterable[Roster], only: str | None, now: datetime, words: Words
) -> tuple[Event, ...]:
    """The shifts of these rosters from 30 days back to 90 days ahead, whole; of one person when `only` names one.

    Where they are too many, those that are over are left out first, then the latest.
    """
    found: list[Event] = []
    for roster in rosters:
        if only is not None and only not in roster.named:
            continue
        name = roster.name.for_locale(words.locale)
        for shift in shifts(roster, now - BACK, now + AHEAD, organisation.absent_on(roster)):
            if only is not None and shift.person != only:
                continue
            person = organisation.person(shift.person)
            who = person.name if person else shift.person
            title = words.t("feed.mine", roster=name) if only else words.t("feed.theirs", name=who, roster=name)
            uid = f"{roster.id}.{shift.person}.{shift.start.astimezone(UTC):%Y%m%dT%H%M%SZ}@incident"
            detail = sentence(shift.reason, organisation, words)
            found.append(Event(uid, shift.start.astimezone(UTC), shift.end.astimezone(UTC), title, detail))
    found.sort(key=lambda one: (one.start, one.uid))
    if len(found) > MOST_EVENTS:
        found = [one for one in found if one.end > now]
    return tuple(found[:MOST_EVENTS])


def written(name: str, uid: str, events: Iterable[Event], *, saved: datetime, link: str) -> bytes:
    """The calendar as it goes over the wire. `saved` is when the rosters were last changed, `link` leads to them."""
    from icalendar import TRANSP, Calendar
    from icalendar import Event as Written

    calendar = Calendar.new(name=_plain(name), prodid="-//incident-command//rosters//EN", uid=uid, calscale="GREGORIAN")
    calendar.add("REFRESH-INTERVAL", FRESH_FOR, parameters={"VALUE": "DURATION"})
    calendar.add("X-PUBLISHED-TTL", "PT1H")
    for one in events:
        made = Written.new(
            uid=one.uid,
            start=one.start,
            end=one.end,
            summary=_plain(one.title),
            description=_plain(one.detail),
            stamp=saved,
            transparency=TRANSP.TRANSPARENT,
            url=link,
        )
        calendar.add_component(made)
    return bytes(calendar.to_ical())


def _plain(text: str) -> str:
    """Without line ends and other controls: a name must not write lines of its own into the file."""
    return "".join(letter for letter in text if letter.isprintable())
