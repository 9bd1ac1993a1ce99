"""From times to places on a bar, in per cent of its width, with long silences drawn short.

An emergency has its minutes and then its days until it is closed. Drawn to scale all that matters would stand at the
left edge: so no silence between two entries takes more than a share of the bar, and each that was cut is marked.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

LEFT: Final = 1.0
RIGHT: Final = 99.0
SHARE: Final = 0.2
"""The most of the bar that one silence may take."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A silence that is drawn shorter than it was: where its middle is, and how long it lasted."""

    x: float
    lasted: timedelta


@dataclass(frozen=True, slots=True)
class Scale:
    """`times` rise strictly, `places` are theirs and rise or stay; between two of them it is even."""

    times: tuple[datetime, ...]
    places: tuple[float, ...]
    cuts: tuple[Cut, ...]

    def x(self, at: datetime) -> float:
        """Its place. What lies before or after the bar stands at its end."""
        if at <= self.times[0]:
            return self.places[0]
        if at >= self.times[-1]:
            return self.places[-1]
        n = bisect_right(self.times, at)
        share = (at - self.times[n - 1]) / (self.times[n] - self.times[n - 1])
        return round(self.places[n - 1] + share * (self.places[n] - self.places[n - 1]), 3)

    def at(self, x: float) -> datetime:
        """What time stands at a place."""
        n = min(max(bisect_right(self.places, x), 1), len(self.places) - 1)
        width = self.places[n] - self.places[n - 1]
        share = (
            min(1.0, (x - self.places[n - 1]) / width) if width else 0.0
        )  # two entries of one instant, all but microseconds
        return self.times[n - 1] + share * (self.times[n] - self.times[n - 1])

    def holds(self, at: datetime) -> bool:
        return self.times[0] <= at <= self.times[-1]


def scale(times: Iterable[datetime], share: float = SHARE) -> Scale:
    """Of at least one time; a single instant lasts a minute here."""
    known = sorted(set(times))
    if len(known) == 1:
        known.append(known[0] + timedelta(minutes=1))
    gaps = [(b - a).total_seconds() for a, b in pairwise(known)]
    longest = _longest(gaps, share)
    drawn = [min(gap, longest) for gap in gaps]
    unit = (RIGHT - LEFT) / sum(drawn)
    places, cuts = [LEFT], []
    for gap, width in zip(gaps, drawn, strict=True):
        places.append(round(places[-1] + width * unit, 4))
        if gap > longest * 1.5:
            cuts.append(Cut(round((places[-1] + places[-2]) / 2, 3), timedelta(seconds=gap)))
    return Scale(tuple(known), tuple(places), tuple(cuts))


def _longest(gaps: Sequence[float], share: float) -> float:
    """The seconds at which a silence is cut, so that none takes more than that share of what is drawn."""
    ordered = sorted(gaps, reverse=True)
    rest, share = sum(ordered), max(share, 1 / len(ordered))
    for cut, gap in enumerate(ordered):
        limit = share * rest / (1 - share * cut) if share * cut < 1 else 0.0
        if gap <= limit:
            return limit
        rest -= gap
    return ordered[-1]
