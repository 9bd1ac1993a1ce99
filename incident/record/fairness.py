"""How the burden is shared: hours, nights and weekends of each person, in a period. Pure.

A night is 22:00 to 07:00 and a weekend Saturday and Sunday, by the clock where the *person* lives: who sits in Berlin
and stands in for Beijing has their own night. Figures are what really passed, so a night with a clock change has 8 or
10 hours. Two rosters at the same time are one duty: nobody is awake twice.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from incident.calendars import instant
from incident.roster import Shift

NIGHT_FROM: Final = time(22)
NIGHT_TO: Final = time(7)
_DAY: Final = timedelta(days=1)

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Burden:
    """What one person carries in a period. `nights` counts those of which any part was on duty."""

    person: str
    duty: timedelta
    nights: int
    night: timedelta
    weekend: timedelta


def burdens(
    shifts: Iterable[Shift], zones: Mapping[str, ZoneInfo], start: datetime, end: datetime
) -> tuple[Burden, ...]:
    """Everybody who has a zone, also those who carry nothing; the heaviest first, then in the order of `zones`.

    A shift counts as far as it lies between `start` and `end`. Somebody without a zone counts by UTC.
    """
    spans: dict[str, list[Span]] = {person: [] for person in zones}
    for shift in shifts:
        first, last = max(shift.start, start), min(shift.end, end)
        if first < last:
            spans.setdefault(shift.person, []).append((first.astimezone(UTC), last.astimezone(UTC)))
    found = [_burden(person, _joined(mine), zones.get(person, ZoneInfo("UTC"))) for person, mine in spans.items()]
    return tuple(sorted(found, key=lambda one: -one.duty))


def _burden(person: str, spans: list[Span], zone: ZoneInfo) -> Burden:
    duty = night = weekend = timedelta()
    nights = 0
    for first, last in spans:
        duty += last - first
    for day in _days(spans, zone):
        morning, midnight = instant(day, time(), zone), instant(day + _DAY, time(), zone)
        of_night = _within(spans, instant(day, NIGHT_FROM, zone), instant(day + _DAY, NIGHT_TO, zone))
        night += of_night
        nights += of_night > timedelta()
        if day.weekday() >= 5:
            weekend += _within(spans, morning, midnight)
    return Burden(person, duty, nights, night, weekend)


def _joined(spans: list[Span]) -> list[Span]:
    joined: list[Span] = []
    for first, last in sorted(spans):
        if joined and first <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], last)
        else:
            joined.append((first, last))
    return joined


def _days(spans: list[Span], zone: ZoneInfo) -> Iterator[date]:
    """Each local day that a span touches, once, and the day before a span: its night may reach into it."""
    done = date.min
    for first, last in spans:
        day = max(first.astimezone(zone).date() - _DAY, done)
        stop = last.astimezone(zone).date()
        while day <= stop:
            yield day
            day += _DAY
        done = day


def _within(spans: list[Span], start: datetime, end: datetime) -> timedelta:
    """How much of the spans, which are joined, lies between two instants."""
    since = bisect_right(spans, start, key=_last)
    until = bisect_left(spans, end, lo=since, key=_first)
    return sum((min(last, end) - max(first, start) for first, last in spans[since:until]), timedelta())


def _first(span: Span) -> datetime:
    return span[0]


def _last(span: Span) -> datetime:
    return span[1]
