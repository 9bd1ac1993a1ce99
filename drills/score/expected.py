"""What the score is held against: from a drill's script with its playbook, or from a real incident's own log."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from drills.measures import Item, Measure
from drills.score.profile import Profile
from drills.script.model import Escalation, Objective, Script, Task
from incident.events import Entry, Graded, PlaybookStarted, Regraded, Reported
from incident.levels import Level
from incident.playbooks.model import Playbook
from incident.policy import ClockName, Policy
from incident.text import Text


@dataclass(frozen=True, slots=True)
class StepTarget:
    id: str
    weight: str
    after: tuple[str, ...] = ()
    life_safety: bool = False


@dataclass(frozen=True, slots=True)
class Expected:
    """Minutes throughout. `containment` without steps was not planned and is not observed."""

    level: Level
    acknowledge_min: float
    command_min: float
    posts: tuple[tuple[str, float], ...]
    steps: tuple[StepTarget, ...]
    cadence_min: float
    escalations: tuple[Escalation, ...]
    containment: tuple[str, ...]
    containment_min: float
    restore_min: float
    closeout: tuple[str, ...]
    hard_order: tuple[tuple[str, str], ...]
    objectives: tuple[Objective, ...]
    drill: bool = True


def of_script(script: Script, playbook: Playbook, policy: Policy, profile: Profile) -> Expected:
    """What a drill is held against. The script's figures go before the playbook's, those before the policy's."""
    level, wanted = script.level, script.expects
    needs = wanted.posts if wanted.posts is not None else playbook.posts_for(level)
    response = policy.clocks.get(ClockName.RESPONSE, {}).get(level)
    own = response.length.total_seconds() / 60 if response is not None else 24 * 60.0
    return Expected(
        level=level,
        acknowledge_min=wanted.acknowledge_min or own,
        command_min=wanted.command_min or profile.command_min[level],
        posts=tuple((str(need.post), float(need.within_min)) for need in needs),
        steps=tuple(StepTarget(s.id, s.weight, s.after, s.life_safety) for s in playbook.steps_for(level)),
        cadence_min=wanted.cadence_min or playbook.cadence.get(level) or policy.cadence_for(level).every_min,
        escalations=wanted.escalations,
        containment=wanted.containment.steps,
        containment_min=wanted.containment.within_min,
        restore_min=wanted.restore.within_min,
        closeout=tuple(item.id for item in playbook.closeout),
        hard_order=wanted.hard_order,
        objectives=script.objectives,
    )


def of_incident(entries: Iterable[Entry], playbook: Playbook, profile: Profile) -> Expected:
    """What a real incident is held against: what it pinned itself. The level it ended with counts as the right one.

    Nobody planned its containment, so that drops out. Raises ValueError for a log that was never graded.
    """
    reported: Entry | None = None
    graded: Graded | None = None
    level: Level | None = None
    dues: Mapping[str, float] = {}
    every, steps = 0.0, []
    for entry in entries:
        event = entry.event
        match event:
            case Reported():
                reported = entry
            case Graded() | Regraded():
                graded = event if isinstance(event, Graded) else graded
                level, every = event.level, event.cadence.every_s / 60
                start = reported.at if reported else entry.at
                dues = {due.name: (due.at - start).total_seconds() / 60 for due in event.clocks}
            case PlaybookStarted():
                steps = [StepTarget(s.id, s.weight, s.after, s.life_safety) for s in event.steps]
            case _:
                continue
    if graded is None or level is None:
        raise ValueError("the log was never graded: there is nothing to hold it against")
    hq = profile.headquarters_min.get(level)
    restore = dues.get("repair") or dues.get("solution") or profile.restore_min[level]
    return Expected(
        level=level,
        acknowledge_min=dues.get("response", 24 * 60.0),
        command_min=profile.command_min[level],
        posts=tuple((str(need.post), float(need.within_min)) for need in playbook.posts_for(level)),
        steps=tuple(steps),
        cadence_min=every,
        escalations=(Escalation(to="hq", within_min=hq), *_ALSO_RIGHT) if hq else _ALSO_RIGHT,
        containment=(),
        containment_min=0,
        restore_min=restore,
        closeout=graded.closeout,
        hard_order=(),
        objectives=(HANDLED,),
        drill=False,
    )


_ALSO_RIGHT = tuple(
    Escalation(to=to, within_min=1, optional=True)
    for to in ("region", "customers", "partners", "authorities", "public")
)
"""Nobody is told in vain in a real incident: only that headquarters was not told counts against it."""

_MUST = (Item.ACKNOWLEDGE, Item.COMMAND, Item.RESTORE)

HANDLED = Objective(
    id="handled",
    text=Text(
        en="The incident was handled as its playbook and policy ask",
        zh="按预案和策略处置事件",
        zh_hant="按預案和策略處置事件",
    ),
    capability=Text(en="Emergency response", zh="应急响应", zh_hant="緊急應變"),
    tasks=tuple(
        Task(id=item, text=Text(en=item, zh=item), measure=Measure(item), must=item in _MUST)
        for item in Item
        if item is not Item.CONTAINMENT
    ),
)
"""The one objective of a real incident."""
