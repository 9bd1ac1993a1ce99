"""The alarm load of this moment: whether it is a flood, where, and which sources chatter. Derived from the board.

Nothing remembers that there is a flood: it is told from when the last incidents were opened, by any process that asks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from incident.notify.limits import CHATTER_FROM, FLOOD_SPAN, chattering, flooding
from incident.rates import FLOOD_ABOVE
from incident.store import alarms
from incident.store.alarms import LOOK_BACK, Alarm, Chatter

SHOWN: Final = 5
"""Units and sources that are named; there may be more."""


@dataclass(frozen=True, slots=True)
class Load:
    """`alarms` were opened in the last ten minutes, without drills and repeats; `more`: at least so many. `units` are
    those that have a flood of their own, the fullest first, `sources` those that chatter."""

    flood: bool
    alarms: int
    more: bool = False
    units: tuple[tuple[str, int], ...] = ()
    sources: tuple[Chatter, ...] = ()


def load(connection: Connection, now: datetime, *, above: int = FLOOD_ABOVE) -> Load:
    """A handful of indexed reads, however many incidents there are."""
    newest = alarms.newest(connection)
    recent = [alarm for alarm in newest if alarm.opened_at > now - FLOOD_SPAN]
    flood = flooding([alarm.opened_at for alarm in newest], now, above=above)
    folded = alarms.chatter(connection, now - FLOOD_SPAN, CHATTER_FROM, SHOWN)
    more = len(recent) == len(newest) == LOOK_BACK
    units = _units(newest, now, above) if flood else ()
    return Load(flood, len(recent), more, units, (*folded, *_coming_and_going(newest, now))[:SHOWN])


def _units(newest: Sequence[Alarm], now: datetime, above: int) -> tuple[tuple[str, int], ...]:
    """No unit has a flood while the whole has none: it has no more alarms than the whole."""
    by_unit: dict[str, list[datetime]] = {}
    for alarm in newest:
        by_unit.setdefault(alarm.unit, []).append(alarm.opened_at)
    found = [
        (unit, sum(1 for at in times if at > now - FLOOD_SPAN))
        for unit, times in by_unit.items()
        if flooding(times, now, above=above)
    ]
    return tuple(sorted(found, key=lambda one: (-one[1], one[0])))[:SHOWN]


def _coming_and_going(newest: Sequence[Alarm], now: datetime) -> list[Chatter]:
    """What recovered and came again, each time as an incident of its own: three in a minute under one dedup key."""
    by_key: dict[str, list[Alarm]] = {}
    for alarm in newest:
        if alarm.key is not None and alarm.opened_at > now - FLOOD_SPAN:
            by_key.setdefault(alarm.key, []).append(alarm)
    found = []
    for ones in by_key.values():
        times = [one.opened_at for one in ones]
        if any(chattering(times, at) for at in times):
            found.append(Chatter(ones[0].code, len(ones), ones[0].unit))
    return found
