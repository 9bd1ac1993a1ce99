"""Who stands on a roster at one instant, why, and for how long that answer surely holds.

The order of strength: layers from the first to the last, overrides from the first to the last, accepted swaps in their
order. Somebody who is away counts as not named: of a layer the next in its rotation stands in, and if all of them are
away the layer below is asked. Whoever stands in for a stand-in who is away is the next of the rotation too, before the
one who was to be relieved.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal
from zoneinfo import ZoneInfo

from incident.errors import Reason, why
from incident.roster.model import Layer, Override, Roster, Span, Swap, TimeOff
from incident.roster.turns import BEGINNING, END, Hours, Turn, begin, hours, turn

Absent = Mapping[str, Sequence[TimeOff]]
"""Who is away and when, by person. People whom a roster does not name change nothing on it."""

Cause = Literal["layer", "override", "swap", "stand_in"]
NOBODY_AWAY: Final[Absent] = {}


@dataclass(frozen=True, slots=True)
class Placed:
    """A layer at an instant: its turn, whether its hours are open, and its people from the turn's place on."""

    layer: Layer
    turn: Turn
    open: bool
    line: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """Who stands from `since` up to `until` at least. `key` is the same for all of one shift.

    `relieved` are those who would stand but for an override or swap, `instead` is whom a stand-in stands in for.
    """

    person: str | None
    key: tuple[object, ...]
    since: datetime
    until: datetime
    cause: Cause = "layer"
    layer: str | None = None
    instead: str | None = None
    note: str = ""
    relieved: tuple[str, ...] = ()

    def within(self, spans: Iterable[Span], at: datetime) -> Standing:
        """The same, held no longer than until the next edge of any of the spans."""
        since, until = bounds(spans, at, self.since, self.until)
        return replace(self, since=since, until=until)


def standing(roster: Roster, at: datetime, absent: Absent = NOBODY_AWAY) -> Standing:
    """Whoever is on duty at an instant; `person` is None when nobody is."""
    found = _override(roster, at, absent) or _layers(roster, at, absent)
    return _swapped(roster, at, absent, found)


def placed(roster: Roster, layer: Layer, at: datetime) -> tuple[Placed | None, datetime, datetime]:
    """The layer at an instant, and from when to when that holds; None before it begins and while it is empty."""
    zone = roster.zone_of(layer)
    now = turn(layer, zone, at)
    if now is None:
        first = begin(layer, zone)
        return None, BEGINNING, first if layer.rotation and at < first else END
    used: Hours = hours(layer, zone, at)
    line = tuple(dict.fromkeys((*layer.rotation[now.place :], *layer.rotation[: now.place])))
    return Placed(layer, now, used.open, line), max(now.start, used.since), min(now.end, used.until)


def is_away(person: str, at: datetime, absent: Absent) -> bool:
    """Whether somebody has time off then."""
    return any(one.start <= at < one.end for one in absent.get(person, ()))


def bounds(spans: Iterable[Span], at: datetime, since: datetime, until: datetime) -> tuple[datetime, datetime]:
    """The time around `at` in which no span begins or ends, within the given one."""
    for one in spans:
        if one.end <= at:
            since = max(since, one.end)
        elif one.start <= at:
            since, until = max(since, one.start), min(until, one.end)
        else:
            until = min(until, one.start)
    return since, until


def _layers(roster: Roster, at: datetime, absent: Absent) -> Standing:
    """From the last layer down: the first that names somebody who is there."""
    since, until = BEGINNING, END
    for layer in reversed(roster.layers):
        here, first, last = placed(roster, layer, at)
        since, until = max(since, first), min(until, last)
        if here is None or not here.open:
            continue
        since, until = bounds(_time_off(here.line, absent), at, since, until)
        person = next((name for name in here.line if not is_away(name, at, absent)), None)
        if person is None:
            continue
        instead = None if person == here.line[0] else here.line[0]
        key = (layer.id, here.turn.number, person)
        return Standing(person, key, since, until, "stand_in" if instead else "layer", layer.id, instead)
    return Standing(None, (), since, until)


def _override(roster: Roster, at: datetime, absent: Absent) -> Standing | None:
    """The last override that covers the instant and whose person is there; None when none covers it."""
    since, until = BEGINNING, END
    away: Override | None = None
    for index in reversed(range(len(roster.overrides))):
        one = roster.overrides[index]
        since, until = bounds((one,), at, since, until)
        if not one.start <= at < one.end:
            continue
        since, until = bounds(absent.get(one.person, ()), at, since, until)
        if not is_away(one.person, at, absent):
            relieved = _relieved(roster, at, absent, one.person)
            return Standing(
                one.person, ("override", index), since, until, "override", note=one.reason, relieved=relieved
            )
        away = away or one
    base = _layers(roster, at, absent)
    if since > base.since or until < base.until:
        base = replace(base, since=max(since, base.since), until=min(until, base.until))
    if away is None or base.person is None:
        return base
    return _for_one_away(roster, at, absent, base, relieved=base.person, away=away.person)


def _relieved(roster: Roster, at: datetime, absent: Absent, person: str) -> tuple[str, ...]:
    below = _layers(roster, at, absent).person
    return (below,) if below is not None and below != person else ()


def _swapped(roster: Roster, at: datetime, absent: Absent, found: Standing) -> Standing:
    """The accepted swaps in their order: each takes the shift from its giver, whoever had it before."""
    for index, one in enumerate(roster.swaps):
        if one.state != "accepted" or one.giver != found.person:
            continue
        found = found.within((one,), at)
        if not one.start <= at < one.end:
            continue
        found = found.within(absent.get(one.taker, ()), at)
        if is_away(one.taker, at, absent):
            found = _for_one_away(roster, at, absent, found, relieved=one.giver, away=one.taker)
        else:
            found = _taken(found, one, index)
    return found


def _taken(found: Standing, swap: Swap, index: int) -> Standing:
    return replace(
        found,
        person=swap.taker,
        key=("swap", index, *found.key),
        cause="swap",
        instead=swap.giver,
        note=swap.note,
        relieved=(*(name for name in found.relieved if name != swap.taker), swap.giver),
    )


def _for_one_away(
    roster: Roster, at: datetime, absent: Absent, found: Standing, *, relieved: str, away: str
) -> Standing:
    """Somebody was to relieve `relieved` and is away: the next of the rotation who is there, else `relieved` stays."""
    for layer in reversed(roster.layers):
        here, since, until = placed(roster, layer, at)
        found = replace(found, since=max(found.since, since), until=min(found.until, until))
        if here is None or not here.open:
            continue
        found = found.within(_time_off(here.line, absent), at)
        for person in here.line:
            if person != relieved and not is_away(person, at, absent):
                return replace(
                    found,
                    person=person,
                    key=(*found.key, "for", away, person),
                    cause="stand_in",
                    layer=layer.id,
                    instead=away,
                    relieved=(*found.relieved, relieved),
                )
    return found


def _time_off(people: Iterable[str], absent: Absent) -> Iterator[TimeOff]:
    if absent:
        for person in people:
            yield from absent.get(person, ())


def said(roster: Roster, found: Standing, until: datetime) -> Reason:
    """Why this person, until when in the roster's own time."""
    about = {"roster": roster.id, "until": local(until, roster.timezone), "zone": roster.timezone}
    match found.cause:
        case "stand_in" if roster.requires:
            skills = ", ".join(roster.requires)
            return why("roster.stand_in_skilled", **about, instead=found.instead, skill=skills)
        case "override":
            return why("roster.override", **about, note=found.note)
        case "swap":
            return why("roster.swap", **about, instead=found.instead)
        case "stand_in":
            return why("roster.stand_in", **about, instead=found.instead)
        case "layer" if len(roster.layers) > 1:
            return why("roster.layer", **about, layer=found.layer)
        case "layer":
            return why("roster.rotation", **about)


def local(at: datetime, zone: str) -> str:
    """Minutes on the clock of the zone. The last hours of the year 9999 are written in UTC."""
    try:
        return f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"
    except OverflowError:
        return f"{at:%Y-%m-%d %H:%M}"
