"""Who is on duty at an instant: rotations and overrides. A pure calculator; it never raises for want of people.

Hand-overs happen at a local time, so a week that a clock change shortens or lengthens is 167 or 169 hours long.
An override takes the shift from whoever the rotation names; of overlapping ones the last in the list stands.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Annotated, Final, Self
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from incident.calendars import ZoneName, instant
from incident.errors import Reason, why
from incident.text import Text

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=60)]


_NEVER: Final = datetime.max.replace(tzinfo=UTC)


class Weekday(StrEnum):
    """As files and forms write it."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"

    @property
    def number(self) -> int:
        """0 for Monday, as `date.weekday()` counts."""
        return list(Weekday).index(self)


class Override(BaseModel):
    """Somebody stands in from `start` up to, not including, `end`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    start: AwareDatetime
    end: AwareDatetime
    person: Slug
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if self.start >= self.end:
            raise ValueError("an override must end after it starts")
        return self


class Roster(BaseModel):
    """One rotation of a unit for one function. Duty begins on `start` at the hand-over time.

    With a weekday, hand-overs fall on it and the first shift may be short; without one they fall every `period_days`
    from `start`. An empty rotation is allowed: nobody is on duty but those whom overrides name.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Slug
    name: Text
    unit: Slug
    function: Slug = "response"
    timezone: ZoneName
    rotation: tuple[Slug, ...] = ()
    start: date
    handover: time = time(9)
    handover_weekday: Weekday | None = None
    period_days: Annotated[int, Field(ge=1, le=366)] = 7
    overrides: tuple[Override, ...] = ()

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.handover.tzinfo is not None:
            raise ValueError("the hand-over is a local time: leave the offset out and set the time zone")
        if self.handover_weekday is not None and self.period_days % 7:
            raise ValueError("a hand-over weekday needs whole weeks: make the period 7 or 14 days, or drop the weekday")
        return self

    @property
    def people(self) -> tuple[str, ...]:
        """Everybody in the rotation, each once, in its order."""
        return tuple(dict.fromkeys(self.rotation))


@dataclass(frozen=True, slots=True)
class Shift:
    """Somebody's duty from `start` up to, not including, `end`, both UTC."""

    person: str
    start: datetime
    end: datetime
    reason: Reason


@dataclass(frozen=True, slots=True)
class Duty:
    """Who is on duty. `all` has primary and secondary first. It holds until `until`; None if nothing will change it."""

    primary: Shift | None
    secondary: Shift | None
    all: tuple[str, ...]
    until: datetime | None


@dataclass(frozen=True, slots=True)
class _Turn:
    """What the rotation alone says: the place in it, and from when to when."""

    place: int
    start: datetime
    end: datetime


def duty(roster: Roster, at: datetime) -> Duty:
    """Who is on duty at an instant. The secondary is the next in the rotation who neither is primary nor gave the
    shift away."""
    turn = _turn(roster, at)
    primary = _primary(roster, at, turn)
    everybody = _after(roster, turn)
    if primary is None:
        return Duty(None, None, everybody, _next_start(roster, at))
    spare = [p for p in everybody if p != primary.person and (turn is None or p != roster.rotation[turn.place])]
    secondary = None
    until = min(primary.end, _turn_change(roster, at, turn))
    if turn is not None and spare:
        start = max(primary.start, turn.start)
        secondary = Shift(spare[0], start, until, _said(roster, "roster.secondary", until))
    first = (primary.person, *([secondary.person] if secondary else []))
    return Duty(primary, secondary, tuple(dict.fromkeys((*first, *everybody))), until)


def shifts(roster: Roster, start: datetime, end: datetime) -> tuple[Shift, ...]:
    """The primaries' shifts that touch the time from `start` up to `end`, whole and in order; none overlap."""
    found: list[Shift] = []
    at: datetime | None = start
    while at is not None and at < end:
        shift = _primary(roster, at, _turn(roster, at))
        if shift is None:
            at = _next_start(roster, at)
            continue
        found.append(shift)
        at = shift.end
    return tuple(found)


def _turn(roster: Roster, at: datetime) -> _Turn | None:
    zone = ZoneInfo(roster.timezone)
    begin = instant(roster.start, roster.handover, zone)
    if not roster.rotation or at < begin:
        return None
    weekday = roster.handover_weekday
    short = 0 if weekday is None else (roster.start.weekday() - weekday.number) % 7

    def handover(number: int) -> datetime:
        day = roster.start + timedelta(days=number * roster.period_days - short)
        return instant(day, roster.handover, zone)

    number = (at.astimezone(zone).date() - roster.start + timedelta(days=short)).days // roster.period_days
    while handover(number + 1) <= at:
        number += 1
    while handover(number) > at:
        number -= 1
    return _Turn(number % len(roster.rotation), max(begin, handover(number)), handover(number + 1))


def _turn_change(roster: Roster, at: datetime, turn: _Turn | None) -> datetime:
    """When the rotation says something else than at `at`; the end of time if never."""
    if turn is not None:
        return turn.end
    begin = instant(roster.start, roster.handover, ZoneInfo(roster.timezone))
    return begin if roster.rotation and begin > at else _NEVER


def _primary(roster: Roster, at: datetime, turn: _Turn | None) -> Shift | None:
    """The last override that covers `at`, else the turn, cut where stronger overrides begin and end."""
    covering = [index for index, one in enumerate(roster.overrides) if one.start <= at < one.end]
    if covering:
        override = roster.overrides[covering[-1]]
        start, end = _cut(roster.overrides[covering[-1] + 1 :], at, override.start, override.end)
        return Shift(override.person, start, end, _said(roster, "roster.override", end, note=override.reason))
    if turn is None:
        return None
    start, end = _cut(roster.overrides, at, turn.start, turn.end)
    return Shift(roster.rotation[turn.place], start, end, _said(roster, "roster.rotation", end))


def _cut(stronger: tuple[Override, ...], at: datetime, start: datetime, end: datetime) -> tuple[datetime, datetime]:
    first = max([start, *(one.end for one in stronger if one.end <= at)])
    last = min([end, *(one.start for one in stronger if one.start > at)])
    return first.astimezone(UTC), last.astimezone(UTC)


def _next_start(roster: Roster, at: datetime) -> datetime | None:
    """When somebody comes on duty after an instant without anybody."""
    starts = [one.start.astimezone(UTC) for one in roster.overrides if one.start > at]
    first = min([_turn_change(roster, at, None), *starts])
    return None if first == _NEVER else first


def _after(roster: Roster, turn: _Turn | None) -> tuple[str, ...]:
    """The people of the rotation from the turn's place on."""
    place = 0 if turn is None else turn.place
    return tuple(dict.fromkeys((*roster.rotation[place:], *roster.rotation[:place])))


def _said(roster: Roster, key: str, until: datetime, **more: str) -> Reason:
    local = until.astimezone(ZoneInfo(roster.timezone))
    return why(key, roster=roster.id, until=f"{local:%Y-%m-%d %H:%M}", zone=roster.timezone, **more)
