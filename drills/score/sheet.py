"""The score sheet's values: marks of items, their parts, and the log lines that show each of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Self

from drills.measures import Item
from incident.errors import Reason, why
from incident.events import Entry


class Rating(StrEnum):
    """Achieved without challenges; achieved; achieved with harm, added risk or against the plan; not achieved."""

    PERFORMED = "P"
    SOME = "S"
    MAJOR = "M"
    UNABLE = "U"

    @property
    def rank(self) -> int:
        """0 for P up to 3 for U; larger is worse."""
        return "PSMU".index(self.value)

    def at_best(self, other: Rating) -> Rating:
        """The worse of the two."""
        return self if self.rank >= other.rank else other


@dataclass(frozen=True, slots=True)
class Line:
    """What one entry of the log shows. A thing that never happened is shown by the last entry: up to there, nothing."""

    position: int
    at: datetime
    said: Reason


def line(entry: Entry, key: str, **params: object) -> Line:
    """A line about an entry."""
    return Line(entry.position, entry.at, why(f"drill.line.{key}", **params))


def minutes(value: float) -> str:
    """As a person reads them: `4`, `12.5`."""
    return f"{value:.1f}".removesuffix(".0")


@dataclass(frozen=True, slots=True)
class Part:
    """One post, step, edge or escalation. `took_min` is None for what never happened, or has no time of its own."""

    name: str
    ratio: float
    lines: tuple[Line, ...]
    took_min: float | None = None
    target_min: float | None = None
    helped: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """One item: `ratio` from 0 to 1, None where it was not observed. The lines of its parts belong to it too."""

    item: Item
    weight: float
    ratio: float | None
    lines: tuple[Line, ...] = ()
    parts: tuple[Part, ...] = ()
    took_min: float | None = None
    target_min: float | None = None
    helped: bool = False

    @property
    def points(self) -> float | None:
        return None if self.ratio is None else self.ratio * self.weight

    @property
    def evidence(self) -> tuple[Line, ...]:
        """Every line that shows it, in the order of the log."""
        every = {*self.lines, *(each for part in self.parts for each in part.lines)}
        return tuple(sorted(every, key=lambda each: (each.at, each.position, each.said.key, each.said.params)))

    def part(self, name: str) -> Part | None:
        return next((part for part in self.parts if part.name == name), None)

    def unseen(self) -> Self:
        """The same, not observed."""
        return replace(self, ratio=None)
