"""What follows from a wish: the events, or a refusal with its reason. Pure: everything from outside is in the moment.

One chapter for each concern; each command belongs to exactly one. An empty answer means that what was asked is true
already (a second acknowledgement by the same person, a tick with nothing due): it is no error and writes nothing.
"""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from incident.commands import (
    Absorb,
    AcceptCommand,
    Acknowledge,
    AddStep,
    Amend,
    AssessRisk,
    Close,
    Command,
    Decline,
    EndDrill,
    FailStep,
    FillPost,
    FinishStep,
    FollowUp,
    JudgeCommunication,
    Merge,
    Moment,
    Note,
    NoteDelivery,
    NoteFailure,
    OfferCommand,
    Open,
    PageNow,
    PauseDrill,
    ReceiveResource,
    RecordFindings,
    Recover,
    Recur,
    Regrade,
    Reopen,
    RequestResource,
    Resolve,
    Restore,
    ResumeDrill,
    SkipStep,
    StartPlaybook,
    StartStep,
    TakeCommand,
    Tick,
    TickCloseout,
    Update,
    VacatePost,
    Verify,
)
from incident.decide import (
    alarm,
    closing,
    drilling,
    holding,
    judging,
    opening,
    practising,
    quiet,
    resources,
    steps,
    testing,
    word,
)
from incident.decide import command as posts
from incident.errors import Refused, why
from incident.events import Event
from incident.marks import is_test
from incident.phases import refusal
from incident.state import Incident

Events = tuple[Event, ...]


def decide(state: Incident | None, command: Command, moment: Moment) -> Events:
    """The events that `command` makes of `state` at `moment`. Raises Refused, or Unknown for a name nobody has."""
    moment = practising.alone_at(_mark(state, command), moment)
    if isinstance(command, Open):
        if state is not None:
            raise Refused(why("refused.opened_before"))
        return (testing.open_test if is_test(command.drill) else opening.open_incident)(command, moment)
    if state is None:
        raise Refused(why("refused.not_opened"))
    reason = drilling.refusal(state, type(command)) or refusal(state.phase, type(command))
    if reason is not None:
        raise Refused(reason)
    if state.sealed_at is not None:
        return judging.decide(state, command, moment) if isinstance(command, JudgeCommunication) else ()
    if state.paused_at is not None and not isinstance(command, ResumeDrill):
        moment = replace(moment, now=state.paused_at)
    if is_test(state.report.drill):
        return testing.decide(state, command, moment)
    return holding.let_go(state, quiet.answered(state, _answer(state, command, moment), moment), moment)


def _mark(state: Incident | None, command: Command) -> str | None:
    if isinstance(command, Open):
        return command.drill
    return state.report.drill if state is not None else None


def _answer(state: Incident, command: Command, moment: Moment) -> Events:
    match command:
        case Open():
            raise AssertionError("handled by decide")
        case Tick() | Acknowledge() | Decline() | NoteDelivery() | NoteFailure():
            return alarm.decide(state, command, moment)
        case Regrade() | StartPlaybook() | Amend() | Merge() | Absorb() | PageNow():
            return opening.decide(state, command, moment)
        case TakeCommand() | OfferCommand() | AcceptCommand() | FillPost() | VacatePost():
            return posts.decide(state, command, moment)
        case StartStep() | FinishStep() | FailStep() | SkipStep() | AddStep():
            return steps.decide(state, command, moment)
        case Update() | Note() | AssessRisk():
            return word.decide(state, command, moment)
        case RequestResource() | ReceiveResource():
            return resources.decide(state, command, moment)
        case RecordFindings() | Recover() | Recur() | Restore() | Resolve() | Verify() | TickCloseout() | FollowUp():
            return closing.decide(state, command, moment)
        case Close() | Reopen():
            return closing.end(state, command, moment)
        case JudgeCommunication():
            return judging.decide(state, command, moment)
        case PauseDrill() | ResumeDrill() | EndDrill():
            return drilling.decide(state, command, moment)
    assert_never(command)
