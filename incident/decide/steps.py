"""The playbook's steps: started, finished, failed, skipped and added, each by somebody and in their order."""

from __future__ import annotations

from typing import assert_never

from incident.commands import AddStep, FailStep, FinishStep, Moment, SkipStep, StartStep
from incident.decide.people import known
from incident.errors import Refused, Unknown, why
from incident.events import Event, StepAdded, StepFailed, StepFinished, StepPlan, StepSkipped, StepStarted
from incident.state import Incident, StepState


def decide(
    state: Incident, command: StartStep | FinishStep | FailStep | SkipStep | AddStep, moment: Moment
) -> tuple[Event, ...]:
    """The answers of this chapter; see `incident.decide`. Nobody works on steps before somebody has the incident."""
    person = known(command.person, moment)
    if state.commander is None:
        raise Refused(why("refused.nobody_has_it"))
    if isinstance(command, AddStep):
        return (StepAdded(_added(state, command), person),)
    step = _step(state, command.step)
    match command:
        case StartStep():
            if step.status == "running" and step.person == person:
                return ()
            _open(step)
            _in_order(state, step)
            return (StepStarted(step.plan.id, person),)
        case FinishStep():
            if step.status == "done":
                return ()
            _open(step)
            _in_order(state, step)
            return (StepFinished(step.plan.id, person, command.result),)
        case FailStep():
            _open(step)
            return (StepFailed(step.plan.id, person, command.result),)
        case SkipStep():
            if step.status == "skipped":
                return ()
            _open(step)
            if step.plan.life_safety and person != state.commander:
                raise Refused(why("refused.life_safety_skip"))
            return (StepSkipped(step.plan.id, person, command.reason),)
    assert_never(command)


def _step(state: Incident, name: str) -> StepState:
    if name not in state.steps:
        raise Unknown("step", name)
    return state.steps[name]


def _open(step: StepState) -> None:
    if step.status in ("done", "skipped"):
        raise Refused(why("refused.step_ended", step_status=step.status))


def _in_order(state: Incident, step: StepState) -> None:
    waiting = state.waiting_for(step.plan.id)
    if waiting:
        raise Refused(why("refused.step_order", steps=", ".join(waiting)))


def _added(state: Incident, command: AddStep) -> StepPlan:
    number = 1 + sum(name.startswith("added-") for name in state.steps)
    limit = command.limit_min * 60 if command.limit_min else None
    return StepPlan(f"added-{number}", command.owner, "major", limit, text=command.text)
