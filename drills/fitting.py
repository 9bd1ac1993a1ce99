"""Whether what evaluators wrote down speaks of this drill: a rating of an objective that it has not would be lost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from drills.measures import Item, Measure
from drills.score.observations import Added
from drills.simulate.play import Played
from incident.errors import Reason, why
from incident.source import Document, Pointer, SourceFault
from incident.words import Words

OVERALL: Final = "overall"


def faults(document: Document, more: Added, played: Played, words: Words) -> tuple[SourceFault, ...]:
    """Each name in the file that the drill does not know, at its line."""
    found = (*_objectives(more, played), *_positions(more, played), *_measures(more, played))
    return tuple(sorted(document.fault(pointer, words.reason(reason)) for pointer, reason in found))


def _objectives(more: Added, played: Played) -> Iterator[tuple[Pointer, Reason]]:
    known = [objective.id for objective in played.script.objectives]
    rated = [*known, OVERALL]
    for n, one in enumerate(more.seen):
        if one.objective is not None and one.objective not in known:
            names = ", ".join(known)
            yield ("seen", n, "objective"), why("drill.fit.no_objective", objective=one.objective, names=names)
    for n, override in enumerate(more.overrides):
        if override.of not in rated:
            names = ", ".join(rated)
            yield ("overrides", n, "of"), why("drill.fit.no_objective", objective=override.of, names=names)


def _positions(more: Added, played: Played) -> Iterator[tuple[Pointer, Reason]]:
    known = {entry.position for entry in played.entries}
    named = {
        "answers": [one.position for one in more.answers],
        "seen": [one.position for one in more.seen],
        "leaks": [one.position for one in more.leaks],
    }
    for name, positions in named.items():
        for n, position in enumerate(positions):
            if position is not None and position not in known:
                first, last = min(known), max(known)
                yield (name, n, "position"), why("drill.fit.no_position", n=position, first=first, last=last)


def _measures(more: Added, played: Played) -> Iterator[tuple[Pointer, Reason]]:
    expected = played.expected
    parts = {
        Item.STEPS: {step.id for step in expected.steps},
        Item.POSTS: {post for post, _ in expected.posts},
        Item.ESCALATION: {str(wanted.to) for wanted in expected.escalations},
    }
    named: list[tuple[Pointer, Measure]] = [(("unseen", n), one) for n, one in enumerate(more.unseen)]
    named += [(("plan", n, "measure"), one.measure) for n, one in enumerate(more.plan) if one.measure is not None]
    for pointer, measure in named:
        if measure.part is not None and measure.part not in parts[measure.item]:
            names = ", ".join(sorted(parts[measure.item]))
            yield pointer, why("drill.lint.no_part", measure=measure, names=names)
