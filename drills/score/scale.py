"""The scales of the score sheet. Pure arithmetic on minutes and shares; nothing here is rounded."""

from __future__ import annotations

from drills.score.profile import Grading
from incident.levels import Level


def tl(took: float | None, target: float) -> float:
    """1 up to the target, then falling to 0 at twice the target; 0 for never. A miss is recorded apart from it."""
    if took is None:
        return 0.0
    if took <= target:
        return 1.0
    return max(0.0, 1.0 - (took - target) / target)


def f2(hits: float, expected: int, wrong: int) -> float:
    """F2 of expected against actual: recall weighs four times as much as precision, to forget is worse than to tell."""
    if hits <= 0 or expected <= 0:
        return 0.0
    precision, recall = hits / (hits + wrong), hits / expected
    return 5 * precision * recall / (4 * precision + recall)


def word(gaps: list[float], cadence: float) -> float | None:
    """The share of the time in which the word was not overdue; None if no time passed."""
    duration = sum(gaps)
    if duration <= 0:
        return None
    return 1.0 - sum(max(0.0, gap - cadence) for gap in gaps) / duration


def graded(level: Level, expected: Level, scale: Grading) -> float:
    """What one level is worth where another was expected."""
    over = level.rank - expected.rank
    if over == 0:
        return scale.exact
    if over > 0:
        return scale.over_by_one if over == 1 else scale.over_by_more
    return scale.under_by_one if over == -1 else scale.under_by_more
