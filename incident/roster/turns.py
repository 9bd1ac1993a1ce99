"""What one layer says by itself: whose turn it is from when to when, and the hours that its restrictions leave.

Hand-overs happen at a local time, so a week that a clock change shortens or lengthens is 167 or 169 hours long; where
clocks move by half an hour it is 167.5 or 168.5. Periods in minutes are elapsed time. All instants are UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from incident.calendars import instant
from incident.roster.model import Layer, Restriction

BEGINNING: Final = datetime.min.replace(tzinfo=UTC)
END: Final = datetime.max.replace(tzinfo=UTC)
"""Of all time: what has no bound reaches so far."""
_DAY: Final = timedelta(days=1)
_LOOK: Final = 9
"""Days on both sides in which the next change of the hours is looked for: hours repeat by the week."""


@dataclass(frozen=True, slots=True)
class Turn:
    """The place in the rotation whose turn it is. `number` counts hand-overs from the layer's start."""

    number: int
    place: int
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Hours:
    """Whether a layer is in use, and a time around the instant asked for in which that stays so."""

    open: bool
    since: datetime
    until: datetime


ALWAYS: Final = Hours(True, BEGINNING, END)


def begin(layer: Layer, zone: str) -> datetime:
    """When the layer's duty begins."""
    return _instant(layer.start, layer.handover, zone)


@lru_cache(maxsize=4096)
def _instant(day: date, at: time, zone: str) -> datetime:
    """`calendars.instant`, remembered: a month asks thousands of times for the same few."""
    return instant(day, at, ZoneInfo(zone))


def turn(layer: Layer, zone: str, at: datetime) -> Turn | None:
    """Whose turn it is; None before the layer begins and for an empty rotation."""
    first = begin(layer, zone)
    if not layer.rotation or at < first:
        return None
    if layer.period_minutes is not None:
        period = timedelta(minutes=layer.period_minutes)
        number = (at - first) // period
        return Turn(number, number % len(layer.rotation), first + number * period, first + (number + 1) * period)
    return _by_days(layer, zone, first, at)


def _by_days(layer: Layer, zone: str, first: datetime, at: datetime) -> Turn:
    weekday = layer.handover_weekday
    short = 0 if weekday is None else (layer.start.weekday() - weekday.number) % 7

    def handover(number: int) -> datetime:
        day = layer.start + timedelta(days=number * layer.period_days - short)
        return _instant(day, layer.handover, zone)

    number = (at.astimezone(ZoneInfo(zone)).date() - layer.start + timedelta(days=short)).days // layer.period_days
    while handover(number + 1) <= at:
        number += 1
    while handover(number) > at:
        number -= 1
    return Turn(number, number % len(layer.rotation), max(first, handover(number)), handover(number + 1))


def hours(layer: Layer, zone: str, at: datetime) -> Hours:
    """Whether the restrictions let the layer be used."""
    if not layer.restrictions:
        return ALWAYS
    day = at.astimezone(ZoneInfo(zone)).date()
    windows = _windows(layer.restrictions, zone, day)
    since, until = at - _DAY, at + (_LOOK - 1) * _DAY
    for start, end in windows:
        if start <= at < end:
            return Hours(True, start, end)
        if start > at:
            until = start
            break
        since = end
    return Hours(False, since, until)


@lru_cache(maxsize=4096)
def _windows(restrictions: tuple[Restriction, ...], zone: str, day: date) -> tuple[tuple[datetime, datetime], ...]:
    """The times of use around a local day, joined where they touch, in order."""
    there = ZoneInfo(zone)
    found = sorted(
        window
        for number in range(-_LOOK, _LOOK + 1)
        for one in restrictions
        if (window := _window(one, there, day + number * _DAY)) is not None
    )
    joined: list[tuple[datetime, datetime]] = []
    for start, end in found:
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return tuple(joined)


def _window(one: Restriction, zone: ZoneInfo, day: date) -> tuple[datetime, datetime] | None:
    """The hours that begin on a day; None if there are none, as when a clock change leaves all of them out."""
    if one.days and day.weekday() not in {weekday.number for weekday in one.days}:
        return None
    start = instant(day, one.start, zone)
    end = instant(day if one.start < one.end else day + _DAY, one.end, zone)
    return (start, end) if start < end else None
