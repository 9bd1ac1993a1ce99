"""Dimension B, handling: steps done, in their order, graded right, and without wrong acts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast

from drills.measures import Item
from drills.score.expected import Expected, StepTarget
from drills.score.facts import Facts
from drills.score.observations import Observations
from drills.score.profile import Profile
from drills.score.scale import graded
from drills.score.sheet import Line, Mark, Part, line, minutes
from incident.events import (
    Entry,
    Graded,
    Regraded,
    Reopened,
    Resolved,
    StepFinished,
    StepSkipped,
    StepStarted,
    Verified,
)


@dataclass(frozen=True, slots=True)
class Done:
    """One step as it was done: `begun` is its start, or its end where nobody said that it was started."""

    begun: Entry
    ended: Entry
    person: str


def done_steps(facts: Facts) -> Mapping[str, Done]:
    """Each step that was finished, by its first finish and the last start before it."""
    begun: dict[str, Entry] = {}
    found: dict[str, Done] = {}
    starts = {entry.position: event.step for entry, event in facts.of(StepStarted)}
    ends = {entry.position: event for entry, event in facts.of(StepFinished)}
    for entry in facts.entries:
        if entry.position in starts:
            begun[starts[entry.position]] = entry
        elif entry.position in ends:
            finish = ends[entry.position]
            done = Done(begun.get(finish.step, entry), entry, finish.person)
            found.setdefault(finish.step, done)
    return found


def steps(facts: Facts, expected: Expected, profile: Profile, helped: frozenset[str]) -> Mark:
    """The share of the steps that was done, by weight. A step that needed help counts for half at most."""
    done = done_steps(facts)
    skipped = {event.step: entry for entry, event in facts.of(StepSkipped)}
    parts: list[Part] = []
    earned = whole = 0.0
    for step in expected.steps:
        weight = profile.step_weights[cast(Literal["critical", "major", "minor"], step.weight)]
        most = profile.helped if step.id in helped else 1.0
        part = _step(facts, step, done.get(step.id), skipped.get(step.id), most)
        parts.append(part)
        earned += weight * part.ratio
        whole += weight
    ratio = earned / whole if whole else None
    return Mark(Item.STEPS, profile.weights[Item.STEPS], ratio, parts=tuple(parts))


def _step(facts: Facts, step: StepTarget, done: Done | None, skipped: Entry | None, most: float) -> Part:
    """`most` is what the step is worth when it is done: less than 1 where help was needed."""
    if done is not None:
        took = facts.since(done.ended)
        said = line(done.ended, "step_done", step=step.id, person=done.person, took=minutes(took))
        return Part(step.id, most, (said,), took, None, most < 1.0)
    if skipped is not None:
        return Part(step.id, 0.0, (line(skipped, "step_skipped", step=step.id),))
    return Part(step.id, 0.0, (line(facts.last, "step_open", step=step.id),))


def order(facts: Facts, expected: Expected, profile: Profile) -> Mark:
    """Edges kept, of those with both ends done: what comes before was finished when the next was begun."""
    done = done_steps(facts)
    parts = tuple(
        _edge(before, step.id, done[before], done[step.id])
        for step in expected.steps
        for before in step.after
        if before in done and step.id in done
    )
    ratio = sum(part.ratio for part in parts) / len(parts) if parts else None
    return Mark(Item.ORDER, profile.weights[Item.ORDER], ratio, parts=parts)


def kept(first: Done, second: Done) -> bool:
    """Whether the first was finished when the second was begun."""
    return (first.ended.at, first.ended.position) <= (second.begun.at, second.begun.position)


def _edge(before: str, step: str, first: Done, second: Done) -> Part:
    right = kept(first, second)
    key = "edge_kept" if right else "edge_broken"
    return Part(f"{before}>{step}", 1.0 if right else 0.0, (line(second.begun, key, step=step, before=before),))


def grading(facts: Facts, expected: Expected, profile: Profile) -> Mark:
    """The worst level it had; getting nearer later earns back half of the loss."""
    scale, weight = profile.grading, profile.weights[Item.GRADING]
    levels: list[tuple[Entry, Graded | Regraded]] = [*facts.of(Graded), *facts.of(Regraded)]
    if not levels:
        return Mark(Item.GRADING, weight, None)
    levels.sort(key=lambda pair: (pair[0].at, pair[0].position))
    values = [graded(event.level, expected.level, scale) for _, event in levels]
    lines = tuple(line(entry, "graded", level=event.level, level_=expected.level) for entry, event in levels)
    worst = min(values)
    return Mark(Item.GRADING, weight, worst + scale.earned_back * (values[-1] - worst), lines)


def remedy(facts: Facts, expected: Expected, profile: Profile, observations: Observations) -> Mark:
    """A quarter less for each wrong act: seen by an evaluator, a test that failed, a close that did not hold.

    Where nothing was done there is nothing to judge.
    """
    weight = profile.weights[Item.REMEDY]
    acted = [entry for entry, _ in (*facts.of(StepFinished), *facts.of(Resolved))]
    if not acted:
        return Mark(Item.REMEDY, weight, None, (line(facts.last, "nothing_done"),))
    wrong: list[Line] = [line(entry, "test_failed", test=v.test) for entry, v in facts.of(Verified) if not v.passed]
    wrong += [line(entry, "reopened") for entry, _ in facts.of(Reopened)]
    by_position = {entry.position: entry for entry in facts.entries}
    wrong += [
        line(by_position.get(seen.position or 0, facts.last), "wrong_act", text=seen.text)
        for seen in observations.seen
        if seen.kind == "wrong_act"
    ]
    ratio = max(0.0, 1.0 - profile.wrong_act * len(wrong))
    return Mark(Item.REMEDY, weight, ratio, tuple(wrong) or (line(acted[-1], "no_wrong_act"),))
