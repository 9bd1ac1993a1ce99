"""From the cause to the verified end. Close is refused until everything it needs is in the log."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from incident.commands import (
    Close,
    FollowUp,
    Moment,
    RecordFindings,
    Recover,
    Recur,
    Reopen,
    Resolve,
    Restore,
    TickCloseout,
    Verify,
)
from incident.decide import ladder
from incident.decide.alarm import acknowledge
from incident.decide.people import known
from incident.errors import BadInput, Fault, Reason, Refused, Unknown, why
from incident.events import (
    AlertRecovered,
    AlertReturned,
    Closed,
    CloseoutTicked,
    Event,
    FindingsRecorded,
    FollowedUp,
    Reopened,
    Resolved,
    Restored,
    Verified,
)
from incident.levels import Level
from incident.state import Incident, Phase

Closing = RecordFindings | Recover | Recur | Restore | Resolve | Verify | TickCloseout | FollowUp


def decide(state: Incident, command: Closing, moment: Moment) -> tuple[Event, ...]:
    """The answers of this chapter; see `incident.decide`."""
    match command:
        case RecordFindings():
            if not command.cause and not command.measure:
                raise BadInput(Fault("/cause", why("error.cause_or_measure")))
            return (FindingsRecorded(command.cause, command.measure),)
        case Recover():
            return tuple(_recover(state, command))
        case Recur():
            return () if state.recovered_at is None or state.phase.over else (AlertReturned(),)
        case Restore():
            return (Restored(command.note),)
        case Resolve():
            return tuple(_resolve(state, command, moment))
        case Verify():
            return _verify(state, command, moment)
        case TickCloseout():
            return _tick(state, command)
        case FollowUp():
            return (FollowedUp(command.text),)
    assert_never(command)


def _recover(state: Incident, command: Recover) -> Iterator[Event]:
    """Noted once. It ends what nobody has taken; a person's incident stays the person's."""
    if state.recovered_at is not None or state.phase.over:
        return
    yield AlertRecovered(command.note)
    if state.commander is None and state.phase in (Phase.GRADED, Phase.ACTIVATED):
        yield Resolved(None, command.note)


def _resolve(state: Incident, command: Resolve, moment: Moment) -> Iterator[Event]:
    """Who resolves what nobody has taken has taken it: the answer is written first."""
    person = known(command.person, moment)
    if state.commander is None or person not in state.responders:
        yield from acknowledge(state, person, command.via, moment)
    if command.cause or command.measure:
        yield FindingsRecorded(command.cause, command.measure)
    yield Resolved(person, command.note)


def _verify(state: Incident, command: Verify, moment: Moment) -> tuple[Event, ...]:
    """For Critical and High another person than the commander passes it: nobody marks their own work good."""
    person = known(command.person, moment)
    if (
        command.passed
        and state.level in (Level.CRITICAL, Level.HIGH)
        and person in (state.commander, state.resolved_by)
    ):
        raise Refused(why("refused.verify_own", level=state.level))
    verified = Verified(command.test, command.passed, person)
    if command.passed or state.commander is not None:
        return (verified,)
    return (verified, *_again(state, why("alarm.test_failed"), moment))


def _tick(state: Incident, command: TickCloseout) -> tuple[Event, ...]:
    if state.pinned is None or command.item not in state.pinned.closeout:
        raise Unknown("closeout", command.item)
    return () if command.item in state.closeout else (CloseoutTicked(command.item),)


def lacking(state: Incident) -> tuple[Reason, ...]:
    """Everything that closing still needs, each as a reason. Empty when it may be closed."""
    found: list[Reason] = []
    if not state.findings.cause:
        found.append(why("close.no_cause"))
    if not state.findings.measure:
        found.append(why("close.no_measure"))
    if not state.findings.test:
        found.append(why("close.no_test"))
    if not (state.verified_at and state.findings.test_passed):
        found.append(why("close.not_verified"))
    open_items = [i for i in (state.pinned.closeout if state.pinned else ()) if i not in state.closeout]
    if open_items:
        found.append(why("close.items_open", n=len(open_items)))
    steps = [
        s for s in state.steps.values() if s.status in ("waiting", "running", "failed") and s.plan.weight == "critical"
    ]
    if steps and state.commander:
        found.append(why("close.steps_open", n=len(steps)))
    if "follow_up" in state.clocks and not state.followed_up:
        found.append(why("close.no_follow_up"))
    return tuple(found)


class NotReadyToClose(Refused):
    """Close was refused; `lacking` names everything that is missing, not only the first."""

    def __init__(self, missing: tuple[Reason, ...]) -> None:
        super().__init__(why("refused.not_ready_to_close", n=len(missing)))
        self.lacking = missing


def end(state: Incident, command: Close | Reopen, moment: Moment) -> tuple[Event, ...]:
    """Close, or take back. Reopening pages anew unless its commander is still at work on it."""
    match command:
        case Close():
            missing = lacking(state)
            if missing:
                raise NotReadyToClose(missing)
            return (Closed(command.summary),)
        case Reopen():
            reopened = Reopened(command.reason)
            if state.commander is not None and state.phase is not Phase.CLOSED:
                return (reopened,)
            return (reopened, *_again(state, why("alarm.reopened"), moment))
    assert_never(command)


def _again(state: Incident, reason: Reason, moment: Moment) -> Iterator[Event]:
    """The ladder from its first rung: it is not over, and nobody has it or everybody has gone home."""
    assert state.pinned is not None
    page, unit = state.alarm.page + 1, state.report.unit
    return ladder.ring(
        ladder=state.pinned.ladder,
        unit=unit,
        rung=0,
        page=page,
        round_=0,
        reason=reason,
        moment=moment,
        state=state,
    )
