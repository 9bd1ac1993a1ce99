"""What was set out to be reached: for a figure of a scenario, a bound to hold now and one to aim at."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bench.figures import Figure, Row


class Reached(StrEnum):
    AIM = "aim"
    NOW = "yes"
    NOT = "not yet"
    UNKNOWN = "not measured"


@dataclass(frozen=True, slots=True)
class Goal:
    """`figure` of `scenario` is at least (`more`) or at most so much; with `beside`, as a share of that peer's.

    None where no bound was set. `letter` is the line of the table of goals that it belongs to; `drawn` puts it into the
    chart, where it needs a peer.
    """

    letter: str
    scenario: str
    figure: str
    now: float | None
    aim: float | None = None
    more: bool = False
    beside: str | None = None
    drawn: bool = False

    def of(self, row: Row) -> bool:
        same = row.scenario == self.scenario and row.figure == self.figure
        return same and (self.beside is None or row.peer == self.beside)

    def value(self, row: Row) -> float | None:
        return row.ratio if self.beside else row.own

    def reached(self, row: Row | None) -> Reached:
        value = self.value(row) if row else None
        if value is None:
            return Reached.UNKNOWN
        for bound, found in ((self.aim, Reached.AIM), (self.now, Reached.NOW)):
            if bound is not None and (value >= bound if self.more else value <= bound):
                return found
        return Reached.NOT

    def said(self, unit: str) -> str:
        """`at most 25 ms, aim 10 ms`, `at least 0.33 x, aim 1 x`."""
        which = "at least" if self.more else "at most"
        said = [_bound(bound, "x" if self.beside else unit) for bound in (self.now, self.aim) if bound is not None]
        if self.now is None:
            return f"aim {which} {said[0]}"
        return f"{which} {', aim '.join(said)}"


def _bound(bound: float, unit: str) -> str:
    if unit == "x":
        return f"{bound:g} x"
    return f"{Figure('', bound, '').said() if bound >= 100 else f'{bound:g}'} {unit}".strip()
