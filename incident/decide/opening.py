"""Opening, grading, the playbook's start, and how an incident becomes part of another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from operator import attrgetter
from typing import Any, Final, TypeVar, assert_never

from incident.commands import Absorb, Amend, Merge, Moment, Open, PageNow, Regrade, StartPlaybook
from incident.decide import holding, ladder
from incident.decide.pinning import clocks, grading, told
from incident.errors import BadInput, Fault, Reason, Refused, why
from incident.events import (
    Absorbed,
    Cadence,
    Event,
    Graded,
    Hours,
    Merged,
    PlaybookStarted,
    Regraded,
    ReportAmended,
    Reported,
    Rung,
    StepPlan,
    Terms,
)
from incident.levels import Level
from incident.playbooks.model import Playbook
from incident.playbooks.reader import choose
from incident.playbooks.rungs import Rung as Planned
from incident.policy import Policy
from incident.state import Incident

T = TypeVar("T")

AMENDABLE: Final = frozenset({"title", "place", "product", "serial", "symptom", "scope", "customer", "service"})


def open_incident(command: Open, moment: Moment) -> tuple[Event, ...]:
    """Reported, graded, and unless it is Low also started and paged; Low is paged and waits for a click to start."""
    report = command.report
    policy = moment.library.policy(report.policy)
    routed = moment.organisation.route(report)
    reported = Reported(
        code=command.code,
        happened_at=min(report.at or moment.now, moment.now),
        unit=routed.unit,
        routed=routed.reason,
        stated=report.level,
        missing=report.missing(),
        previous=command.previous,
        drill=command.drill,
        **dict(zip(_COPIED, _copied(report), strict=True)),
    )
    found = grading(report, policy)
    choice = choose(moment.library.playbooks(), report.kind, report.product, report.words(), found.level)
    graded = _graded(
        found.level,
        found.reasons,
        policy,
        playbook=choice.playbook,
        chosen=choice.reason,
        start=moment.now,
    )
    return (reported, graded, *_activate(reported, graded, choice.playbook, moment))


_COPIED: Final = (
    "title",
    "kind",
    "channel",
    "source",
    "impact",
    "urgency",
    "place",
    "product",
    "serial",
    "symptom",
    "scope",
    "reporter",
    "customer",
    "service",
    "dedup_key",
    "labels",
    "links",
    "injury",
    "major",
)
_copied: Final = attrgetter(*_COPIED)


def _graded(
    level: Level, reasons: tuple[Reason, ...], policy: Policy, *, playbook: Playbook, chosen: Reason, start: datetime
) -> Graded:
    return Graded(
        level=level,
        reasons=reasons,
        policy=policy.id,
        policy_version=policy.version,
        policy_digest=policy.digest,
        clocks=clocks(policy, level, start),
        cadence=_cadence(policy, playbook, level),
        playbook=playbook.id,
        playbook_version=playbook.version,
        playbook_digest=playbook.digest,
        playbook_reason=chosen,
        ladder=_ladder(policy, playbook, level),
        closeout=tuple(item.id for item in playbook.closeout),
    )


def _activate(reported: Reported, graded: Graded, playbook: Playbook, moment: Moment) -> Iterator[Event]:
    unit = reported.unit
    if graded.level is not Level.LOW:
        yield _started(playbook, graded.level, automatic=True)
    held = holding.hold(reported, graded, moment)
    if held is not None:
        yield held
        return
    reason = why("alarm.opened")
    yield from ladder.ring(ladder=graded.ladder, unit=unit, rung=0, page=1, round_=0, reason=reason, moment=moment)
    yield from told(playbook, graded.level, unit, why("notice.activated"), moment)


_KEPT: Final = 1000
_kept: Final[dict[tuple[str, ...], Any]] = {}


def _once(make: Callable[[], T], *key: str) -> T:
    """What plans come to at a level is the same for every incident that pins them: it is worked out once for each
    digest. In a storm it would be a quarter of every decision."""
    found: T | None = _kept.get(key)
    if found is None:
        if len(_kept) >= _KEPT:
            _kept.clear()
        found = _kept[key] = make()
    return found


def _cadence(policy: Policy, playbook: Playbook, level: Level) -> Cadence:
    wanted = policy.cadence_for(level)
    every = playbook.cadence.get(level, wanted.every_min)
    quiet = policy.quiet_min.get(level)
    quiet_s = quiet.minutes * 60 if quiet else None
    return Cadence(min(wanted.first_min, every) * 60, wanted.scope_min * 60, every * 60, quiet_s)


def _ladder(policy: Policy, playbook: Playbook, level: Level) -> tuple[Rung, ...]:
    step = int(policy.escalation_step(level).total_seconds())

    def rungs() -> tuple[Rung, ...]:
        found = playbook.ladder_for(level)
        return tuple(Rung(r.tier, r.who, r.function, r.wait_min * 60 if r.wait_min else step, _terms(r)) for r in found)

    return _once(rungs, "ladder", policy.digest, playbook.digest, level)


def _terms(rung: Planned) -> Terms | None:
    """What the rung asks for besides; None for a plain one, so that most logs stay short."""
    at, hours = rung.hours, None
    if at is not None:
        hours = Hours(at.when == "inside", at.opens, at.closes, at.timezone, at.country)
    terms = Terms(rung.people, rung.skill, rung.post, rung.mode == "in_turn", rung.repeat, hours)
    return None if terms == Terms() else terms


def _started(playbook: Playbook, level: Level, *, automatic: bool) -> PlaybookStarted:
    def started() -> PlaybookStarted:
        steps = tuple(
            StepPlan(s.id, s.owner, s.weight, s.limit_min * 60 if s.limit_min else None, s.after, s.life_safety)
            for s in playbook.steps_for(level)
        )
        return PlaybookStarted(playbook.id, playbook.version, playbook.digest, steps, automatic)

    return _once(started, "started", playbook.digest, level, "by itself" if automatic else "by hand")


def decide(
    state: Incident, command: Regrade | StartPlaybook | Amend | Merge | Absorb | PageNow, moment: Moment
) -> tuple[Event, ...]:
    """The answers of this chapter; see `incident.decide`."""
    assert state.pinned is not None
    match command:
        case Regrade():
            return tuple(_regrade(state, command, moment))
        case StartPlaybook():
            if state.started_at is not None:
                return ()
            playbook = moment.library.pinned_playbook(state.pinned.playbook_digest)
            return (_started(playbook, state.level, automatic=False),)
        case Amend():
            return (*_amend(command), *holding.amended(state, command.fields, moment))
        case Merge():
            if command.into == state.id:
                raise Refused(why("refused.merge_with_itself"))
            return (Merged(command.into),)
        case Absorb():
            if command.drill != state.report.drill:  # a silence: a real one's ladder would stop
                raise Refused(why("refused.merge_with_a_drill", code=state.report.code))
            if state.phase.over or state.resolved_at is not None:  # a silence: nobody looks at what is resolved
                raise Refused(why("refused.merge_into_ended", code=state.report.code))
            if command.level.rank > state.level.rank:  # a silence too: its ladder would stop, and this one be slower
                raise Refused(why("refused.merge_into_lesser", code=state.report.code, level=command.level))
            absorbed = Absorbed(command.incident, command.code)
            if state.held and not command.held:  # a silence again: what had paged somebody would page nobody
                return (absorbed, *holding.release(state, why("maintenance.absorbed", code=command.code), moment))
            return (absorbed,)
        case PageNow():
            return tuple(holding.release(state, why("maintenance.by_hand"), moment)) if state.held else ()
    assert_never(command)


def _amend(command: Amend) -> tuple[Event, ...]:
    wrong = [name for name in command.fields if name not in AMENDABLE]
    if wrong or not command.fields:
        allowed = ", ".join(sorted(AMENDABLE))
        faults: list[Any] = [Fault(f"/fields/{name}", why("error.not_amendable", allowed=allowed)) for name in wrong]
        raise BadInput(*(faults or [Fault("/fields", why("error.nothing_to_amend", allowed=allowed))]))
    return (ReportAmended(dict(command.fields)),)


def _regrade(state: Incident, command: Regrade, moment: Moment) -> Iterator[Event]:
    """All clocks run again from the report. A graver level pages anew and starts what Low had left waiting; what
    maintenance holds back is paged by a Critical only."""
    assert state.pinned is not None
    if command.level is state.level:
        raise Refused(why("refused.same_level", level=state.level))
    policy = moment.library.pinned_policy(state.pinned.policy_digest)
    playbook = moment.library.pinned_playbook(state.pinned.playbook_digest)
    rungs = _ladder(policy, playbook, command.level)
    yield Regraded(
        level=command.level,
        was=state.level,
        reason=command.reason,
        clocks=clocks(policy, command.level, state.opened_at + state.stood_still),
        cadence=_cadence(policy, playbook, command.level),
        ladder=rungs,
    )
    if command.level.rank < state.level.rank:
        return
    if state.started_at is None:
        yield _started(playbook, command.level, automatic=True)
    if state.held and command.level is not Level.CRITICAL:
        return
    reason = why("alarm.regraded", level=command.level)
    yield from ladder.ring(
        ladder=rungs,
        unit=state.report.unit,
        rung=0,
        page=state.alarm.page + 1,
        round_=0,
        reason=reason,
        moment=moment,
        state=state,
    )
    yield from told(playbook, command.level, state.report.unit, reason, moment)
