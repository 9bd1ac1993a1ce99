"""Who is on duty, found the slow way: by walking the clock on the wall in steps of a quarter of an hour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from incident.roster import Layer, Roster, TimeOff

STEP = timedelta(minutes=15)
DAY = timedelta(days=1)


def wall(at: datetime, zone: ZoneInfo) -> datetime:
    """What a clock on the wall shows, without a zone."""
    return at.astimezone(zone).replace(tzinfo=None)


@cache
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


def handovers(roster: Roster, layer: Layer, last: datetime) -> list[datetime]:
    """Every hand-over of a layer up to the first after `last`. The first is the start of all its duty."""
    zone = ZoneInfo(layer.timezone or roster.timezone)
    found = [first_showing(layer.start, layer.handover, zone)]
    day = layer.start
    waited = 0
    while found[-1] <= last:
        if layer.period_minutes is not None:
            found.append(found[-1] + timedelta(minutes=layer.period_minutes))
            continue
        day += DAY
        waited += 1
        named = layer.handover_weekday
        if named is None:
            due = waited % layer.period_days == 0
        else:
            due = day.weekday() == named.number and _weeks_since(layer, day) % (layer.period_days // 7) == 0
        if due:
            found.append(first_showing(day, layer.handover, zone))
    return found


def _weeks_since(layer: Layer, day: date) -> int:
    assert layer.handover_weekday is not None
    anchor = layer.start
    while anchor.weekday() != layer.handover_weekday.number:
        anchor -= DAY
    return (day - anchor).days // 7


def in_use(roster: Roster, layer: Layer, at: datetime) -> bool:
    """Whether one of the layer's hours covers the instant, day by day."""
    zone = ZoneInfo(layer.timezone or roster.timezone)
    today = wall(at, zone).date()
    for hours in layer.restrictions:
        for day in (today - 2 * DAY, today - DAY, today, today + DAY):
            ends = day if hours.end > hours.start else day + DAY
            if hours.days and list(hours.days[0].__class__)[day.weekday()] not in hours.days:
                continue
            if first_showing(day, hours.start, zone) <= at < first_showing(ends, hours.end, zone):
                return True
    return not layer.restrictions


class Oracle:
    """One roster, asked as often as one likes up to `last`."""

    def __init__(self, roster: Roster, last: datetime, absent: Mapping[str, Sequence[TimeOff]]) -> None:
        self.roster = roster
        self.absent = absent
        self.changes = [handovers(roster, layer, last) for layer in roster.layers]

    def here(self, person: str, at: datetime) -> bool:
        return not any(off.start <= at < off.end for off in self.absent.get(person, ()))

    def lined_up(self, at: datetime) -> list[str]:
        """Everybody whom a layer in use could name, the strongest first."""
        found: list[str] = []
        for layer, changes in reversed(list(zip(self.roster.layers, self.changes, strict=True))):
            passed = sum(change <= at for change in changes)
            if passed and layer.rotation and in_use(self.roster, layer, at):
                for further in range(len(layer.rotation)):
                    found.append(layer.rotation[(passed - 1 + further) % len(layer.rotation)])
        return [person for person in found if self.here(person, at)]

    def __call__(self, at: datetime) -> str | None:
        """The primary at an instant."""
        lined_up = self.lined_up(at)
        person = lined_up[0] if lined_up else None
        covering = [one.person for one in self.roster.overrides if one.start <= at < one.end]
        there = [name for name in covering if self.here(name, at)]
        if there:
            person = there[-1]
        elif covering and person:
            person = self._other_than(person, lined_up)
        for swap in self.roster.swaps:
            if swap.state == "accepted" and swap.giver == person and swap.start <= at < swap.end:
                person = swap.taker if self.here(swap.taker, at) else self._other_than(swap.giver, lined_up)
        return person

    @staticmethod
    def _other_than(person: str, lined_up: list[str]) -> str:
        return next((name for name in lined_up if name != person), person)
