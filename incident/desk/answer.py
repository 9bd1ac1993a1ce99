"""How each kind of request is answered, on a draft. A report is folded or opens; a key finds its incident."""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from incident.commands import Absorb, Merge, Open, PageNow, Recur
from incident.decide.holding import is_grave
from incident.desk.draft import Draft
from incident.desk.requests import Act, Idempotency, NoteKey, OpenReport, Outcome, RecoverKey, Request, Together
from incident.desk.world import Needs, World
from incident.errors import Refused, why
from incident.events import Entry
from incident.state import Incident
from incident.store import log
from incident.store.claims import scoped
from incident.store.idempotency import Answered


def needs(requests: Iterable[Request]) -> Needs:
    """What must be read before these can be answered."""
    keys: set[str] = set()
    incidents: set[str] = set()
    answers: set[tuple[str, str]] = set()
    for request in requests:
        own = _idempotency(request)
        if own is not None:
            answers.add((own.scope, own.key))
        match request:
            case OpenReport():
                if request.report.dedup_key is not None:
                    keys.add(scoped(request.scope, request.drill, request.report.dedup_key))
            case RecoverKey() | NoteKey():
                keys.add(scoped(request.scope, request.drill, request.dedup_key))
            case Act():
                incidents |= _named(request)
            case Together():
                incidents.update(*map(_named, request.acts))
            case _:
                assert_never(request)
    return Needs(keys, incidents, answers)


def answer(request: Request, world: World) -> Outcome:
    """Decide a request and take what it writes into the world; or raise, and leave the world as it was."""
    own = _idempotency(request)
    if own is not None:
        before = world.answered.get((own.scope, own.key))
        if before is not None:
            return _again(own, before, world)
    draft = Draft(world)
    outcome = _decided(request, draft)
    if own is not None:
        _remember(own, outcome, draft)
        world.outcomes[own.scope, own.key] = outcome
    draft.accept()
    return outcome


def _decided(request: Request, draft: Draft) -> Outcome:
    match request:
        case OpenReport():
            return _report(request, draft)
        case Act():
            return _act(request, draft)
        case RecoverKey() | NoteKey():
            return _on_key(request, draft)
        case Together():
            return _together(request.acts, draft)
    assert_never(request)


def _idempotency(request: Request) -> Idempotency | None:
    return request.idempotency if isinstance(request, OpenReport | Act) else None


def _named(act: Act) -> set[str]:
    return {act.incident, act.command.into} if isinstance(act.command, Merge) else {act.incident}


def _report(request: OpenReport, draft: Draft) -> Outcome:
    report, world = request.report, draft.world
    key = scoped(request.scope, request.drill, report.dedup_key) if report.dedup_key is not None else None
    owner = world.owners.get(key) if key is not None else None
    if owner is not None and _covers(draft.state(owner)):
        draft.fold(owner, draft.now())
        again = draft.act(owner, Recur(), request.by) if draft.state(owner).recovered_at is not None else ()
        if draft.state(owner).held and is_grave(report, world.around.library, request.by):
            again = (*again, *draft.act(owner, PageNow(), request.by))
        return Outcome(tuple(again), draft.state(owner), draft.row(owner))
    incident = world.around.new_id()
    command = Open(report, f"C{world.number + 1}", owner, request.drill)
    entries = draft.decide(incident, None, command, request.by)
    state = draft.state(incident)
    draft.writes.opened[incident] = state.opened_at
    if key is not None:
        draft.writes.keys[key] = incident
    if report.contact is not None:
        draft.writes.particulars.append((incident, "contact", report.contact))
    return Outcome(entries, state, draft.row(incident), created=True)


def _covers(state: Incident) -> bool:
    """Whether a repeat belongs to this incident. Once it is resolved, the same alert again is news and must page:
    folded into something that everybody takes for over, it would be a silence."""
    return not state.phase.over and state.resolved_at is None


def _act(request: Act, draft: Draft) -> Outcome:
    if isinstance(request.command, Merge):
        into = draft.state(request.command.into)
        folded = draft.state(request.incident)
        report = folded.report
        absorb = Absorb(folded.id, report.code, folded.level, folded.held, report.drill)
        outcome = _together((request, Act(into.id, absorb, request.by)), draft)
        draft.writes.merged[request.incident] = into.id
        return outcome
    entries = draft.act(request.incident, request.command, request.by, request.expected_seq)
    return Outcome(entries, draft.state(request.incident), draft.row(request.incident))


def _together(acts: tuple[Act, ...], draft: Draft) -> Outcome:
    entries: list[Entry] = []
    for act in acts:
        entries += draft.act(act.incident, act.command, act.by, act.expected_seq)
    first = acts[0].incident
    return Outcome(tuple(entries), draft.state(first), draft.row(first))


def _on_key(request: RecoverKey | NoteKey, draft: Draft) -> Outcome:
    owner = draft.world.owners.get(scoped(request.scope, request.drill, request.dedup_key))
    if owner is None or draft.state(owner).phase.over:
        return Outcome((), None, None)
    entries = draft.act(owner, request.command, request.by)
    return Outcome(entries, draft.state(owner), draft.row(owner))


def _remember(own: Idempotency, outcome: Outcome, draft: Draft) -> None:
    assert outcome.state is not None
    incident = outcome.state.id
    seqs = [entry.seq for entry in outcome.entries if entry.incident == incident] or [0]
    body = {"incident": incident, "first": seqs[0], "last": seqs[-1], "created": outcome.created}
    draft.writes.answers.append(Answered(own.scope, own.key, own.digest, body, draft.now()))


def _again(own: Idempotency, before: Answered, world: World) -> Outcome:
    """The answer to a retry: the entries that the first one wrote, and the incident as it is by now."""
    if before.digest != own.digest:
        raise Refused(why("desk.key_reused", name=own.key))
    draft, incident = Draft(world), before.body["incident"]
    first = world.outcomes.get((own.scope, own.key))
    if first is None:
        entries = tuple(log.between(world.connection, incident, before.body["first"], before.body["last"]))
    else:
        entries = tuple(entry for entry in first.entries if entry.incident == incident)
    return Outcome(entries, draft.state(incident), draft.row(incident), bool(before.body["created"]), replayed=True)
