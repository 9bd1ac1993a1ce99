"""Gates: what no number of points makes good. Each names the entry that shows it, and each can only lower."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from drills.measures import Dimension, Item
from drills.score.control import reached
from drills.score.expected import Expected
from drills.score.facts import Facts
from drills.score.handling import done_steps, kept
from drills.score.observations import Observations
from drills.score.profile import Profile
from drills.score.seal import Copy, seal
from drills.score.sheet import Mark, Rating, minutes
from incident.errors import Reason, why
from incident.events import Closed, CommandTaken, Entry, Graded, Regraded, Reported, StepSkipped, Verified
from incident.levels import Level
from incident.posts import Tier


@dataclass(frozen=True, slots=True)
class Gate:
    """`at_best` caps the whole rating, `unable` makes a dimension U, `void` takes the score away."""

    position: int
    reason: Reason
    at_best: Rating | None = None
    unable: Dimension | None = None
    void: bool = False


def gates(
    facts: Facts,
    expected: Expected,
    profile: Profile,
    observations: Observations,
    answered: Mark | None,
    *,
    copy: Copy | None = None,
) -> tuple[Gate, ...]:
    """Every gate that has closed, in the order of the specification. Without an answer that could be measured, at a
    tabletop, only what voids."""
    if answered is None:
        return tuple(_void(facts, expected, observations, copy))
    return (
        *_answer(facts, expected, profile, answered),
        *_life_safety(facts, expected),
        *_level(facts, expected),
        *_unverified(facts),
        *_void(facts, expected, observations, copy),
    )


def _gate(entry: Entry, key: str, at_best: Rating | None, unable: Dimension | None = None, **params: object) -> Gate:
    return Gate(entry.position, why(f"drill.gate.{key}", **params), at_best, unable)


def _answer(facts: Facts, expected: Expected, profile: Profile, answered: Mark) -> Iterator[Gate]:
    """A Critical not answered within twice its target, or nobody who ever commanded."""
    limit = profile.late_factor * expected.acknowledge_min
    took = answered.took_min
    if expected.level is Level.CRITICAL and (took is None or took > limit):
        entry = facts.answers()[0][0] if took is not None else facts.last
        lasted = facts.since(facts.last)
        key = "answered_late" if took is not None else "never_answered" if lasted >= limit else "ended_unanswered"
        told = {"lasted": minutes(lasted)} if key == "ended_unanswered" else {"limit": minutes(limit)}
        yield _gate(entry, key, Rating.MAJOR, Dimension.RESPONSE, **told)
    if not facts.of(CommandTaken):
        yield _gate(facts.last, "no_commander", Rating.MAJOR, Dimension.RESPONSE)


def _life_safety(facts: Facts, expected: Expected) -> Iterator[Gate]:
    """A life-safety step that was skipped or never done, or one of its edges that was not kept."""
    done = done_steps(facts)
    vital = {step.id for step in expected.steps if step.life_safety}
    skipped = {event.step: entry for entry, event in facts.of(StepSkipped)}
    for step in expected.steps:
        if step.life_safety and step.id not in done:
            yield _gate(skipped.get(step.id, facts.last), "life_safety_skipped", Rating.UNABLE, step=step.id)
        for before in step.after:
            if step.id not in done or not vital & {before, step.id}:
                continue
            if before in done and not kept(done[before], done[step.id]):
                yield _gate(done[step.id].begun, "life_safety_order", Rating.UNABLE, step=step.id, before=before)


def _level(facts: Facts, expected: Expected) -> Iterator[Gate]:
    """Graded two under and never corrected; a Critical of which headquarters never heard."""
    levels: list[tuple[Entry, Graded | Regraded]] = [*facts.of(Graded), *facts.of(Regraded)]
    if levels:
        entry, event = max(levels, key=lambda pair: (pair[0].at, pair[0].position))
        if expected.level.rank - event.level.rank >= 2:
            yield _gate(entry, "graded_under", Rating.MAJOR, level=event.level, level_=expected.level)
    if expected.level is Level.CRITICAL and Tier.HQ not in reached(facts):
        yield _gate(facts.last, "never_hq", Rating.MAJOR)


def _unverified(facts: Facts) -> Iterator[Gate]:
    """Closed while the last test was failed or none was made."""
    passed = False
    for entry in facts.entries:
        if isinstance(entry.event, Verified):
            passed = entry.event.passed
        elif isinstance(entry.event, Closed) and not passed:
            yield _gate(entry, "unverified", Rating.MAJOR, Dimension.RECOVERY)


def _void(facts: Facts, expected: Expected, observations: Observations, copy: Copy | None) -> Iterator[Gate]:
    """A message that left the drill or lacked its mark, a report without the mark, a log altered after its end."""
    for leak in observations.leaks:
        position = leak.position if leak.position is not None else facts.last.position
        yield Gate(position, why(f"drill.gate.{leak.kind}", text=leak.text), void=True)
    for entry, event in facts.of(Reported):
        if expected.drill and event.drill is None:
            yield Gate(entry.position, why("drill.gate.unmarked", text=event.title), void=True)
    altered = copy.altered if copy else None
    if altered is not None:
        yield Gate(altered.position, altered.why, void=True)
    elif observations.sealed is not None and observations.sealed != (copy.digest if copy else seal(facts.entries)):
        yield Gate(facts.last.position, why("drill.gate.altered"), void=True)


def item_of(gate: Gate) -> Item | None:
    """The item whose row a gate stands beside in a report."""
    return {
        "drill.gate.answered_late": Item.ACKNOWLEDGE,
        "drill.gate.never_answered": Item.ACKNOWLEDGE,
        "drill.gate.ended_unanswered": Item.ACKNOWLEDGE,
        "drill.gate.no_commander": Item.COMMAND,
        "drill.gate.life_safety_skipped": Item.STEPS,
        "drill.gate.life_safety_order": Item.ORDER,
        "drill.gate.graded_under": Item.GRADING,
        "drill.gate.never_hq": Item.ESCALATION,
        "drill.gate.unverified": Item.RESTORE,
    }.get(gate.reason.key)
