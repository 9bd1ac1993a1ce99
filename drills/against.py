"""What is compared when a closed incident's report is played with what holds today: a few figures, then and today.

Whom today's rosters and ladder page, and when, follows from them. Everything else of today is assumed: whether people
answer, how long work takes. So the figures of work are marked, and nothing is claimed of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from drills.replay import Replayed, middle_of
from drills.simulate.play import Played
from incident.errors import Refused, why
from incident.events import Entry
from incident.evolve import replay
from incident.record.review import Review, review
from incident.record.view import Reader
from incident.state import Incident, Phase

SPANS: Final = ("answered_s", "restored_s", "resolved_s")
COUNTS: Final = ("pages", "people_paged", "escalations", "updates_missed", "steps_overdue")
FIGURES: Final = ("answered_s", "pages", "people_paged", "escalations", *SPANS[1:], *COUNTS[3:])
ASSUMED: Final = frozenset({"restored_s", "resolved_s", "updates_missed", "steps_overdue"})
"""Figures of the work: how long it takes today nobody knows."""
BETTER, WORSE, SAME, UNKNOWN = "better", "worse", "same", "unknown"
SAME_S: Final = 30.0
"""A difference of less than that is none: people's minutes are drawn."""


@dataclass(frozen=True, slots=True)
class Figure:
    """`today` is the median of the runs, None where more than half never got there; `low` and `high` are of those that
    did. `verdict` is better, worse or same; unknown for what is assumed or never was."""

    name: str
    then: float | None
    today: float | None
    low: float | None
    high: float | None
    verdict: str

    @property
    def assumed(self) -> bool:
        return self.name in ASSUMED


def refuse_other(state: Incident) -> None:
    """Raises Refused for what is no real incident that is closed."""
    if state.report.drill is not None or state.phase is not Phase.CLOSED:
        raise Refused(why("against.closed_only"))


def figures(found: Replayed, entries: Sequence[Entry], reader: Reader) -> list[Figure]:
    """In the order in which they are shown."""
    then = _reviewed(entries, reader)
    today = [_reviewed(run.entries, reader) for run in found.runs]
    return [_figure(name, getattr(then, name), [getattr(one, name) for one in today]) for name in FIGURES]


def _reviewed(entries: Sequence[Entry], reader: Reader) -> Review:
    state = replay(entries)
    assert state is not None
    return review(state, entries, reader)


def _figure(name: str, then: float | None, runs: Sequence[float | None]) -> Figure:
    known = sorted(value for value in runs if value is not None)
    today = middle_of(runs)
    low, high = (known[0], known[-1]) if known else (None, None)
    return Figure(name, then, today, low, high, _verdict(name, then, today))


def _verdict(name: str, then: float | None, today: float | None) -> str:
    if name in ASSUMED or (then is None and today is None):
        return UNKNOWN
    if then is None or today is None:
        return BETTER if then is None else WORSE
    if abs(today - then) < (SAME_S if name in SPANS else 0.5):
        return SAME
    return BETTER if today < then else WORSE


def middle_run(found: Replayed) -> Played:
    """The run whose first answer came in the middle of all: the one that is drawn."""

    def answered(run: Played) -> tuple[bool, float, int]:
        at = next((e.at for e in run.entries if e.kind == "acknowledged"), None)
        return at is None, (at - run.started_at).total_seconds() if at else 0.0, run.seed

    return sorted(found.runs, key=answered)[len(found.runs) // 2]
