"""Two policies beside each other, clock by clock and level by level."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from incident.levels import Level
from incident.policy.figures import ClockName, Target
from incident.policy.model import Policy

Stricter = Literal["a", "b", "same"]


@dataclass(frozen=True, slots=True)
class Row:
    """A target of None means that the policy does not run that clock: the other one is the stricter then."""

    clock: ClockName
    level: Level
    a: Target | None
    b: Target | None
    stricter: Stricter


def compare(a: Policy, b: Policy) -> tuple[Row, ...]:
    """A row for each clock and level that at least one of the two sets, gravest level first."""
    rows = []
    for clock in ClockName:
        for level in Level:
            left, right = (policy.clocks.get(clock, {}).get(level) for policy in (a, b))
            if left is not None or right is not None:
                rows.append(Row(clock, level, left, right, _stricter(left, right)))
    return tuple(rows)


def _stricter(a: Target | None, b: Target | None) -> Stricter:
    if a is None or b is None:
        return "same" if a is b else "a" if b is None else "b"
    if a.length == b.length:
        return "same"
    return "a" if a.length < b.length else "b"
