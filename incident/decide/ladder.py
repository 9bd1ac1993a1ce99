"""The ladder: who is paged next, and when the rung after that is due.

One call climbs one rung, counted from the last one really raised, so that an outage of two hours is followed by one
page and not by five. A rung with nobody on duty is no silence: it is passed at once, in writing. Past the top the
whole ladder is paged again, every step, until a person answers.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from incident.commands import Moment
from incident.errors import Reason, why
from incident.events import Escalated, Event, Paged, Rung, Summoned
from incident.events.opening import Who
from incident.orders import pageable
from incident.posts import Tier
from incident.state import Incident

_HEIGHT: Final = {Tier.FIELD: 0, Tier.REGION: 1, Tier.HQ: 2}
_LOOK_AGAIN: Final = timedelta(minutes=5)
"""How soon an incident that nobody could be paged for looks again whether somebody is on duty. [assumed]"""


def summon(rung: Rung, unit: str, moment: Moment) -> tuple[Summoned, ...]:
    """Who is on duty for a rung now. Empty when nobody is.

    A rung below the incident's own unit is the unit's: what belongs to headquarters has no field team to ask first.
    """
    own = moment.organisation.unit(unit)
    tier = own.tier if own is not None and _HEIGHT[own.tier] > _HEIGHT[rung.tier] else rung.tier
    return _on_duty(moment, unit, tier, rung.who, rung.function)


def _on_duty(moment: Moment, unit: str, tier: Tier, who: Who, function: str) -> tuple[Summoned, ...]:
    holders = moment.organisation.holders(unit, tier, who, function, moment.now)
    found = (Summoned(h.person, h.reason) for h in holders)
    return tuple(s for s in found if pageable(moment.organisation, s.person))


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
    """The whole ladder at once; if nobody is on duty on all of it, everybody at headquarters.

    With nobody there either the page stands empty, the wall says so, and it looks again in five minutes.
    """
    found: dict[str, Summoned] = {}
    for rung in ladder:
        for summoned in summon(rung, unit, moment):
            found.setdefault(summoned.person, summoned)
    people = tuple(found.values()) or _on_duty(moment, unit, Tier.HQ, "all", "response")
    top = len(ladder) - 1
    wait = timedelta(seconds=ladder[top].wait_s)
    next_at = moment.now + (wait if people else min(wait, _LOOK_AGAIN))
    yield Paged(page, top, round_, ladder[top].tier, people, reason, next_at)


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
