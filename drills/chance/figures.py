"""What many runs come to: shares with their confidence intervals, the curve of answered-by-t, and paired differences.

A share has Wilson's interval, which holds for shares near 0 and 1 too. A difference between two settings is taken run
by run: both saw the same dice, so only the runs that came out differently count.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from drills.chance.ringing import Answer

Z: Final = 1.959963984540054
"""The 97.5 % point of the normal distribution: all intervals here are of 95 %."""


@dataclass(frozen=True, slots=True)
class Share:
    """`hits` of `n`, with its 95 % interval."""

    hits: int
    n: int
    low: float
    high: float

    @property
    def value(self) -> float:
        return self.hits / self.n if self.n else 0.0


@dataclass(frozen=True, slots=True)
class Difference:
    """How much is lost, as a share, with its 95 % interval; negative where it is a gain."""

    value: float
    low: float
    high: float


def wilson(hits: int, n: int) -> Share:
    """Nothing observed is anything: 0 to 1."""
    if n == 0:
        return Share(0, 0, 0.0, 1.0)
    p, z2 = hits / n, Z * Z
    middle = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = Z / (1 + z2 / n) * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n))
    low = max(0.0, middle - half) if hits else 0.0
    high = min(1.0, middle + half) if hits < n else 1.0
    return Share(hits, n, low, high)


def within(answers: Sequence[Answer], minutes: float) -> Share:
    """The share that was answered within so many minutes. Exactly on time is in time."""
    return wilson(sum(a.minutes is not None and a.minutes <= minutes for a in answers), len(answers))


def lost(base: Sequence[Answer], other: Sequence[Answer], minutes: float) -> Difference:
    """What of `within` is lost from one to the other, run by run. Raises ValueError for runs that do not pair."""
    if len(base) != len(other) or not base:
        raise ValueError("only runs of the same seeds can be compared")
    fell = rose = 0
    for one, two in zip(base, other, strict=True):
        had = one.minutes is not None and one.minutes <= minutes
        has = two.minutes is not None and two.minutes <= minutes
        fell += had and not has
        rose += has and not had
    n = len(base)
    value = (fell - rose) / n
    half = Z * math.sqrt(max(0.0, (fell + rose) / n - value * value) / n)
    return Difference(value, value - half, value + half)


def curve(answers: Sequence[Answer], until_min: float, points: int = 61) -> list[tuple[float, Share]]:
    """Answered by t, from zero to the end, evenly."""
    return [(t, within(answers, t)) for t in (until_min * step / (points - 1) for step in range(points))]


def quantile(answers: Sequence[Answer], share: float) -> float | None:
    """The minutes by which so large a share of all runs was answered; None if it never was."""
    ordered = sorted(a.minutes for a in answers if a.minutes is not None)
    place = math.ceil(share * len(answers)) - 1
    return ordered[place] if 0 <= place < len(ordered) else None


def who(answers: Sequence[Answer]) -> list[tuple[str, int]]:
    """Who answered, the most often first."""
    return Counter(a.person for a in answers if a.person).most_common()
