"""The marks of a tabletop: what the facilitator saw, as done, partly or not. What nobody looked at is not observed."""

from __future__ import annotations

from collections import defaultdict
from typing import Final

from drills.measures import Item
from drills.score import recovery
from drills.score.expected import Expected
from drills.score.facts import Facts
from drills.score.observations import Judgement, Observations
from drills.score.profile import Profile
from drills.score.sheet import Line, Mark, Part, line
from incident.events import Entry

_WORTH: Final = {"done": 1.0, "partly": 0.5, "not": 0.0}
_NAMED: Final = {Item.STEPS: "step", Item.POSTS: "post", Item.ESCALATION: "drill_to"}
"""By which parameter a sentence names a part of the item."""


def judged(facts: Facts, expected: Expected, profile: Profile, observations: Observations) -> tuple[Mark, ...]:
    """An item is the mean of its judgements; of one measure the last stands. Help caps it, and customers' answers are
    their satisfaction, as in every drill."""
    helped = {help_.measure for help_ in observations.helps}
    last = {judgement.measure: judgement for judgement in observations.judged}
    by_item: defaultdict[Item, list[Judgement]] = defaultdict(list)
    for judgement in last.values():
        by_item[judgement.measure.item].append(judgement)
    unseen = {measure.item for measure in observations.unseen if measure.part is None}

    def mark(item: Item) -> Mark:
        if item in unseen:
            return Mark(item, profile.weights[item], None)
        if seen := by_item[item]:
            return _mark(facts, profile, item, seen, frozenset(m.part for m in helped if m.item is item))
        if item is Item.SATISFACTION:
            return recovery.satisfaction(facts, expected, profile, observations)
        return Mark(item, profile.weights[item], None)

    return tuple(mark(item) for item in Item)


def _mark(facts: Facts, profile: Profile, item: Item, seen: list[Judgement], helped: frozenset[str | None]) -> Mark:
    by_position = {entry.position: entry for entry in facts.entries}
    whole: list[Line] = []
    parts: list[Part] = []
    worth: list[float] = []
    for judgement in seen:
        name = judgement.measure.part
        ratio = _WORTH[judgement.outcome]
        ratio = min(ratio, profile.helped) if name in helped or None in helped else ratio
        said = _said(by_position.get(judgement.position, facts.last), judgement)
        worth.append(ratio)
        if name is None:
            whole.append(said)
        else:
            parts.append(Part(name, ratio, (said,), judgement.took_min, None, name in helped))
    return Mark(item, profile.weights[item], sum(worth) / len(worth), tuple(whole), tuple(parts))


def _said(entry: Entry, judgement: Judgement) -> Line:
    """With the name of the part that was judged: several of one item stand in one list."""
    item, part = judgement.measure.item, judgement.measure.part
    if part is None:
        return line(entry, "judged", drill_outcome=judgement.outcome)
    return line(entry, f"judged_{item}", **{_NAMED[item]: part}, drill_outcome=judgement.outcome)
