"""Figures of a run: percentiles, medians of runs, and the ratio to the peer of the same run."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number: of a time less is better, of a rate more."""

    name: str
    value: float
    unit: str

    def said(self) -> str:
        return f"{self.value:.1f}" if self.value < 100 else f"{self.value:,.0f}"


@dataclass(frozen=True, slots=True)
class Run:
    """What one target did in one scenario of one round."""

    scenario: str
    target: str
    figures: tuple[Figure, ...]


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
        for name in dict.fromkeys(f.name for run in here if run.target == OURS for f in run.figures):
            own = _values(here, OURS, name)
            said = _median(own)
            if not peers:
                found.append((scenario, f"{name}, {own[0].unit}", said, "-", "-"))
            for peer in peers:
                other = _values(here, peer, name)
                ratios = [a.value / b.value for a, b in zip(own, other, strict=True) if b.value]
                ratio = f"{statistics.median(ratios):.2f} x" if ratios else "-"
                found.append((scenario, f"{name}, {own[0].unit}", said, f"{_median(other)} ({peer})", ratio))
    return found


def _values(runs: Sequence[Run], target: str, name: str) -> list[Figure]:
    return [figure for run in runs if run.target == target for figure in run.figures if figure.name == name]


def _median(figures: Sequence[Figure]) -> str:
    middle = statistics.median(figure.value for figure in figures)
    return Figure("", middle, "").said()
