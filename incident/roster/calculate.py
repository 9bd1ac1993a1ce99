"""Who is on duty at an instant, the final shifts, and the gaps. Pure; it never raises for want of people.

A shift is whole: it goes from where its person came on for one cause to where that ends, however often layers below
change meanwhile. All instants are UTC.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

from incident.errors import Reason, why
from incident.roster.model import Roster
from incident.roster.standing import (
    NOBODY_AWAY,
    Absent,
    Placed,
    Standing,
    bounds,
    is_away,
    local,
    placed,
    said,
    standing,
)
from incident.roster.turns import BEGINNING, END

_BEFORE: Final = timedelta(microseconds=1)
_STEPS: Final = 2000
"""How many changes that change nothing are walked over to find a shift's end; what goes on longer is cut there."""


@dataclass(frozen=True, slots=True)
class Shift:
    """Somebody's duty from `start` up to, not including, `end`, both UTC.

    `layer` is the id of the rotation that named them, None for an override. `instead` is the person who has the shift
    otherwise: the giver of a swap, or who is away. `second` is the one next in line.
    """

    person: str
    start: datetime
    end: datetime
    reason: Reason
    cause: Literal["layer", "override", "swap", "stand_in", "second"] = "layer"
    layer: str | None = None
    instead: str | None = None


@dataclass(frozen=True, slots=True)
class Duty:
    """Who is on duty. `all` has primary and secondary first, and nobody who is away.

    It holds until `until`; None if nothing will change it.
    """

    primary: Shift | None
    secondary: Shift | None
    all: tuple[str, ...]
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Gap:
    """A time in which nobody is on duty. `away` are those who would be, but for their time off."""

    start: datetime
    end: datetime
    away: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Scene:
    """All of a duty but its times, and between which instants it surely stays so."""

    primary: Standing
    secondary: str | None
    all: tuple[str, ...]
    since: datetime
    until: datetime

    def same(self, other: _Scene) -> bool:
        mine = (self.primary.key, self.primary.person, self.secondary, self.all)
        return mine == (other.primary.key, other.primary.person, other.secondary, other.all)


def duty(roster: Roster, at: datetime, absent: Absent = NOBODY_AWAY) -> Duty:
    """Who is on duty at an instant. The secondary is the next in line who neither is primary nor gave the shift away:
    of the rotation that stands, then of the other layers whose hours are open."""
    absent = _of(roster, absent)
    scene = _scene(roster, at, absent)
    until = _same_until(roster, scene, absent)
    primary = _whole(roster, scene.primary, absent)
    secondary = None
    if primary is not None and scene.secondary is not None:
        start = max(primary.start, _same_since(roster, scene, absent))
        end = min(primary.end, until)
        reason = why("roster.secondary", roster=roster.id, until=local(end, roster.timezone), zone=roster.timezone)
        secondary = Shift(scene.secondary, _utc(start), _utc(end), reason, "second")
    return Duty(primary, secondary, scene.all, None if until == END else _utc(until))


def shifts(roster: Roster, start: datetime, end: datetime, absent: Absent = NOBODY_AWAY) -> tuple[Shift, ...]:
    """The primaries' shifts that touch the time from `start` up to `end`, whole and in order; none overlap."""
    return tuple(coming(roster, start, end, absent))


def coming(roster: Roster, start: datetime, end: datetime, absent: Absent = NOBODY_AWAY) -> Iterator[Shift]:
    """The same, one after the other: whoever wants only the first few is not kept waiting for the rest."""
    absent = _of(roster, absent)
    before: Standing | None = None
    for one in _walk(roster, start, end, absent):
        if before is None or _same(before, one):  # it may have begun earlier: at the start, and after a cut
            whole = _whole(roster, one, absent)
        else:
            whole = _shift(roster, one, before.until)
        before = one
        if whole is not None:
            yield whole


def gaps(roster: Roster, start: datetime, end: datetime, absent: Absent = NOBODY_AWAY) -> tuple[Gap, ...]:
    """When nobody is on duty between `start` and `end`, cut to that time, in order and apart from each other."""
    absent = _of(roster, absent)
    found: list[Gap] = []
    for one in _walk(roster, start, end, absent):
        if one.person is not None:
            continue
        away = _away(roster, max(one.since, start), absent)
        gap = Gap(_utc(max(one.since, start)), _utc(min(one.until, end)), away)
        if found and found[-1].end == gap.start:
            gap = Gap(found[-1].start, gap.end, tuple(dict.fromkeys((*found[-1].away, *away))))
            found.pop()
        found.append(gap)
    return tuple(found)


def _walk(roster: Roster, start: datetime, end: datetime, absent: Absent) -> Iterator[Standing]:
    """Who stands one after the other, nobody included; each until somebody else does."""
    at, here = start, None
    while at < end:
        one, here = _until_the_next(roster, here or standing(roster, at, absent), absent)
        yield one
        at = one.until


def _until_the_next(roster: Roster, one: Standing, absent: Absent) -> tuple[Standing, Standing | None]:
    """The same up to where somebody else stands, and whoever that is; None at the end of time and after a cut."""
    until = one.until
    for _ in range(_STEPS):
        if until == END:
            break
        after = standing(roster, until, absent)
        if not _same(after, one):
            return (one if until is one.until else replace(one, until=until)), after
        until = after.until
    return replace(one, until=until), None


def _same(one: Standing, other: Standing) -> bool:
    return (one.key, one.person) == (other.key, other.person)


def _whole(roster: Roster, one: Standing, absent: Absent) -> Shift | None:
    """The shift of which `one` is a part."""
    if one.person is None:
        return None
    one, _ = _until_the_next(roster, one, absent)
    since = one.since
    for _ in range(_STEPS):
        if since == BEGINNING:
            break
        before = standing(roster, since - _BEFORE, absent)
        if not _same(before, one):
            break
        since = before.since
    return _shift(roster, one, since)


def _shift(roster: Roster, one: Standing, since: datetime) -> Shift | None:
    """What stands up to where somebody else does, as a shift from `since` on; None for nobody."""
    if one.person is None:
        return None
    reason = said(roster, one, one.until)
    return Shift(one.person, _utc(since), _utc(one.until), reason, one.cause, one.layer, one.instead)


def _scene(roster: Roster, at: datetime, absent: Absent) -> _Scene:
    primary = standing(roster, at, absent)
    since, until = primary.since, primary.until
    inside: list[Placed] = []
    outside: list[tuple[str, ...]] = []
    for layer in reversed(roster.layers):
        here, first, last = placed(roster, layer, at)
        since, until = max(since, first), min(until, last)
        if here is not None and here.open:
            inside.append(here)
        else:
            outside.append(here.line if here else layer.people)
    for spans in absent.values():
        since, until = bounds(spans, at, since, until)
    # The base of an override or swap changes without a change of the primary, and the second in line with it.
    since, until = bounds((*roster.overrides, *roster.swaps), at, since, until)
    there = [name for one in inside for name in one.line if not is_away(name, at, absent)]
    others = [name for line in outside for name in line if not is_away(name, at, absent)]
    taken = {primary.person, *primary.relieved}
    second = next((name for name in there if name not in taken), None) if primary.person else None
    first_two = [name for name in (primary.person, second) if name is not None]
    return _Scene(primary, second, tuple(dict.fromkeys((*first_two, *there, *others))), since, until)


def _same_until(roster: Roster, scene: _Scene, absent: Absent) -> datetime:
    until = scene.until
    for _ in range(_STEPS):
        if until == END or not (after := _scene(roster, until, absent)).same(scene):
            break
        until = after.until
    return until


def _same_since(roster: Roster, scene: _Scene, absent: Absent) -> datetime:
    since = scene.since
    for _ in range(_STEPS):
        if since == BEGINNING or not (before := _scene(roster, since - _BEFORE, absent)).same(scene):
            break
        since = before.since
    return since


def _away(roster: Roster, at: datetime, absent: Absent) -> tuple[str, ...]:
    lines = (placed(roster, layer, at)[0] for layer in reversed(roster.layers))
    people = (name for here in lines if here and here.open for name in here.line)
    covering = (one.person for one in roster.overrides if one.start <= at < one.end)
    return tuple(dict.fromkeys(name for name in (*people, *covering) if is_away(name, at, absent)))


def _of(roster: Roster, absent: Absent) -> Absent:
    """Only those whom the roster names: most days it is nobody, and then all questions about time off are cheap."""
    if not absent:
        return NOBODY_AWAY
    return {name: absent[name] for name in roster.named if absent.get(name)}


def _utc(at: datetime) -> datetime:
    return at.astimezone(UTC)
