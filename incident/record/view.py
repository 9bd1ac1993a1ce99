"""Reads the state of an incident for people and programs: one reader for the API and the pages.

Pure: the state, today's organisation (for names only), the pinned playbook (for words only), the time and the
reader's language go in. Nothing is decided here, so two readers at the same moment never disagree.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from incident.commands import (
    NAMES,
    Absorb,
    Command,
    NoteDelivery,
    NoteFailure,
    PageNow,
    Recover,
    Recur,
    Tick,
)
from incident.deadlines import verdict
from incident.decide import drilling
from incident.decide.closing import lacking
from incident.errors import Reason
from incident.events import Reported
from incident.hearing import limit
from incident.organisation import Organisation
from incident.phases import ALLOWED
from incident.playbooks.model import Playbook, Step
from incident.posts import Post
from incident.record.naming import sentence
from incident.record.row import name_of
from incident.record.shapes import (
    AlarmView,
    ClockView,
    CloseItemView,
    FindingsView,
    IncidentView,
    MaintenanceView,
    PagedView,
    PostView,
    QuietView,
    ReportView,
    RequestView,
    StepView,
    UpdatesView,
    Who,
    Why,
)
from incident.state import Incident, StepState
from incident.words import Words

_OURS = frozenset({Tick, Absorb, NoteDelivery, NoteFailure, Recover, Recur})
"""Commands that the program puts to an incident itself; nobody may ask for them."""

_SAME = (
    "id",
    "seq",
    "at",
    "opened_at",
    "command_since",
    "restored_percent",
    "customers_affected",
    "risk",
    "risks",
    "followed_up",
    "recovered_at",
    "restored_at",
    "resolved_at",
    "verified_at",
    "closed_at",
    "merged_into",
    "absorbed",
    "paused_at",
    "sealed_at",
)
"""What the view shows as the state holds it."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads, and with what: names of today, words of the pinned playbook (None before grading), the time."""

    organisation: Organisation
    playbook: Playbook | None
    words: Words
    now: datetime

    def who(self, person: str) -> Who:
        return Who(person, name_of(person, self.organisation) or person)

    def maybe(self, person: str | None) -> Who | None:
        return self.who(person) if person else None

    def why(self, reason: Reason) -> Why:
        return Why(reason.key, self.sentence(reason), dict(reason.params))

    def sentence(self, reason: Reason) -> str:
        return sentence(reason, self.organisation, self.words, self.playbook)


def incident_view(state: Incident, reader: Reader) -> IncidentView:
    """The whole incident at `reader.now`; a drill that is paused as it stood then."""
    reader = _at(state, reader)
    report, pinned, locale = state.report, state.pinned, reader.words.locale
    unit, reasons = reader.organisation.unit(report.unit), tuple(reader.why(r) for r in state.level_reasons)
    return IncidentView(
        code=report.code,
        title=report.title,
        kind=str(report.kind),
        level=str(state.level),
        level_reason=reasons[0].text if reasons else "",
        level_reasons=reasons,
        phase=str(state.phase),
        drill=report.drill,
        unit=report.unit,
        unit_name=unit.name.for_locale(locale) if unit else report.unit,
        routed=reader.why(report.routed),
        policy=pinned.policy if pinned else None,
        policy_version=pinned.policy_version if pinned else None,
        playbook=pinned.playbook if pinned else None,
        playbook_version=pinned.playbook_version if pinned else None,
        playbook_name=reader.playbook.name.for_locale(locale) if reader.playbook else None,
        playbook_reason=reader.why(pinned.playbook_reason) if pinned else None,
        playbook_started_at=state.started_at,
        clocks=_clocks(state, reader.now),
        alarm=_alarm(state, reader),
        quiet=_quiet(state),
        maintenance=_maintenance(state, reader),
        commander=reader.maybe(state.commander),
        offered_to=reader.maybe(state.offered_to),
        responders=tuple(reader.who(p) for p in state.responders),
        posts=tuple(_posts(state, reader)),
        steps=tuple(_steps(state, reader)),
        updates=_updates(state),
        requests=tuple(
            RequestView(number, r.item, r.quantity, r.arrived, r.needed_by) for number, r in state.requests.items()
        ),
        findings=_findings(state, reader),
        closeout=tuple(_closeout(state, reader)),
        to_close=tuple(reader.why(r) for r in lacking(state)) if not state.phase.over else (),
        allowed=tuple(sorted(NAMES[command] for command in _allowed(state))),
        previous=report.previous,
        report=_report(report),
        **{name: getattr(state, name) for name in _SAME},
    )


def _clocks(state: Incident, now: datetime) -> tuple[ClockView, ...]:
    """The nearest first. When the incident is over, a clock that was never met stands as it stood at the end."""
    then = state.closed_at or (state.at if state.phase.over else now)
    ordered = sorted(state.clocks.items(), key=lambda pair: (pair[1].due, pair[0]))
    return tuple(ClockView(name, c.due, c.met_at, verdict(state, name, then), c.assumed) for name, c in ordered)


def _alarm(state: Incident, reader: Reader) -> AlarmView:
    alarm = state.alarm
    return AlarmView(
        ringing=alarm.ringing,
        unreachable=state.unreachable,
        rung=alarm.rung + 1,
        rungs=len(state.pinned.ladder) if state.pinned else 0,
        round=alarm.round,
        next_at=alarm.next_at,
        paged=tuple(
            PagedView(
                person=p.person,
                name=reader.who(p.person).name,
                page=p.page,
                rung=p.rung + 1,
                at=p.at,
                reason=reader.why(p.reason),
                answer=p.answer,
                delivered=p.delivered,
            )
            for p in alarm.paged
        ),
    )


def _posts(state: Incident, reader: Reader) -> Iterable[PostView]:
    """Held posts and wanted ones, in the order of `Post`. The playbook's minutes count from its start."""
    start = state.started_at or state.opened_at
    wanted = {n.post: n for n in reader.playbook.posts_for(state.level)} if reader.playbook else {}
    for post in Post:
        held = state.posts.get(post, ())
        if post is Post.COMMANDER and state.commander:
            held = (state.commander,)
        need = wanted.get(post)
        if not held and need is None:
            continue
        by = start + timedelta(minutes=need.within_min) if need else None
        late = not held and by is not None and reader.now > by and not state.phase.over
        yield PostView(str(post), tuple(reader.who(p) for p in held), by, late)


def _steps(state: Incident, reader: Reader) -> Iterable[StepView]:
    words = {step.id: step for step in reader.playbook.steps} if reader.playbook else {}
    for name, step in state.steps.items():
        yield _step(name, step, words.get(name), state, reader)


def _step(name: str, step: StepState, words: Step | None, state: Incident, reader: Reader) -> StepView:
    """`words` is None for a step that was added during the incident: its text is in the log."""
    locale, plan = reader.words.locale, step.plan
    detail, expect, fallback = (
        text.for_locale(locale) if text else None
        for text in ((words.detail, words.expect, words.fallback) if words else (None, None, None))
    )
    holders = state.posts.get(plan.owner, ()) or ((state.commander,) if state.commander else ())
    return StepView(
        id=name,
        text=plan.text or (words.text.for_locale(locale) if words else name),
        detail=detail,
        expect=expect,
        fallback=fallback,
        owner=str(plan.owner),
        owner_people=tuple(reader.who(p) for p in holders),
        weight=plan.weight,
        life_safety=plan.life_safety,
        limit_s=plan.limit_s,
        after=plan.after,
        waiting_for=state.waiting_for(name),
        status=step.status,
        person=reader.maybe(step.person),
        started_at=step.started_at,
        due=step.due,
        ended_at=step.ended_at,
        result=step.result,
        overdue=step.overdue,
    )


def _at(state: Incident, reader: Reader) -> Reader:
    return reader if state.paused_at is None else replace(reader, now=state.paused_at)


def _allowed(state: Incident) -> Iterable[type[Command]]:
    """What the phase permits, but for what would do nothing."""
    found = (c for c in ALLOWED[state.phase] if c not in _OURS and (c is not PageNow or state.held))
    return (c for c in found if drilling.refusal(state, c) is None)


def _quiet(state: Incident) -> QuietView | None:
    quiet, until = state.quiet, limit(state)
    if quiet.heard_at is None or until is None:
        return None
    return QuietView(quiet.heard_at, until, quiet.warned, quiet.expired_at if state.expired else None)


def _maintenance(state: Incident, reader: Reader) -> MaintenanceView | None:
    found = state.maintenance
    if found is None:
        return None
    return MaintenanceView(found.window, found.name, found.about, reader.who(found.owner), found.until, state.held)


def _updates(state: Incident) -> UpdatesView:
    word = state.word
    return UpdatesView(word.count, word.text, word.at, word.due, word.missed, word.owed_since if word.due else None)


def _findings(state: Incident, reader: Reader) -> FindingsView:
    found = state.findings
    return FindingsView(found.cause, found.measure, found.test, found.test_passed, reader.maybe(found.verified_by))


def _closeout(state: Incident, reader: Reader) -> Iterable[CloseItemView]:
    locale = reader.words.locale
    texts = {item.id: item.text.for_locale(locale) for item in reader.playbook.closeout} if reader.playbook else {}
    for item in state.pinned.closeout if state.pinned else ():
        yield CloseItemView(item, texts.get(item, item), item in state.closeout)


def _report(report: Reported) -> ReportView:
    return ReportView(
        happened_at=report.happened_at,
        channel=str(report.channel),
        source=str(report.source),
        impact=str(report.impact) if report.impact else None,
        urgency=str(report.urgency) if report.urgency else None,
        stated=str(report.stated) if report.stated else None,
        place=report.place,
        product=report.product,
        serial=report.serial,
        symptom=report.symptom,
        scope=report.scope,
        reporter=report.reporter,
        customer=report.customer,
        service=report.service,
        dedup_key=report.dedup_key,
        injury=report.injury,
        major=report.major,
        labels=report.labels,
        links=report.links,
        missing=report.missing,
    )
