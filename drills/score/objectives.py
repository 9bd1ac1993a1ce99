"""Objectives: each rated by a rule over its tasks, never by a band of points.

A must-task that was never done is U. Hard order, plan or safety broken, harm done, or a target missed by more than
half is M. Any other miss, under ninety points, an improvement noted or help given is S. Else P.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from drills.measures import Item
from drills.score.expected import Expected
from drills.score.facts import Facts
from drills.score.handling import done_steps, kept
from drills.score.observations import Observations
from drills.score.profile import Profile
from drills.score.scale import tl
from drills.score.sheet import Line, Mark, Part, Rating, line
from drills.script.model import Objective, Task
from incident.errors import Reason, why

_OF_STEPS = (Item.STEPS, Item.ORDER, Item.CONTAINMENT, Item.RESTORE)
_EPSILON = 1e-9


@dataclass(frozen=True, slots=True)
class Tasked:
    """One task as it went. `ratio` is None where it was not observed; `missed` is apart from it: 16 minutes for 15
    scores 0.93 and is a miss."""

    task: Task
    ratio: float | None
    done: bool = False
    missed: bool = False
    far: bool = False
    took_min: float | None = None
    target_min: float | None = None
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Rated:
    """An objective with its rating by the rule, the reasons for it, and the evaluator's own where there is one."""

    objective: Objective
    tasks: tuple[Tasked, ...]
    points: float | None
    rating: Rating | None
    reasons: tuple[Reason, ...]
    lines: tuple[Line, ...] = ()
    given: Rating | None = None
    given_why: str | None = None
    given_by: str | None = None

    @property
    def stands(self) -> Rating | None:
        """The rating that counts: the evaluator's, else the rule's."""
        return self.given or self.rating


def rated(
    objective: Objective,
    marks: Mapping[Item, Mark],
    *,
    facts: Facts,
    expected: Expected,
    profile: Profile,
    observations: Observations,
) -> Rated:
    """One objective by the rule."""
    tasks = tuple(_judged(task, marks, profile) for task in objective.tasks)
    seen = [tasked for tasked in tasks if tasked.ratio is not None]
    given = next((o for o in observations.overrides if o.of == objective.id), None)
    override = (given.rating, given.reason, given.by) if given else (None, None, None)
    if not seen:
        return Rated(objective, tasks, None, None, (why("drill.rated.unseen"),), (), *override)
    points = 100 * sum(tasked.ratio or 0.0 for tasked in seen) / len(seen)
    found = [
        *((Rating.UNABLE, reason, ()) for reason in _never_done(seen)),
        *_broken(objective, facts, expected, observations),
        *_missed(seen, points, profile),
        *_noted(objective, observations),
    ]
    rating = max((each[0] for each in found), key=lambda r: r.rank, default=Rating.PERFORMED)
    reasons = tuple(dict.fromkeys(reason for worth, reason, _ in found if worth is rating))
    lines = tuple(each for worth, _, lines in found if worth is rating for each in lines)
    return Rated(objective, tasks, points, rating, reasons or (why("drill.rated.clean"),), lines, *override)


def _judged(task: Task, marks: Mapping[Item, Mark], profile: Profile) -> Tasked:
    mark = marks[task.measure.item]
    shown: Mark | Part | None = mark if task.measure.part is None else mark.part(task.measure.part)
    if shown is None or mark.ratio is None or shown.ratio is None:
        return Tasked(task, None)
    lines = shown.evidence if isinstance(shown, Mark) else shown.lines
    took, target = shown.took_min, task.within_min or shown.target_min
    timed = target is not None and task.measure.item is not Item.WORD and (took is not None or shown.ratio == 0)
    if not timed or target is None or (isinstance(shown, Mark) and shown.parts):
        far = shown.ratio < 1 - profile.far - _EPSILON
        missed = shown.ratio < 1 - _EPSILON
        return Tasked(task, shown.ratio, shown.ratio > 0, missed, far, took, None, lines)
    ratio = tl(took, target)
    late = took is None or took > target
    far = took is None or took > target * (1 + profile.far)
    if shown.helped:
        ratio = min(ratio, profile.helped)
    return Tasked(task, ratio, took is not None, late, far, took, float(target), lines)


_Found = tuple[Rating, Reason, tuple[Line, ...]]


def _never_done(seen: list[Tasked]) -> Iterator[Reason]:
    for tasked in seen:
        if tasked.task.must and not tasked.done:
            yield why("drill.rated.must", task=tasked.task.id)


def _broken(objective: Objective, facts: Facts, expected: Expected, observations: Observations) -> Iterator[_Found]:
    """Hard order that was not kept, and what an evaluator saw of harm, added risk and acts against the plan."""
    if any(task.measure.item in _OF_STEPS for task in objective.tasks):
        done = done_steps(facts)
        for before, step in expected.hard_order:
            if step in done and (before not in done or not kept(done[before], done[step])):
                said = line(done[step].begun, "edge_broken", step=step, before=before)
                yield Rating.MAJOR, why("drill.rated.hard_order", step=step, before=before), (said,)
    for seen in observations.seen:
        if seen.kind in ("harm", "added_risk", "against_plan") and seen.objective == objective.id:
            yield Rating.MAJOR, why(f"drill.rated.{seen.kind}", text=seen.text), ()


def _missed(seen: list[Tasked], points: float, profile: Profile) -> Iterator[_Found]:
    for tasked in seen:
        if tasked.far:
            yield Rating.MAJOR, why("drill.rated.far", task=tasked.task.id), tasked.lines
        elif tasked.missed:
            yield Rating.SOME, why("drill.rated.missed", task=tasked.task.id), tasked.lines
    if points < profile.under - _EPSILON:
        yield Rating.SOME, why("drill.rated.under", under=f"{profile.under:g}"), ()


def _noted(objective: Objective, observations: Observations) -> Iterator[_Found]:
    for seen in observations.seen:
        if seen.kind == "improvement" and seen.objective == objective.id:
            yield Rating.SOME, why("drill.rated.improvement", text=seen.text), ()
    for help_ in observations.helps:
        if help_.objective == objective.id:
            yield Rating.SOME, why("drill.rated.helped", inject=help_.inject, position=help_.position), ()
