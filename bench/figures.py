"""Figures of a run: percentiles, medians of runs, and the ratio to the peer of the same run."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
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
OTHERS: Final = "taken by others"
"""The figure that says how much of the machine went to whoever had nothing to do with the run, in per cent."""
SPOILT: Final = 10.0
"""From here on a run says little: others had more of the machine than peers differ by."""


def percentile(values: Iterable[float], share: float) -> float:
    """The nearest rank. Raises ValueError for no values."""
    ranked = sorted(values)
    if not ranked:
        raise ValueError("no values")
    return ranked[min(len(ranked) - 1, round(share * (len(ranked) - 1)))]


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of one scenario over the rounds: the medians, ours from its least to its most, and the ratio to one
    peer. `peer` is empty where nobody is beside."""

    scenario: str
    figure: str
    unit: str
    own: float
    least: float
    most: float
    peer: str = ""
    theirs: float | None = None
    ratio: float | None = None

    @property
    def title(self) -> str:
        return f"{self.figure}, {self.unit}" if self.unit else self.figure

    def said(self, value: float) -> str:
        return Figure(self.figure, value, self.unit).said()

    def beside(self) -> str:
        return "-" if self.theirs is None else f"{self.said(self.theirs)} ({self.peer})"

    def times(self) -> str:
        return "-" if self.ratio is None else f"{self.ratio:.2f} x" if self.ratio < 100 else f"{self.ratio:,.0f} x"

    def rounds(self) -> str:
        return f"{self.said(self.least)} to {self.said(self.most)}"


def rows(runs: Sequence[Run]) -> list[Row]:
    """Every figure of ours once for each peer that has it, or once alone; in the order in which they were measured."""
    found: list[Row] = []
    for scenario in dict.fromkeys(run.scenario for run in runs):
        here = [run for run in runs if run.scenario == scenario]
        peers = list(dict.fromkeys(run.target for run in here if run.target != OURS))
        for name, unit in dict.fromkeys((f.name, f.unit) for run in here if run.target == OURS for f in run.figures):
            own = values(here, OURS, name)
            every = [value for of_round in own.values() for value in of_round]
            alone = Row(scenario, name, unit, median(own), min(every), max(every))
            others = {peer: values(here, peer, name) for peer in sorted(peers)}
            beside = [
                replace(alone, peer=peer, theirs=median(other), ratio=ratio(own, other))
                for peer, other in others.items()
                if other
            ]
            found += beside or [alone]
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
