"""Somebody else's calendar file, read with suspicion: every event comes back as when it happens, or with why not.

A file is somebody's upload. What could make it dear is refused before it is worked out: only plain repetitions (each
day, week, month or year, on named days), begun within five years, so many of them, so many occurrences. Time zones go
by their IANA or Windows name; the file's own definitions are cut out, because they may hold any rule. A time without a
zone is a local time of the roster.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from incident.calendars import instant
from incident.errors import BadInput, Fault, Reason, why

if TYPE_CHECKING:  # a tenth of a second to import: only who reads a calendar waits for it
    from icalendar import Calendar, Component

MOST_BYTES: Final = 512 * 1024
MOST_EVENTS: Final = 1000
MOST_REPEATING: Final = 100
MOST_FOUND: Final = 1000
LONGEST: Final = timedelta(days=366)
OLDEST: Final = timedelta(days=1830)

_ZONES: Final = re.compile(rb"^BEGIN:VTIMEZONE\s*$.*?^END:VTIMEZONE\s*$", re.IGNORECASE | re.MULTILINE | re.DOTALL)
_BEGINS: Final = re.compile(rb"^BEGIN:V(?!TIMEZONE|ALARM|CALENDAR)", re.IGNORECASE | re.MULTILINE)
_TIMES: Final = ("DTSTART", "DTEND", "RECURRENCE-ID", "EXDATE", "RDATE")
_ONCE: Final = ("DTSTART", "DTEND", "DURATION", "RECURRENCE-ID", "RRULE")
_ALWAYS: Final = frozenset({"FREQ", "COUNT", "UNTIL", "WKST"})
_MORE: Final = {
    "DAILY": ({"INTERVAL"}, {"BYDAY"}),
    "WEEKLY": ({"INTERVAL", "BYDAY"},),
    "MONTHLY": ({"INTERVAL"}, {"BYMONTHDAY"}, {"BYDAY"}),
    "YEARLY": ({"INTERVAL"},),
}
"""What each frequency may be said with. Together they could name days that never come, and be looked for until the
year 9999."""
_NTH_DAY: Final = re.compile(r"(\+?[1-5]|-[1-5])?(MO|TU|WE|TH|FR|SA|SU)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time that an event happens, in UTC. `number` counts the file's events from 1; `addresses` are e-mails."""

    number: int
    title: str
    start: datetime
    end: datetime
    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BadEvent:
    """An event of the file that cannot be used: which, and why."""

    number: int
    title: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file says about the time that was asked for, by start; and what of it cannot be used."""

    found: tuple[Occurrence, ...]
    bad: tuple[BadEvent, ...]


def read_calendar(data: bytes, name: str, zone: ZoneInfo, start: datetime, end: datetime) -> Reading:
    """Everything that happens between `start` and `end`. `name` is the file's, for faults.

    Raises BadInput for a file that is no calendar, or is too large.
    """
    parts = (calendar := _parsed(data, name)).walk("VEVENT")
    if sum("RRULE" in part for part in parts) > MOST_REPEATING:
        raise BadInput(Fault(name, why("ical.too_many_repeating", limit=MOST_REPEATING)))
    found: list[Occurrence] = []
    bad: list[BadEvent] = []
    for series in _series(parts):
        number, part = series[0]
        reason = next((r for _, one in series for r in [_fault(one, zone, start)] if r), None)
        if reason is not None:
            bad.append(BadEvent(number, _title(part), reason))
            continue
        if all(_is_over(one, zone, start) for _, one in series):
            continue
        try:
            found += _occurrences(calendar, series, zone, start, end)
        except (ValueError, OverflowError, TypeError, AttributeError):
            bad.append(BadEvent(number, _title(part), why("ical.unreadable")))
        if len(found) > MOST_FOUND:
            raise BadInput(Fault(name, why("ical.too_many_found", limit=MOST_FOUND)))
    return Reading(tuple(sorted(found, key=lambda one: (one.start, one.number))), tuple(bad))


def _parsed(data: bytes, name: str) -> Calendar:
    from icalendar import Calendar

    if len(data) > MOST_BYTES:
        raise BadInput(Fault(name, why("ical.too_large", limit=MOST_BYTES // 1024)))
    events = len(_BEGINS.findall(data))  # before it is read: reading takes a millisecond for each
    if events > MOST_EVENTS:
        raise BadInput(Fault(name, why("ical.too_many", n=events, limit=MOST_EVENTS)))
    try:
        calendar = Calendar.from_ical(_ZONES.sub(b"", data))
    except (ValueError, TypeError, IndexError, KeyError, RecursionError):
        raise BadInput(Fault(name, why("ical.no_calendar"))) from None
    if not isinstance(calendar, Calendar):
        raise BadInput(Fault(name, why("ical.no_calendar")))
    return calendar


def _series(parts: Iterable[Component]) -> Iterator[list[tuple[int, Component]]]:
    """Events by UID, in the file's order: a series and the changed ones of it. Cancelled ones happen no more."""
    by_uid: dict[str, list[tuple[int, Component]]] = {}
    for number, part in enumerate(parts, 1):
        alone = part.get("STATUS") == "CANCELLED" and "RECURRENCE-ID" not in part
        if not alone:
            by_uid.setdefault(str(part.get("UID") or f"without {number}"), []).append((number, part))
    yield from by_uid.values()


def _fault(part: Component, zone: ZoneInfo, now: datetime) -> Reason | None:
    """Why an event cannot be used. Times without a zone are put into the roster's on the way."""
    if any(name in _TIMES or name in ("DURATION", "RRULE") for name, _ in part.errors):
        return why("ical.unreadable")
    if any(isinstance(part.get(name), list) for name in _ONCE):
        return why("ical.unreadable")
    if "DTSTART" not in part:
        return why("ical.no_start")
    for name in _TIMES:
        for value in _values(part.get(name)):
            if not isinstance(value.dt, (date, tuple) if name == "RDATE" else date):  # a duration, or a period
                return why("ical.unreadable")
            said = value.params.get("TZID")
            if isinstance(value.dt, datetime) and value.dt.tzinfo is None:
                if said:
                    return why("ical.unknown_zone", zone=str(said)[:60])
                value.dt = value.dt.replace(tzinfo=zone)
    first = _utc(_when(part, "DTSTART"), zone)
    if "DTEND" in part and _utc(_when(part, "DTEND"), zone) <= first:
        return why("ical.backwards")
    if "RRULE" in part:
        if first < now - OLDEST:
            return why("ical.too_old")
        if not _plain_rule(part["RRULE"]):
            return why("ical.odd_rule")
    return None


def _is_over(part: Component, zone: ZoneInfo, now: datetime) -> bool:
    """Whether its repetitions ended before the time that is asked for: then they are not worked out."""
    rule: Any = part.get("RRULE", {})
    ends = [_utc(end, zone) for end in rule.get("UNTIL", []) if isinstance(end, date)]
    return bool(ends) and "RDATE" not in part and max(ends) + LONGEST < now


def _when(part: Component, name: str) -> date | datetime:
    value: Any = part[name]
    found: date | datetime = value.dt
    return found


def _values(value: Any) -> Iterator[Any]:
    """The times in a property: one, a list of one property, or lists of several."""
    for one in value if isinstance(value, list) else [value]:
        if one is not None:
            yield from getattr(one, "dts", [one])


def _plain_rule(rule: Any) -> bool:
    given = {name: [str(v) for v in (value if isinstance(value, list) else [value])] for name, value in rule.items()}
    more = {name.upper() for name in given} - _ALWAYS
    frequency = "".join(given.get("FREQ", [])).upper()
    if not any(more <= allowed for allowed in _MORE.get(frequency, ())):
        return False
    if any(len(values) > 31 for values in given.values()):
        return False
    days = given.get("BYDAY", [])
    plain = frequency != "MONTHLY"
    return all(_NTH_DAY.fullmatch(day) and (len(day) == 2 or not plain) for day in days)


def _occurrences(
    calendar: Calendar, series: list[tuple[int, Component]], zone: ZoneInfo, start: datetime, end: datetime
) -> Iterator[Occurrence]:
    import recurring_ical_events
    from icalendar import Calendar as Made

    alone = Made()
    for name in ("X-WR-TIMEZONE", "CALSCALE"):
        if name in calendar:
            alone[name] = calendar[name]
    for _, part in series:
        alone.add_component(part)
    for part in recurring_ical_events.of(alone).between(start, end):
        if part.get("STATUS") == "CANCELLED":
            continue
        first, last = _utc(part.start, zone), _utc(part.end, zone)
        if last - first > LONGEST or first >= last:
            raise ValueError(part)
        if start < last and first < end:
            yield Occurrence(series[0][0], _title(part), first, last, _addresses(part))


def _utc(at: date | datetime, zone: ZoneInfo) -> datetime:
    """A day begins at midnight where the roster is."""
    if isinstance(at, datetime):
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=zone).astimezone(UTC)
    return instant(at, time(), zone)


def _title(part: Component) -> str:
    said = "".join(letter for letter in str(part.get("SUMMARY") or "") if letter.isprintable())
    return said.strip()[:100]


def _addresses(part: Component) -> tuple[str, ...]:
    given = part.get("ATTENDEE")
    attendees = given if isinstance(given, list) else [given] if given else []
    found = (str(one).strip() for one in attendees[:50])
    return tuple(dict.fromkeys(re.sub("^mailto:", "", one, flags=re.IGNORECASE).casefold() for one in found))
