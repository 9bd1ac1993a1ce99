"""Figures of a run: percentiles, medians of runs, and the ratio to the peer of the same run."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number: of a time less is better, of a rate more."""

    name: str
    value: float
    unit: str

    def said(self) -> str:
        if self.value == int(self.value) and not self.unit:
            return f"{self.value:,.0f}"
        return f"{self.value:.1f}" if self.value < 100 else f"{self.value:,.0f}"


@dataclass(frozen=True, slots=True)
class Run:
    """What one target did in one scenario of one round. `part` and `round` are set by whoever runs the parts."""

    scenario: str
    target: str
    figures: tuple[Figure, ...]
    part: str = ""
    round: int = 0


OURS: Final = "incident"


def percentile(values: Iterable[float], share: float) -> float:
    """The nearest rank. Raises ValueError for no values."""
    ranked = sorted(values)
    if not ranked:
        raise ValueError("no values")
    return ranked[min(len(ranked) - 1, round(share * (len(ranked) - 1)))]


def rows(runs: Sequence[Run]) -> list[tuple[str, ...]]:
    """Scenario, figure, ours, the peer's, the ratio: each the median over the rounds, the ratio that of its rounds."""
    found: list[tuple[str, ...]] = []
    for scenario in dict.fromkeys(run.scenario for run in runs):
        here = [run for run in runs if run.scenario == scenario]
        peers = list(dict.fromkeys(run.target for run in here if run.target != OURS))
        for name, unit in dict.fromkeys((f.name, f.unit) for run in here if run.target == OURS for f in run.figures):
            own = values(here, OURS, name)
            title = f"{name}, {unit}" if unit else name
            said, beside = Figure(name, median(own), unit).said(), False
            for peer in peers:
                other = values(here, peer, name)
                if other:
                    beside = True
                    theirs = f"{Figure(name, median(other), unit).said()} ({peer})"
                    found.append((scenario, title, said, theirs, _said(ratio(own, other))))
            if not beside:
                found.append((scenario, title, said, "-", "-"))
    return found


def values(runs: Sequence[Run], target: str, name: str) -> dict[int, list[float]]:
    """What a target has shown of one figure, by round."""
    found: dict[int, list[float]] = {}
    for run in runs:
        if run.target == target:
            found.setdefault(run.round, []).extend(f.value for f in run.figures if f.name == name)
    return {number: all_of for number, all_of in found.items() if all_of}


def median(by_round: Mapping[int, Sequence[float]]) -> float:
    return statistics.median(value for all_of in by_round.values() for value in all_of)


def ratio(own: Mapping[int, Sequence[float]], other: Mapping[int, Sequence[float]]) -> float | None:
    """The median of the ratios of the rounds that have both: a machine that slows down slows both down."""
    pairs = [(a, b) for number in own.keys() & other.keys() for a, b in zip(own[number], other[number], strict=False)]
    ratios = [a / b for a, b in pairs if b]
    return statistics.median(ratios) if ratios else None


def _said(found: float | None) -> str:
    return "-" if found is None else f"{found:.2f} x"
