"""The ladder: who is paged next, and when the rung after that is due.

One call climbs one rung, counted from the last one really raised, so that an outage of two hours is followed by one
page and not by five. A rung with nobody to page is no silence: it is passed at once, in writing. On a rung that asks
one after the other the next of them is paged before it climbs, and a rung that repeats is paged again first. Past the
top the whole ladder is paged again, every step, until a person answers.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from incident.commands import Moment
from incident.decide.summon import Found, summon, without
from incident.errors import Reason
from incident.events import Escalated, Event, Paged, Remark, Rung, Summoned
from incident.orders import pageable
from incident.posts import Tier
from incident.state import Incident

_LOOK_AGAIN: Final = timedelta(minutes=5)
"""How soon an incident that nobody could be paged for looks again whether somebody is on duty. [assumed]"""


def ring(
    *,
    ladder: tuple[Rung, ...],
    unit: str,
    rung: int,
    page: int,
    round_: int,
    reason: Reason,
    moment: Moment,
    state: Incident | None = None,
) -> Iterator[Event]:
    """Page rung `rung` (from 0), or the first above it that somebody holds; past the top, everybody."""
    below: Found | None = None
    for index in range(rung, len(ladder)):
        found = summon(ladder[index], unit, moment, state)
        if below is not None and below.nobody is not None:
            yield Escalated(index, ladder[index].tier, below.nobody, below.remarks)
        if found.people:
            yield _page(ladder[index], index, found, page=page, round_=round_, time=1, reason=reason, moment=moment)
            return
        below = found
    if below is not None and below.nobody is not None:
        yield Escalated(len(ladder), ladder[-1].tier, below.nobody, below.remarks)
    yield from everybody(
        ladder=ladder, unit=unit, page=page, round_=round_ + 1, reason=reason, moment=moment, state=state
    )


def _page(
    rung: Rung, index: int, found: Found, *, page: int, round_: int, time: int, reason: Reason, moment: Moment
) -> Paged:
    """All of the rung at once, or the first of those who are asked in turn."""
    one_by_one = rung.terms is not None and rung.terms.in_turn
    now, then = (found.people[:1], found.people[1:]) if one_by_one else (found.people, ())
    next_at = moment.now + timedelta(seconds=rung.wait_s)
    return Paged(page, index, round_, rung.tier, now, reason, next_at, then, time, found.remarks)


def everybody(
    *,
    ladder: tuple[Rung, ...],
    unit: str,
    page: int,
    round_: int,
    reason: Reason,
    moment: Moment,
    state: Incident | None = None,
) -> Iterator[Event]:
    """The whole ladder at once, at any hour if need be; if that is nobody, everybody at headquarters.

    With nobody there either the page stands empty, the wall says so, and it looks again in five minutes.
    """
    found: dict[str, Summoned] = {}
    remarks: dict[Remark, None] = {}
    for at_any_hour in (False, True):
        for rung in ladder if not found else ():
            here = summon(rung, unit, moment, state, at_any_hour=at_any_hour)
            remarks |= dict.fromkeys(here.remarks)
            for summoned in here.people:
                found.setdefault(summoned.person, summoned)
    people = tuple(found.values()) or _headquarters(unit, moment)
    top = len(ladder) - 1
    wait = timedelta(seconds=ladder[top].wait_s)
    next_at = moment.now + (wait if people else min(wait, _LOOK_AGAIN))
    yield Paged(page, top, round_, ladder[top].tier, people, reason, next_at, remarks=tuple(remarks))


def _headquarters(unit: str, moment: Moment) -> tuple[Summoned, ...]:
    holders = moment.organisation.holders(unit, Tier.HQ, "all", "response", moment.now)
    return tuple(Summoned(h.person, h.reason) for h in holders if pageable(moment.organisation, h.person))


def goes_on(state: Incident) -> bool:
    """Whether there is somebody to page before the whole ladder is paged again."""
    alarm = state.alarm
    if not alarm.ringing or alarm.round or state.pinned is None:
        return False
    return bool(alarm.waiting) or alarm.rung + 1 < len(state.pinned.ladder)


def onward(state: Incident, reason: Reason, moment: Moment, answering: str | None = None) -> Iterator[Event]:
    """The next in turn, or the same rung again if it repeats, or one rung up. `answering` has just said no."""
    assert state.pinned is not None
    ladder, alarm = state.pinned.ladder, state.alarm
    rung = ladder[min(alarm.rung, len(ladder) - 1)]
    again = _again(state, rung, moment, answering) if alarm.round == 0 else None
    if again is None:
        yield from climb(state, reason, moment)
        return
    found, time = again
    yield _page(rung, alarm.rung, found, page=alarm.page + 1, round_=0, time=time, reason=reason, moment=moment)


def _again(state: Incident, rung: Rung, moment: Moment, answering: str | None) -> tuple[Found, int] | None:
    """Whom the same rung pages once more, and for which time; None when it has asked all and often enough."""
    alarm = state.alarm
    answered = {one.person for one in alarm.paged if one.rung == alarm.rung and one.answer} | {answering}
    # Whoever waited for their turn may have gone on holiday, or have lost the phone, since the rung was first paged.
    left = tuple(
        one
        for one in alarm.waiting
        if one.person not in answered
        and not moment.organisation.away(one.person, moment.now)
        and pageable(moment.organisation, one.person)
    )
    if left:
        return Found(left), alarm.time
    if rung.terms is None or alarm.time >= rung.terms.repeat:
        return None
    found = without(summon(rung, state.report.unit, moment, state), answered)
    return (found, alarm.time + 1) if found.people else None


def climb(state: Incident, reason: Reason, moment: Moment) -> Iterator[Event]:
    """One rung up from where the alarm stands; at the top another round of the whole ladder."""
    assert state.pinned is not None
    ladder, alarm = state.pinned.ladder, state.alarm
    page, unit = alarm.page + 1, state.report.unit
    if alarm.rung + 1 < len(ladder) and alarm.round == 0:
        above = ladder[alarm.rung + 1]
        yield Escalated(alarm.rung + 1, above.tier, reason)
        yield from ring(
            ladder=ladder,
            unit=unit,
            rung=alarm.rung + 1,
            page=page,
            round_=0,
            reason=reason,
            moment=moment,
            state=state,
        )
    else:
        yield from everybody(
            ladder=ladder,
            unit=unit,
            page=page,
            round_=alarm.round + 1,
            reason=reason,
            moment=moment,
            state=state,
        )
