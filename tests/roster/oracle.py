"""Who is on duty, found the slow way: by walking the clock on the wall in steps of a quarter of an hour."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from incident.roster import Roster

STEP = timedelta(minutes=15)


def wall(at: datetime, zone: ZoneInfo) -> datetime:
    """What a clock on the wall shows, without a zone."""
    return at.astimezone(zone).replace(tzinfo=None)


def first_showing(day: date, handover: time, zone: ZoneInfo) -> datetime:
    """The first instant at which the wall shows that date and time; in a gap the old offset counts on."""
    wanted = datetime.combine(day, handover)
    at = datetime.combine(day, time(), UTC) - timedelta(hours=26)
    before = at
    for _ in range(4 * 66):
        if wall(at, zone) == wanted:
            return at
        if wall(at, zone) < wanted:
            before = at
        elif before == at - STEP:
            return before + (wanted - wall(before, zone))
        at += STEP
    raise AssertionError(f"{wanted} never comes in {zone}")


def handovers(roster: Roster, last: datetime) -> list[datetime]:
    """Every hand-over up to the first after `last`. The first is the start of all duty."""
    zone = ZoneInfo(roster.timezone)
    found = [first_showing(roster.start, roster.handover, zone)]
    day = roster.start
    waited = 0
    while found[-1] <= last:
        day += timedelta(days=1)
        waited += 1
        named = roster.handover_weekday
        if named is None:
            due = waited % roster.period_days == 0
        else:
            due = day.weekday() == named.number and _weeks_since(roster, day) % (roster.period_days // 7) == 0
        if due:
            found.append(first_showing(day, roster.handover, zone))
    return found


def _weeks_since(roster: Roster, day: date) -> int:
    assert roster.handover_weekday is not None
    anchor = roster.start
    while anchor.weekday() != roster.handover_weekday.number:
        anchor -= timedelta(days=1)
    return (day - anchor).days // 7


def on_duty(roster: Roster, at: datetime, changes: list[datetime]) -> str | None:
    """The primary at an instant, given all hand-overs."""
    for override in reversed(roster.overrides):
        if override.start <= at < override.end:
            return override.person
    passed = sum(change <= at for change in changes)
    if not passed or not roster.rotation:
        return None
    return roster.rotation[(passed - 1) % len(roster.rotation)]
