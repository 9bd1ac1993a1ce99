"""A dry run as it is read: who would be paged when, by which way, if nobody answered; and when the target is missed.

Only a reader: the turns come from `incident.rehearse`, which asks the functions of the desk. Nothing is decided here,
and nobody is looked up on a roster; a rung that was passed over is one that no page of the first round went to.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from incident.commands import Open
from incident.deadlines import wake_at
from incident.events import ClockBreached, Entry, Escalated, Notified, Paged, Remark, Rung, Summoned
from incident.orders import PAGE, Order, Send
from incident.posts import Tier
from incident.record.dry_shapes import Asked, DryRun, Moment, RungView, WayAt
from incident.record.shapes import Why
from incident.record.view import Reader
from incident.rehearse import Outside, Turn, advance, put
from incident.report import Report
from incident.state import Incident, changed

HORIZON: Final = timedelta(days=3)
"""Beyond this nobody believes that nobody has answered."""
MOST: Final = 60
"""Rows. A ladder with a short step and a target of a day would fill pages with the same round."""
RESPONSE: Final = "response"
_CODE: Final = "C0"
"""No code that anybody has: codes count from 1."""

TOLD_KINDS: Final = frozenset(
    {"paging_held", "paging_released", "acknowledgement_warned", "acknowledgement_expired", "update_missed"}
)
"""What else is worth a line, by the name of its entry; its sentence is `dry.<kind>`."""


@dataclass(slots=True)
class _Telling:
    """What has been told so far. `reached` is the highest rung that was paged in the first round, from 0; `rounds` the
    last round that is told, `passed` what was written when a rung was left without a page."""

    reader: Reader
    start: datetime
    state: Incident
    moments: list[Moment] = field(default_factory=list)
    reached: int = -1
    dead: set[int] = field(default_factory=set)
    passed: dict[int, Escalated] = field(default_factory=dict)
    rounds: int = 0
    ends: str = "quiet"

    @property
    def full(self) -> bool:
        return len(self.moments) >= MOST


def of_report(report: Report, at: datetime, by: str, outside: Outside, reader: Reader) -> DryRun:
    """A report as if it came in at `at`. Raises what opening raises: Unknown for a policy that the house has not."""
    opened = put(None, Open(report, _CODE), outside(at, by), incident="dry-run")
    assert opened is not None
    library, pinned = outside(at, by).library, opened.state.pinned
    playbook = library.pinned_playbook(pinned.playbook_digest) if pinned else None
    return dry_run(None, opened, at, outside, replace(reader, playbook=playbook))


def of_incident(state: Incident, at: datetime, outside: Outside, reader: Reader) -> DryRun:
    """An incident as it stands, from `at` on: what is overdue by then is taken up then."""
    return dry_run(changed(state, at=max(at, state.at)), None, at, outside, reader)


def dry_run(state: Incident | None, opened: Turn | None, start: datetime, outside: Outside, reader: Reader) -> DryRun:
    """Tell on from `opened`, the turn in which a report was graded, or from an incident as it stands at `start`."""
    now = opened.state if opened else state
    assert now is not None
    alarm = now.alarm
    climbed = alarm.page and not opened
    told = _Telling(reader, start, now, reached=alarm.rung if climbed else -1, rounds=alarm.round + 1 if climbed else 1)
    if opened:
        _tell(told, opened)
    until = start + HORIZON
    target = _target(now)
    for turn in advance(now, until, outside):
        _tell(told, turn)
        target = _target(turn.state)
        if turn.state.alarm.round > now.alarm.round and (target is None or turn.at > target):
            told.ends = "round"
            break
    else:
        told.ends = "quiet" if wake_at(told.state) is None else "horizon"
    return _shown(told, start, target, now if not opened else None)


def _target(state: Incident) -> datetime | None:
    clock = state.clocks.get(RESPONSE)
    return clock.due if clock is not None and clock.met_at is None else None


def _tell(told: _Telling, turn: Turn) -> None:
    ladder = turn.state.pinned.ladder if turn.state.pinned else ()
    told.state = turn.state
    for entry in turn.entries:
        match entry.event:
            case Paged() as paged if paged.round <= told.rounds and not told.full:
                told.moments += _gaps(told, ladder, paged, entry.at)
                told.moments.append(_paged(told, entry, paged, turn.orders, len(ladder)))
            case Notified() as notice if not told.full:
                people = _asked(told.reader, notice.people, turn.orders, 0)
                says = told.reader.words.t("dry.told", names=_names(told.reader, people))
                told.moments.append(_line(told, entry, "told", says, people=people, why=told.reader.why(notice.about)))
            case ClockBreached() as breach:
                key = "dry.missed" if breach.clock == RESPONSE else "dry.breached"
                says = told.reader.words.t(key, clock=breach.clock)
                told.moments.append(_line(told, entry, "breached", says))
            case Escalated() as passed:
                told.passed[passed.rung - 1] = passed
            case _ if entry.kind in TOLD_KINDS and not told.full:
                told.moments.append(_line(told, entry, entry.kind, told.reader.words.t(f"dry.{entry.kind}")))


def _gaps(told: _Telling, ladder: Sequence[Rung], paged: Paged, at: datetime) -> Iterator[Moment]:
    """The rungs between the last one that was paged and this one: nobody held them."""
    top = paged.rung if paged.round == 0 else len(ladder)
    for index in range(told.reached + 1, top):
        told.dead.add(index)
        rung = ladder[index]
        says = told.reader.words.t("dry.gap", n_=index + 1, tier=rung.tier, who=rung.who, function=rung.function)
        passed = told.passed.get(index)
        why = told.reader.why(passed.reason) if passed else None
        says += _remarks(told.reader, passed.remarks if passed else ())
        yield Moment(
            at, _after(told, at), "gap", says, rung=index + 1, tier=str(rung.tier), why=why, late=_late(told, at)
        )
    told.reached = max(told.reached, top if paged.round else paged.rung)


def _paged(told: _Telling, entry: Entry, paged: Paged, orders: Sequence[Order], rungs: int) -> Moment:
    people = _asked(told.reader, paged.people, orders, paged.page)
    words, names = told.reader.words, _names(told.reader, people)
    if not people:
        says = words.t("dry.nobody")
    elif paged.round:
        says = words.t("dry.round", round_=paged.round + 1, names=names)
    else:
        says = words.t("dry.page", n_=paged.rung + 1, of=rungs, tier=paged.tier, names=names)
    return _line(
        told,
        entry,
        "page" if people else "nobody",
        says + _remarks(told.reader, paged.remarks),
        people=people,
        rung=paged.rung + 1,
        round_=paged.round,
        tier=str(paged.tier),
        why=told.reader.why(paged.reason),
    )


def _remarks(reader: Reader, remarks: Sequence[Remark]) -> str:
    """Who was passed over by the page and why, as the log says it."""
    said = (
        reader.words.t("log.remark", name=reader.who(one.person).name, said=reader.sentence(one.reason))
        for one in remarks
    )
    return "".join(f" · {one}" for one in said)


def _line(
    told: _Telling,
    entry: Entry,
    kind: str,
    says: str,
    *,
    people: tuple[Asked, ...] = (),
    rung: int | None = None,
    round_: int = 0,
    tier: str | None = None,
    why: Why | None = None,
) -> Moment:
    at = entry.at
    return Moment(at, _after(told, at), kind, says, people, rung, round_, tier, why, _late(told, at))


def _after(told: _Telling, at: datetime) -> int:
    return round((at - told.start).total_seconds())


def _late(told: _Telling, at: datetime) -> bool:
    target = _target(told.state)
    return target is not None and at > target


def _asked(reader: Reader, people: Sequence[Summoned], orders: Sequence[Order], page: int) -> tuple[Asked, ...]:
    """With the messages that were ordered for each: those of this page, or (page 0) those that ask for no answer."""
    ways: dict[str, list[WayAt]] = {}
    for order in orders:
        if isinstance(order, Send) and order.page == page and (order.purpose == PAGE) == (page > 0):
            ways.setdefault(order.person, []).append(WayAt(str(order.way), order.not_before))
    return tuple(
        Asked(
            who.person,
            reader.who(who.person).name,
            reader.why(who.reason),
            tuple(sorted(ways.get(who.person, ()), key=lambda way: way.at)),
        )
        for who in people
    )


def _names(reader: Reader, people: Sequence[Asked]) -> str:
    return reader.words.t("list.comma").join(one.name for one in people)


def _shown(told: _Telling, start: datetime, target: datetime | None, standing: Incident | None) -> DryRun:
    state, reader = told.state, told.reader
    report, pinned, locale = state.report, state.pinned, reader.words.locale
    unit = reader.organisation.unit(report.unit)
    pages = [moment for moment in told.moments if moment.kind == "page"]
    commander = standing.commander if standing else None
    return DryRun(
        at=start,
        code=standing.report.code if standing else None,
        title=report.title,
        kind=str(report.kind),
        level=str(state.level),
        level_reasons=tuple(reader.why(reason) for reason in state.level_reasons),
        unit=report.unit,
        unit_name=unit.name.for_locale(locale) if unit else report.unit,
        routed=reader.why(report.routed),
        policy=pinned.policy if pinned else None,
        playbook=pinned.playbook if pinned else None,
        playbook_name=reader.playbook.name.for_locale(locale) if reader.playbook else None,
        playbook_reason=reader.why(pinned.playbook_reason) if pinned else None,
        ladder=tuple(
            RungView(n + 1, str(r.tier), str(r.who), r.function, r.wait_s, n in told.dead)
            for n, r in enumerate(pinned.ladder if pinned else ())
        ),
        target=target,
        missed_at=target if target is not None and any(m.at > target for m in told.moments) else None,
        first_page_at=pages[0].at if pages else None,
        headquarters_at=next((m.at for m in pages if m.tier == Tier.HQ), None),
        second_round_at=next((m.at for m in pages if m.round), None),
        taken_by=reader.who(commander).name if commander else None,
        folded_into=None,
        ends=told.ends,
        moments=tuple(sorted(told.moments, key=lambda moment: moment.at)),
    )
