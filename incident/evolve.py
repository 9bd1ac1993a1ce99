"""The state after one more entry. Pure and total: every entry that was ever written can be read again.

Nothing is checked here: what is in the log has happened. What may happen is decided in `incident.decide`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final, assert_never, get_args

from incident.commanding import commanded
from incident.errors import why
from incident.events import (
    Absorbed,
    Acknowledged,
    AlarmEvent,
    AlertRecovered,
    AlertReturned,
    ClockBreached,
    Closed,
    CloseoutTicked,
    ClosingEvent,
    CommandEvent,
    CommunicationJudged,
    Declined,
    DrillEvent,
    Due,
    Entry,
    Escalated,
    Event,
    FindingsRecorded,
    FollowedUp,
    Graded,
    MaintenanceEvent,
    Merged,
    Noted,
    Notified,
    OpeningEvent,
    Paged,
    PageDelivered,
    PageFailed,
    PagingHeld,
    PagingReleased,
    PlaybookStarted,
    QuietEvent,
    Regraded,
    Reopened,
    ReportAmended,
    Reported,
    Resolved,
    ResourceArrived,
    ResourceRequested,
    Restored,
    RiskAssessed,
    StepAdded,
    StepFailed,
    StepFinished,
    StepOverdue,
    StepPlan,
    StepSkipped,
    StepStarted,
    Updated,
    UpdateMissed,
    Verified,
    WorkEvent,
)
from incident.hearing import heard
from incident.pausing import drilled, standing_still
from incident.state import (
    Alarm,
    ClockState,
    Findings,
    Incident,
    Maintenance,
    PagedPerson,
    Phase,
    Pinned,
    Request,
    StepState,
    Word,
    changed,
    marked,
    silent,
    waiting,
)


def evolve(state: Incident | None, entry: Entry) -> Incident:
    """The state after `entry`. The first entry of an incident is its `Reported`; the state before it is None."""
    event = entry.event
    if state is None:
        if not isinstance(event, Reported):
            raise ValueError(f"the log of {entry.incident} does not begin with a report")
        return Incident(
            id=entry.incident, seq=entry.seq, at=entry.at, phase=Phase.REPORTED, report=event, opened_at=entry.at
        )
    at = entry.at
    if state.paused_at is not None:
        entry = standing_still(state, entry)
    state = changed(state, seq=entry.seq, at=at, quiet=heard(state, entry))
    return _CHAPTERS[type(event)](state, event, entry.at)


def replay(entries: Iterable[Entry], state: Incident | None = None) -> Incident | None:
    """Evolve over entries in order of `seq`, from a state or from nothing."""
    for entry in entries:
        state = evolve(state, entry)
    return state


def _opening(state: Incident, event: OpeningEvent, at: datetime) -> Incident:
    match event:
        case Reported():
            return changed(state, report=event)
        case Graded():
            return _graded(state, event, at)
        case Regraded():
            clocks = {d.name: _kept(state.clocks.get(d.name), d) for d in event.clocks}
            pinned = replace(state.pinned, cadence=event.cadence, ladder=event.ladder) if state.pinned else None
            by_hand = why("grade.regraded", was=event.was, level=event.level, said=event.reason)
            return changed(state, level=event.level, level_reasons=(by_hand,), clocks=clocks, pinned=pinned)
        case PlaybookStarted():
            phase = Phase.ACTIVATED if state.phase is Phase.GRADED else state.phase
            steps = {**state.steps, **waiting(event.steps)} if state.steps else waiting(event.steps)
            return changed(state, phase=phase, started_at=at, steps=steps, clocks=_met(state, at, "activate"))
        case ReportAmended():
            fields = dict(event.fields)
            missing = tuple(name for name in state.report.missing if name not in fields)
            return changed(state, report=replace(state.report, **fields, missing=missing))  # type: ignore[arg-type]
        case Merged():
            return changed(
                silent(state), phase=Phase.MERGED, merged_into=event.into, word=replace(state.word, due=None)
            )
        case Absorbed():
            return changed(state, absorbed=(*state.absorbed, event.incident))
    assert_never(event)


def _graded(state: Incident, event: Graded, at: datetime) -> Incident:
    pinned = Pinned(
        policy=event.policy,
        policy_version=event.policy_version,
        policy_digest=event.policy_digest,
        cadence=event.cadence,
        playbook=event.playbook,
        playbook_version=event.playbook_version,
        playbook_digest=event.playbook_digest,
        playbook_reason=event.playbook_reason,
        ladder=event.ladder,
        closeout=event.closeout,
    )
    return changed(
        state,
        phase=Phase.GRADED,
        level=event.level,
        level_reasons=event.reasons,
        pinned=pinned,
        clocks={d.name: ClockState(d.at, d.assumed) for d in event.clocks},
        word=Word(due=at + timedelta(seconds=event.cadence.first_s)),
    )


def _alarm(state: Incident, event: AlarmEvent, at: datetime) -> Incident:
    alarm = state.alarm
    match event:
        case Paged():
            new = tuple(PagedPerson(s.person, event.page, event.rung, at, s.reason) for s in event.people)
            everyone = (*alarm.paged, *new)
            ringing = Alarm(
                True, event.rung, event.round, event.page, event.next_at, everyone, event.waiting, event.time
            )
            return changed(state, alarm=ringing)
        case PageDelivered():
            return changed(state, alarm=marked(alarm, event.person, event.page, delivered=True))
        case PageFailed():
            return changed(state, alarm=marked(alarm, event.person, event.page, answer="unreachable"))
        case Declined():
            return changed(state, alarm=marked(alarm, event.person, None, answer="declined"))
        case Acknowledged():
            names = ("response", "acknowledge") if event.rostered else ()
            early = state.phase in (Phase.GRADED, Phase.ACTIVATED)
            responders = state.responders if event.person in state.responders else (*state.responders, event.person)
            return changed(
                silent(state),
                phase=Phase.HANDLING if early else state.phase,
                responders=responders,
                # Whoever takes it late gets as long for the first word as if it had just opened.
                word=_owed(state, at) if early and state.word.due and state.word.due <= at else state.word,
                clocks=_met(state, at, *names),
            )
        case ClockBreached():
            clock = state.clocks[event.clock]
            return changed(state, clocks={**state.clocks, event.clock: replace(clock, breached=True)})
        case Escalated() | Notified():
            return state
    assert_never(event)


def _maintenance(state: Incident, event: MaintenanceEvent, at: datetime) -> Incident:
    match event:
        case PagingHeld():
            held = Maintenance(event.window, event.name, event.about, event.owner, event.until)
            return changed(state, maintenance=held)
        case PagingReleased():
            over = replace(state.maintenance, holds=False) if state.maintenance else None
            return changed(
                state, maintenance=over, clocks={d.name: _kept(state.clocks.get(d.name), d) for d in event.clocks}
            )
    assert_never(event)


def _work(state: Incident, event: WorkEvent, at: datetime) -> Incident:
    match event:
        case StepStarted():
            step = replace(
                state.steps[event.step],
                status="running",
                person=event.person,
                started_at=at,
                due=_limit(state.steps[event.step].plan, at),
                ended_at=None,
                overdue=False,
            )
            clocks = _met(state, at, "dispatch", "process")
            return changed(state, steps={**state.steps, event.step: step}, clocks=clocks)
        case StepFinished():
            return _step_ended(state, event.step, at, status="done", person=event.person, result=event.result)
        case StepFailed():
            return _step_ended(state, event.step, at, status="failed", person=event.person, result=event.result)
        case StepSkipped():
            return _step_ended(state, event.step, at, status="skipped", person=event.person, result=event.reason)
        case StepAdded():
            return changed(state, steps={**state.steps, event.step.id: StepState(event.step)})
        case StepOverdue():
            step = replace(state.steps[event.step], overdue=True)
            return changed(state, steps={**state.steps, event.step: step})
        case Updated():
            return _updated(state, event, at)
        case UpdateMissed():
            word = state.word
            owed = word.owed_since or event.due
            return changed(state, word=replace(word, due=event.next_due, missed=word.missed + 1, owed_since=owed))
        case RiskAssessed():
            return changed(state, risks=state.risks + 1, risk=event.risk)
        case ResourceRequested():
            asked = Request(event.item, event.quantity, 0, event.needed_by)
            return changed(state, requests={**state.requests, event.request: asked})
        case ResourceArrived():
            request = state.requests[event.request]
            arrived = replace(request, arrived=request.arrived + event.quantity)
            return changed(state, requests={**state.requests, event.request: arrived})
        case Noted():
            return state
    assert_never(event)


def _updated(state: Incident, event: Updated, at: datetime) -> Incident:
    word = Word(event.next_due, state.word.count + 1, event.text, at, state.word.missed)
    names = ("progress_notice", "first_contact") if event.audience == "customers" else ("progress_notice",)
    percent, customers = event.restored_percent, event.customers_affected
    return changed(
        state,
        word=word,
        restored_percent=state.restored_percent if percent is None else percent,
        customers_affected=state.customers_affected if customers is None else customers,
        clocks=_met(state, at, *names),
    )


def _closing(state: Incident, event: ClosingEvent, at: datetime) -> Incident:
    findings = state.findings
    match event:
        case FindingsRecorded():
            found = replace(findings, cause=event.cause or findings.cause, measure=event.measure or findings.measure)
            return changed(state, findings=found, clocks=_met(state, at, *(["diagnose"] if found.cause else [])))
        case AlertRecovered():
            return changed(state, recovered_at=at)
        case AlertReturned():
            return changed(state, recovered_at=None)
        case Restored():
            return changed(
                state, phase=Phase.RECOVERING, restored_at=at, restored_percent=100, clocks=_met(state, at, "repair")
            )
        case Resolved():
            return changed(
                silent(state),
                phase=Phase.VERIFYING,
                restored_at=state.restored_at or at,
                resolved_at=at,
                resolved_by=event.person,
                word=replace(state.word, due=None),
                clocks=_met(state, at, "solution", "repair", "process"),
            )
        case Verified():
            found = replace(findings, test=event.test, test_passed=event.passed, verified_by=event.person)
            if event.passed:
                return changed(state, phase=Phase.REVIEWING, findings=found, verified_at=at)
            return changed(_unresolved(state, at), findings=found)
        case CloseoutTicked():
            return changed(state, closeout=state.closeout | {event.item})
        case FollowedUp():
            return changed(state, followed_up=True, clocks=_met(state, at, "follow_up"))
        case Closed():
            return changed(silent(state), phase=Phase.CLOSED, closed_at=at, word=replace(state.word, due=None))
        case CommunicationJudged():
            return changed(state, judged=event)
        case Reopened():
            return changed(_unresolved(state, at), closed_at=None, findings=Findings())
    assert_never(event)


def _unresolved(state: Incident, at: datetime) -> Incident:
    """The service is down again: what said it was restored no longer holds. Met clocks keep their first meeting."""
    return changed(
        state,
        phase=Phase.HANDLING if state.commander else Phase.ACTIVATED,
        word=_owed(state, at),
        restored_at=None,
        resolved_at=None,
        resolved_by=None,
        verified_at=None,
        restored_percent=None,
        recovered_at=None,
    )


def _owed(state: Incident, at: datetime) -> Word:
    """The word with its first update owed from `at` on."""
    first = timedelta(seconds=state.pinned.cadence.first_s) if state.pinned else None
    return replace(state.word, due=at + first if first else None)


def _limit(plan: StepPlan, at: datetime) -> datetime | None:
    return at + timedelta(seconds=plan.limit_s) if plan.limit_s else None


def _kept(old: ClockState | None, due: Due) -> ClockState:
    """A clock recomputed by a regrading keeps when it was met; a breach is judged anew."""
    return ClockState(due.at, due.assumed, old.met_at if old else None)


def _met(state: Incident, at: datetime, *names: str) -> Mapping[str, ClockState]:
    """The clocks with these ones stopped at `at`, unless they had stopped before."""
    stopped = {n: replace(c, met_at=at) for n in names if (c := state.clocks.get(n)) and c.met_at is None}
    return {**state.clocks, **stopped} if stopped else state.clocks


def _step_ended(state: Incident, name: str, at: datetime, *, status: str, person: str, result: str | None) -> Incident:
    step = replace(state.steps[name], status=status, person=person, ended_at=at, result=result, due=None)
    return changed(state, steps={**state.steps, name: step})


def _heard(state: Incident, event: QuietEvent, at: datetime) -> Incident:
    """`heard` has seen it, as every entry."""
    return state


_CHAPTERS: Final[Mapping[type[Event], Callable[[Incident, Any, datetime], Incident]]] = {
    kind: chapter
    for kinds, chapter in (
        (OpeningEvent, _opening),
        (AlarmEvent, _alarm),
        (MaintenanceEvent, _maintenance),
        (QuietEvent, _heard),
        (CommandEvent, commanded),
        (WorkEvent, _work),
        (ClosingEvent, _closing),
        (DrillEvent, drilled),
    )
    for kind in get_args(kinds) or (kinds,)
}
"""Which chapter has which kind: looked up, where asking seven unions in turn costs as much as the chapter."""
