"""The ladder: who is paged next, and when the rung after that is due.

One call climbs one rung, counted from the last one really raised, so that an outage of two hours is followed by one
page and not by five. A rung with nobody on duty is no silence: it is passed at once, in writing. Past the top the
whole ladder is paged again, every step, until a person answers.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from incident.commands import Moment
from incident.errors import Reason, why
from incident.events import Escalated, Event, Paged, Rung, Summoned
from incident.state import Incident


def summon(rung: Rung, unit: str, moment: Moment) -> tuple[Summoned, ...]:
    """Who is on duty for a rung now. Empty when nobody is."""
    holders = moment.organisation.holders(unit, rung.tier, rung.who, rung.function, moment.now)
    return tuple(Summoned(h.person, h.reason) for h in holders)


def ring(
    *, ladder: tuple[Rung, ...], unit: str, rung: int, page: int, round_: int, reason: Reason, moment: Moment
) -> Iterator[Event]:
    """Page rung `rung` (from 0), or the first above it that somebody holds; past the top, everybody."""
    for index in range(rung, len(ladder)):
        people = summon(ladder[index], unit, moment)
        if index > rung:
            yield Escalated(index, ladder[index].tier, why("alarm.nobody_on_duty", tier=ladder[index - 1].tier))
        if people:
            wait = timedelta(seconds=ladder[index].wait_s)
            yield Paged(page, index, round_, ladder[index].tier, people, reason, moment.now + wait)
            return
    yield from everybody(ladder=ladder, unit=unit, page=page, round_=round_ + 1, reason=reason, moment=moment)


def everybody(
    *, ladder: tuple[Rung, ...], unit: str, page: int, round_: int, reason: Reason, moment: Moment
) -> Iterator[Event]:
    """The whole ladder at once. With nobody on duty anywhere the page stands empty and the wall says so."""
    found: dict[str, Summoned] = {}
    for rung in ladder:
        for summoned in summon(rung, unit, moment):
            found.setdefault(summoned.person, summoned)
    top = len(ladder) - 1
    wait = timedelta(seconds=ladder[top].wait_s)
    yield Paged(page, top, round_, ladder[top].tier, tuple(found.values()), reason, moment.now + wait)


def climb(state: Incident, reason: Reason, moment: Moment) -> Iterator[Event]:
    """One rung up from where the alarm stands; at the top another round of the whole ladder."""
    assert state.pinned is not None
    ladder, alarm = state.pinned.ladder, state.alarm
    page, unit = alarm.page + 1, state.report.unit
    if alarm.rung + 1 < len(ladder) and alarm.round == 0:
        above = ladder[alarm.rung + 1]
        yield Escalated(alarm.rung + 1, above.tier, reason)
        yield from ring(
            ladder=ladder, unit=unit, rung=alarm.rung + 1, page=page, round_=0, reason=reason, moment=moment
        )
    else:
        again = everybody(ladder=ladder, unit=unit, page=page, round_=alarm.round + 1, reason=reason, moment=moment)
        yield from again
