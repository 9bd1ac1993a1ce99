"""The score of an incident that is over: the same scorer as a drill's, held against what the incident itself pinned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from drills.measures import Dimension, Item
from drills.replay import as_it_was
from drills.score import Line, Mark, Score, profile
from drills.simulate.plans import Outside, Plans
from incident.errors import Reason
from incident.events import Graded
from incident.record.naming import sentence
from incident.record.shapes import IncidentView
from incident.store import log
from incident.store.engine import reading
from incident.words import Words
from web.house import House

_OVER = frozenset({"verifying", "reviewing", "closed"})
_LINES = 3


@dataclass(frozen=True, slots=True)
class Lost:
    """An item that did not earn all of its points, with the entries that show it, by their number in the incident."""

    item: Item
    points: float
    weight: float
    shown: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Judged:
    score: Score
    dimensions: tuple[tuple[Dimension, float | None, float], ...]
    lost: tuple[Lost, ...]


def judged(house: House, view: IncidentView, texts: Mapping[str, str], words: Words) -> Judged | None:
    """None before it is resolved, for a test page, for a drill's (its own report has its score, by its script and held
    against its seal), and for what was never graded."""
    if view.phase not in _OVER or view.drill is not None:
        return None
    organisation = house.directory.organisation()
    with reading(house.engine) as connection:
        entries = log.entries(log.of(connection, view.id))
    digest = next((entry.event.playbook_digest for entry in entries if isinstance(entry.event, Graded)), None)
    if digest is None:
        return None
    playbook = house.library.pinned_playbook(digest)
    found = as_it_was(entries, playbook, Outside(organisation, Plans({}, (playbook,))), profile())
    seqs = {entry.position: entry.seq for entry in entries}

    def said(line: Line) -> str:
        words_of = {"step", "before", "item"}
        params = tuple((n, texts.get(v, v).rstrip(".。") if n in words_of else v) for n, v in line.said.params)
        return sentence(Reason(line.said.key, params), organisation, words, playbook)

    return Judged(
        score=found,
        dimensions=tuple((each.dimension, each.points, each.of) for each in found.sums),
        lost=tuple(
            Lost(
                mark.item,
                mark.points or 0.0,
                mark.weight,
                tuple((seqs[line.position], said(line)) for line in _poor(mark)),
            )
            for mark in found.marks
            if mark.ratio is not None and mark.ratio < 1 - 1e-9
        ),
    )


def _poor(mark: Mark) -> list[Line]:
    """What cost points, the mark's own lines first."""
    poor = [line for part in mark.parts if part.ratio < 1 for line in part.lines]
    return list(dict.fromkeys([*mark.lines, *poor]))[:_LINES]
