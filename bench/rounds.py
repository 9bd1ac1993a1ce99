"""What a part of the bench is, and what it is told: one round of it, beside its peers or alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from bench.figures import Run
from bench.goals import Goal

T = TypeVar("T")

FEWEST: Final = 50
"""Fewer of anything give no percentile worth the name, whatever the scale."""


@dataclass(frozen=True, slots=True)
class Round:
    """One time through. `number` counts from 1. `ours` leaves the peers out, for a quick look at a change; `full` adds
    what takes long; `scale` makes the loads smaller (a look, never a claim); `profile` tells where the time goes."""

    number: int = 1
    ours: bool = False
    full: bool = False
    scale: float = 1.0
    profile: bool = False
    tell: Callable[[str], None] = print

    def of(self, count: int) -> int:
        """So many, at this round's scale."""
        return count if self.scale == 1.0 else max(FEWEST, int(count * self.scale))

    def turn(self, targets: Sequence[T]) -> list[T]:
        """Ours and its peers in this round's order: it turns, so that nobody is always the first."""
        return list(targets) if self.number % 2 else list(reversed(targets))


@dataclass(frozen=True, slots=True)
class Part:
    """A measured part: `python -m bench --only NAME`. `usual` parts are what `make bench` runs."""

    name: str
    says: str
    measure: Callable[[Round], Iterator[Run]]
    usual: bool = True
    goals: tuple[Goal, ...] = ()
