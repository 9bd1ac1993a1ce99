"""A roster as it is written down: layers of rotations, overrides, swaps. What follows from it is in `calculate`.

Of stacked layers the later one stands where it names somebody; overrides beat layers; accepted swaps beat both. The
short form of a file, with `rotation` and `start` at the top of the roster, is one layer called `rotation`.
"""

from __future__ import annotations

from datetime import UTC, date, time
from enum import StrEnum
from typing import Annotated, Any, Final, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from incident.calendars import ZoneName
from incident.text import Name

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=60)]
Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]

ONLY_LAYER: Final = "rotation"
"""The id of the layer that the short form makes."""
_SHORT: Final = ("rotation", "start", "handover", "handover_weekday", "period_days", "period_minutes", "restrictions")
_MIDNIGHT: Final = time(0)


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


Required = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
"""A skill by its name; capitals make no difference."""


class Span(BaseModel):
    """A time from `start` up to, not including, `end`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    start: AwareDatetime
    end: AwareDatetime

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if self.start >= self.end:
            raise ValueError("it must end after it starts")
        try:
            self.start.astimezone(UTC)
            self.end.astimezone(UTC)
        except OverflowError:
            raise ValueError("no calendar goes that far: choose a nearer time") from None
        return self


class Override(Span):
    """Somebody stands in. Of overlapping overrides the last in the list stands."""

    person: Slug
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class TimeOff(Span):
    """When somebody is away: they stand on no roster then, whatever names them."""

    reason: Note = ""


class Swap(Span):
    """`giver` asks `taker` to take the giver's shifts of that time. It counts when it is accepted, and only then."""

    giver: Slug
    taker: Slug
    state: Literal["offered", "accepted", "declined"] = "offered"
    note: Note = ""

    @model_validator(mode="after")
    def _two(self) -> Self:
        if self.giver == self.taker:
            raise ValueError("a swap needs two people: name somebody else as taker")
        return self


class Restriction(BaseModel):
    """Local hours on which a layer is used; on `days` if any are named. Midnight to midnight is the whole day.

    Hours that end before they start go on past midnight and belong to the day on which they start.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    days: Annotated[tuple[Weekday, ...], Field(max_length=7)] = ()
    start: time = _MIDNIGHT
    end: time = _MIDNIGHT

    @model_validator(mode="after")
    def _hours(self) -> Self:
        if self.start.tzinfo is not None or self.end.tzinfo is not None:
            raise ValueError("hours are local times: leave the offset out and set the layer's time zone")
        if self.start == self.end != _MIDNIGHT:
            raise ValueError("this leaves no hour: let it end at another time, or drop both for the whole day")
        return self


class Layer(BaseModel):
    """One rotation. Duty begins on `start` at the hand-over time, in the layer's own zone or else the roster's.

    With a weekday, hand-overs fall on it and the first shift may be short; without one they fall every `period_days`
    from `start`. With `period_minutes` (30 or more) they follow each other by the stopwatch, whatever clocks do.
    Turns go on while restrictions keep the layer out. An empty rotation is allowed and names nobody.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Slug
    rotation: Annotated[tuple[Slug, ...], Field(max_length=500)] = ()
    start: Annotated[date, Field(ge=date(1900, 1, 1), le=date(2500, 1, 1))]
    handover: time = time(9)
    handover_weekday: Weekday | None = None
    period_days: Annotated[int, Field(ge=1, le=366)] = 7
    period_minutes: Annotated[int, Field(ge=30, le=7 * 24 * 60)] | None = None
    timezone: ZoneName | None = None
    restrictions: Annotated[tuple[Restriction, ...], Field(max_length=20)] = ()

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.handover.tzinfo is not None:
            raise ValueError("the hand-over is a local time: leave the offset out and set the time zone")
        if self.handover_weekday is not None and self.period_days % 7:
            raise ValueError("a hand-over weekday needs whole weeks: make the period 7 or 14 days, or drop the weekday")
        if self.period_minutes is not None and (self.handover_weekday is not None or self.period_days != 7):
            raise ValueError("a period in minutes stands alone: drop period_days and the weekday")
        return self

    @property
    def people(self) -> tuple[str, ...]:
        """Everybody in the rotation, each once, in its order."""
        return tuple(dict.fromkeys(self.rotation))


class Roster(BaseModel):
    """Who is on duty in a unit for one function. A unit may keep several for the same one; then each is asked."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Slug
    name: Name
    unit: Slug
    function: Slug = "response"
    timezone: ZoneName
    layers: Annotated[tuple[Layer, ...], Field(max_length=20)]
    overrides: tuple[Override, ...] = ()
    swaps: tuple[Swap, ...] = ()
    requires: Annotated[tuple[Required, ...], Field(max_length=5)] = ()
    """Skills. Who lacks one of them, or has let it run out, counts as away on this roster."""

    @model_validator(mode="before")
    @classmethod
    def _long_form(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        short = {name: data[name] for name in _SHORT if name in data}
        if not short:
            return data if "layers" in data else {**data, "layers": ()}
        if "layers" in data:
            raise ValueError(f"'{next(iter(short))}' belongs into a layer: write it there, or drop the layers")
        rest = {name: value for name, value in data.items() if name not in short}
        return {**rest, "layers": [{"id": ONLY_LAYER, **short}]}

    @property
    def people(self) -> tuple[str, ...]:
        """Everybody in the rotations, each once, in the order of the layers."""
        return tuple(dict.fromkeys(name for layer in self.layers for name in layer.rotation))

    @property
    def named(self) -> frozenset[str]:
        """Everybody who may come on duty: by a rotation, an override or a swap, accepted or not."""
        others = (*(one.person for one in self.overrides), *(one.taker for one in self.swaps))
        return frozenset((*self.people, *others))

    def zone_of(self, layer: Layer) -> str:
        """The zone of a layer's hand-over and hours."""
        return layer.timezone or self.timezone


def short_form(fields: dict[str, Any]) -> dict[str, Any]:
    """A roster's dumped fields as people write them: the only layer, if it can be, at the top of the roster."""
    layers = fields.get("layers", [])
    if len(layers) != 1 or layers[0].get("id") != ONLY_LAYER or layers[0].get("timezone") is not None:
        return fields
    only = {name: value for name, value in layers[0].items() if name in _SHORT}
    placed: dict[str, Any] = {}
    for name, value in fields.items():
        placed |= only if name == "layers" else {name: value}
    return placed
