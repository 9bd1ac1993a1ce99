"""What in a script would spoil the drill, named with file, line and column: all of it in one reading.

Each rule is a small generator over one script and its playbook; `check` reads the files and runs them all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from drills.measures import Item, Measure
from drills.script.model import Script
from drills.script.reader import Written, read_all
from incident.errors import Reason, why
from incident.levels import Level, grade
from incident.playbooks.model import Playbook
from incident.playbooks.reader import choose
from incident.policy import Policy
from incident.source import Pointer, SourceFault


@dataclass(frozen=True, slots=True)
class Shelf:
    """What a script may name: the playbooks and policies in force."""

    playbooks: Mapping[str, Playbook]
    policies: Mapping[str, Policy]


@dataclass(frozen=True, slots=True)
class Found:
    """Where in the file, and why. `at_key` points at the key where the value is what is missing."""

    pointer: Pointer
    reason: Reason
    at_key: bool = False


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One thing to repair, in the order in which one reads the file."""

    file: str
    line: int
    column: int
    reason: Reason


Rule = Callable[[Script, Playbook, Shelf], Iterator[Found]]


def numbers_rise(script: Script, _: Playbook, __: Shelf) -> Iterator[Found]:
    """Injects are numbered once each, and their times rise with the numbers up to the drill's end."""
    before = None
    for place, inject in enumerate(script.injects):
        if before is not None and inject.number <= before.number:
            yield Found(("injects", place, "number"), why("drill.lint.number", number=inject.number))
        if before is not None and inject.at_min < before.at_min:
            yield Found(("injects", place, "at_min"), why("drill.lint.time", number=inject.number))
        if inject.at_min > script.duration_min:
            yield Found(("injects", place, "at_min"), why("drill.lint.after_end", end=script.duration_min))
        before = inject


def names_are_actors(script: Script, _: Playbook, __: Shelf) -> Iterator[Found]:
    """Whoever speaks, hears or controls takes part; the one who controls is a controller, and nobody is there twice."""
    for place, inject in enumerate(script.injects):
        for field, name in (("from", inject.sender), ("to", inject.to), ("controller", inject.controller)):
            actor = script.actor(name)
            if actor is None:
                yield Found(("injects", place, field), why("drill.lint.no_actor", actor=name))
            elif field == "controller" and actor.plays != "controller":
                yield Found(("injects", place, field), why("drill.lint.no_controller", actor=name))
    yield from _twice("actors", [actor.id for actor in script.actors])


def players_stand_somewhere(script: Script, _: Playbook, __: Shelf) -> Iterator[Found]:
    """A habit belongs to a player, and a player stands for one place on the ladder."""
    for place, actor in enumerate(script.actors):
        if actor.plays == "player" and (actor.tier is None or actor.who is None):
            yield Found(("actors", place), why("drill.lint.no_place", actor=actor.id))
        if actor.plays != "player" and actor.habit is not None:
            yield Found(("actors", place, "habit"), why("drill.lint.no_player", actor=actor.id), at_key=True)


def objectives_are_played(script: Script, _: Playbook, __: Shelf) -> Iterator[Found]:
    """Injects name objectives that exist, each objective is played, one must be reached, each has a must-task."""
    known = {objective.id for objective in script.objectives}
    for place, inject in enumerate(script.injects):
        if inject.objective not in known:
            yield Found(("injects", place, "objective"), why("drill.lint.no_objective", objective=inject.objective))
    played = {inject.objective for inject in script.injects if not inject.contingency}
    for place, objective in enumerate(script.objectives):
        if objective.id not in played:
            yield Found(("objectives", place, "id"), why("drill.lint.not_played", objective=objective.id))
        if not any(task.must for task in objective.tasks):
            yield Found(("objectives", place, "tasks"), why("drill.lint.no_must", objective=objective.id), at_key=True)
        yield from _twice("objectives", [task.id for task in objective.tasks], place, "tasks")
    if not any(objective.must for objective in script.objectives):
        yield Found(("objectives",), why("drill.lint.no_must_objective"), at_key=True)
    yield from _twice("objectives", [objective.id for objective in script.objectives])


def measures_can_be_taken(script: Script, playbook: Playbook, _: Shelf) -> Iterator[Found]:
    """What is measured is there: a step and a post of the playbook at this level, an escalation that is expected."""
    measures: list[tuple[Pointer, Measure]] = [
        (("injects", place, "measure"), inject.measure) for place, inject in enumerate(script.injects)
    ]
    measures += [
        (("objectives", place, "tasks", at, "measure"), task.measure)
        for place, objective in enumerate(script.objectives)
        for at, task in enumerate(objective.tasks)
    ]
    posts = script.expects.posts if script.expects.posts is not None else playbook.posts_for(script.level)
    parts = {
        Item.STEPS: {step.id for step in playbook.steps_for(script.level)},
        Item.POSTS: {str(need.post) for need in posts},
        Item.ESCALATION: {str(escalation.to) for escalation in script.expects.escalations},
    }
    for pointer, measure in measures:
        if measure.part is not None and measure.part not in parts[measure.item]:
            names = ", ".join(sorted(parts[measure.item]))
            yield Found(pointer, why("drill.lint.no_part", measure=measure, names=names))


def steps_exist(script: Script, playbook: Playbook, _: Shelf) -> Iterator[Found]:
    """Containment, recovery and the hard order speak of the playbook's steps at this level."""
    known = {step.id for step in playbook.steps_for(script.level)}
    listed: list[tuple[Pointer, str]] = []
    for name, steps in (("containment", script.expects.containment), ("restore", script.expects.restore)):
        listed += [(("expects", name, "steps", at), step) for at, step in enumerate(steps.steps)]
    for place, pair in enumerate(script.expects.hard_order):
        listed += [(("expects", "hard_order", place, at), step) for at, step in enumerate(pair)]
    for pointer, step in listed:
        if step not in known:
            yield Found(pointer, why("drill.lint.no_step", step=step, playbook=playbook.id, level=script.level))


def targets_lie_in_the_drill(script: Script, _: Playbook, __: Shelf) -> Iterator[Found]:
    """A target that falls due after the drill's end can never be seen to be missed."""
    listed: list[tuple[Pointer, int | None]] = [
        (("expects", "containment", "within_min"), script.expects.containment.within_min),
        (("expects", "restore", "within_min"), script.expects.restore.within_min),
    ]
    listed += [
        (("objectives", place, "tasks", at, "within_min"), task.within_min)
        for place, objective in enumerate(script.objectives)
        for at, task in enumerate(objective.tasks)
    ]
    for pointer, within in listed:
        if within is not None and within > script.duration_min:
            yield Found(pointer, why("drill.lint.after_end", end=script.duration_min))


def playbook_fits(script: Script, playbook: Playbook, shelf: Shelf) -> Iterator[Found]:
    """The report starts this playbook, in every language, and the playbook is made for the level."""
    if script.policy not in shelf.policies:
        yield Found(("policy",), why("drill.lint.no_policy", policy=script.policy))
        return
    policy = shelf.policies[script.policy]
    if script.level not in playbook.matches.levels:
        yield Found(("level",), why("drill.lint.no_level", playbook=playbook.id, level=script.level))
    for locale in ("en", "zh_Hans", "zh_Hant"):
        report = script.opening.report(locale, script.policy)
        grading = grade(
            matrix=policy.matrix,
            floors=policy.floors,
            kind=report.kind,
            impact=report.impact,
            urgency=report.urgency,
            stated=report.level,
            injury=report.injury,
            major=report.major,
        )
        chosen = choose(shelf.playbooks.values(), report.kind, report.product, report.words(), grading.level).playbook
        if chosen.id != script.playbook:
            reason = why("drill.lint.other_playbook", chosen=chosen.id, playbook=script.playbook)
            yield Found(("playbook",), reason)
            return


def critical_reaches_headquarters(script: Script, _: Playbook, __: Shelf) -> Iterator[Found]:
    """Each escalation is expected once, and a Critical expects headquarters."""
    targets = [str(escalation.to) for escalation in script.expects.escalations]
    for place, target in enumerate(targets):
        if target in targets[:place]:
            yield Found(("expects", "escalations", place, "to"), why("drill.lint.twice", name=target))
    if script.level is Level.CRITICAL and "hq" not in targets:
        yield Found(("expects", "escalations"), why("drill.lint.never_hq"), at_key=True)


RULES: Final[tuple[Rule, ...]] = (
    numbers_rise,
    names_are_actors,
    players_stand_somewhere,
    objectives_are_played,
    measures_can_be_taken,
    steps_exist,
    targets_lie_in_the_drill,
    playbook_fits,
    critical_reaches_headquarters,
)


def lint(written: Iterable[Written], shelf: Shelf) -> tuple[Finding, ...]:
    """All findings of scripts that could be read, in the order of the files."""
    findings: set[Finding] = set()
    first: dict[str, str] = {}
    for one in written:
        playbook = shelf.playbooks.get(one.script.playbook)
        found = (
            [Found(("playbook",), why("drill.lint.no_playbook", playbook=one.script.playbook))]
            if playbook is None
            else [found for rule in RULES for found in rule(one.script, playbook, shelf)]
        )
        if one.script.id in first:
            found.append(Found(("id",), why("drill.lint.taken", name=one.script.id, file=first[one.script.id])))
        first.setdefault(one.script.id, one.document.name)
        findings |= {_placed(one, each) for each in found}
    return tuple(sorted(findings, key=_as_read))


def check(paths: Iterable[Path], shelf: Shelf) -> tuple[Finding, ...]:
    """Read and lint files: what cannot be read gives a finding for each fault. Raises OSError."""
    written, faults = read_all(paths)
    unreadable = (_unreadable(fault) for fault in faults)
    return tuple(sorted((*unreadable, *lint(written, shelf)), key=_as_read))


def _as_read(finding: Finding) -> tuple[str, int, int, str, tuple[tuple[str, str], ...]]:
    return finding.file, finding.line, finding.column, finding.reason.key, finding.reason.params


def _unreadable(fault: SourceFault) -> Finding:
    return Finding(fault.path, fault.line, fault.column, why("drill.lint.unreadable", message=fault.message))


def _placed(written: Written, found: Found) -> Finding:
    document = written.document
    line, column = document.key_place(found.pointer) if found.at_key else document.place(found.pointer)
    return Finding(document.name, line, column, found.reason)


def _twice(part: str, names: list[str], *within: str | int) -> Iterator[Found]:
    count = Counter(names)
    for place, name in enumerate(names):
        if count[name] > 1 and names.index(name) != place:
            yield Found((part, *within, place, "id"), why("drill.lint.twice", name=name))
