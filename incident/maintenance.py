"""Planned maintenance: windows in which what is expected to fail pages nobody. Pure; the document of all of them.

Times of a window are local times of its own zone, so a weekly one keeps its hours over a change of the clocks. A window
says what it is about, and all that it says must hold: a product or place by a part of its name (in any case), a unit
with everything beneath it, labels by their value.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Final, Self
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from incident.calendars import ClockTime, ZoneName, instant
from incident.errors import Fault, Refused, Unknown, why

LONGEST: Final = timedelta(days=31)
"""A window that nobody remembers is a hole in the night. [assumed]"""
MOST: Final = 500
WEEK: Final = timedelta(days=7)

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=60)]
Short = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Part = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=100)]
Label = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


@dataclass(frozen=True, slots=True)
class About:
    """What an incident is about, as far as windows ask. `units` are its own unit and those above it."""

    product: str | None
    place: str | None
    units: Collection[str]
    labels: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time that a window is open: from `start` up to, not including, `end`, both UTC."""

    window: Window
    start: datetime
    end: datetime


class Window(BaseModel):
    """One planned work. A weekly one repeats every seven days, for the last time on the day `until`.

    `ended_at` is when somebody ended the occurrence of that time early; later ones of a weekly window stand.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Name
    name: Short
    reason: Label
    owner: Name
    timezone: ZoneName
    start: ClockTime
    end: ClockTime
    weekly: bool = False
    until: date | None = None
    products: tuple[Part, ...] = ()
    places: tuple[Part, ...] = ()
    units: tuple[Name, ...] = ()
    labels: Annotated[Mapping[Label, Label], Field(max_length=10)] = {}
    ended_at: AwareDatetime | None = None

    @model_validator(mode="after")
    def _sound(self) -> Self:
        length = self.end - self.start
        if length <= timedelta(0):
            raise ValueError("a window must end after it starts")
        if length > (WEEK if self.weekly else LONGEST):
            raise ValueError(f"a window is open for {LONGEST.days} days at most, a weekly one for 7")
        if not (self.products or self.places or self.units or self.labels):
            raise ValueError("say what it is about: a product, a place, a unit or a label")
        if self.until is not None and (not self.weekly or self.until < self.start.date()):
            raise ValueError("only a weekly window has a last day, and it is not before the first")
        return self

    def covers(self, about: About) -> bool:
        """Whether it is about this: everything that the window names must fit."""
        product, place = ((text or "").casefold() for text in (about.product, about.place))
        return (
            _named_in(self.products, product)
            and _named_in(self.places, place)
            and (not self.units or any(unit in about.units for unit in self.units))
            and all(about.labels.get(name) == value for name, value in self.labels.items())
        )

    def open_at(self, at: datetime) -> Occurrence | None:
        """The occurrence that is open at an instant. None also for one that was ended before."""
        found = (one for one in self.occurrences(at - (self.end - self.start) - WEEK, at) if one.start <= at < one.end)
        return next(found, None)

    def occurrences(self, since: datetime, until: datetime) -> Iterator[Occurrence]:
        """Those that start from a time up to and including another, in order. An hour that the clocks leave out may
        leave nothing of one."""
        zone = ZoneInfo(self.timezone)
        first = max(0, (since.astimezone(zone).date() - self.start.date()).days // 7 - 1) if self.weekly else 0
        number = first
        while number == 0 or (self.weekly and (self.until is None or self._day(number) <= self.until)):
            shift = number * WEEK
            start = instant((self.start + shift).date(), self.start.time(), zone)
            end = instant((self.end + shift).date(), self.end.time(), zone)
            if start > until:
                return
            if self.ended_at is not None and start <= self.ended_at < end:
                end = self.ended_at.astimezone(UTC)
            if since <= start < end:
                yield Occurrence(self, start, end)
            if not self.weekly:
                return
            number += 1

    def _day(self, number: int) -> date:
        return self.start.date() + number * WEEK


class Windows(BaseModel):
    """All windows of the house, as one document."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    windows: Annotated[tuple[Window, ...], Field(max_length=MOST)] = ()

    @model_validator(mode="after")
    def _once(self) -> Self:
        names = [window.id for window in self.windows]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"each window needs an id of its own, twice: {', '.join(twice)}")
        return self

    def covering(self, about: About, at: datetime) -> Occurrence | None:
        """What holds back the page of something reported at an instant; of several, the one that ends last."""
        found = (window.open_at(at) for window in self.windows if window.covers(about))
        return max((one for one in found if one is not None), key=lambda one: one.end, default=None)

    def open_at(self, at: datetime) -> list[Occurrence]:
        """All that are open, the one that ends first before the others."""
        found = (window.open_at(at) for window in self.windows)
        return sorted((one for one in found if one is not None), key=lambda one: (one.end, one.window.id))

    def coming(self, since: datetime, until: datetime) -> list[Occurrence]:
        """All that start in a time to come, in order. Not those that are open at its beginning."""
        found = (one for window in self.windows for one in window.occurrences(since, until))
        return sorted(found, key=lambda one: (one.start, one.window.id))

    def window(self, name: str) -> Window | None:
        return next((window for window in self.windows if window.id == name), None)

    def is_past(self, window: Window, now: datetime) -> bool:
        """Whether it never opens again."""
        if window.open_at(now) is not None:
            return False
        last = window.until or (date.max - WEEK if window.weekly else window.end.date())
        return next(window.occurrences(now, _latest(last)), None) is None


NO_WINDOWS: Final = Windows()


def _latest(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 23, 59, tzinfo=UTC) + timedelta(days=1)


def _named_in(parts: tuple[str, ...], text: str) -> bool:
    return not parts or any(part.casefold() in text for part in parts)


def strangers(windows: Windows, units: Collection[str], people: Collection[str]) -> list[Fault]:
    """What windows name that the organisation does not know."""
    found = [
        (place, what, name)
        for place, window in enumerate(windows.windows)
        for what, names, there in (("person", (window.owner,), people), ("unit", window.units, units))
        for name in names
        if name not in there
    ]
    return [Fault(f"/windows/{place}", why("error.unknown", what=what, name=name)) for place, what, name in found]


def ended(windows: Windows, name: str, now: datetime) -> Windows:
    """What is open now ends now. Raises Unknown, or Refused when it is not open."""
    window = windows.window(name)
    if window is None:
        raise Unknown("window", name[:60])
    if window.open_at(now) is None:
        raise Refused(why("maintenance.not_open", name=window.name))
    return exchanged(windows, name, window.model_copy(update={"ended_at": now}))


def exchanged(windows: Windows, name: str, new: Window) -> Windows:
    """Another window in the place of the one of that name."""
    return Windows(windows=tuple(new if one.id == name else one for one in windows.windows))
