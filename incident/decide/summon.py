"""Whom a rung means at this moment: from the rosters, by name, by skill or by post. Nobody drops out unsaid.

Who has time off, lacks what the rung asks for, or cannot be reached is passed over with a remark; when nobody is left
there is a reason for that too, and the ladder climbs at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from incident.calendars import Calendar, CalendarKind
from incident.commands import Moment
from incident.errors import Reason, why
from incident.events import Hours, Remark, Rung, Summoned, Terms
from incident.orders import pageable
from incident.organisation import Organisation, Person, Role
from incident.organisation.skills import unskilled, waived
from incident.posts import Tier
from incident.roster import Duty
from incident.state import Incident

_HEIGHT: Final = {Tier.FIELD: 0, Tier.REGION: 1, Tier.HQ: 2}
_PLAIN: Final = Terms()


@dataclass(frozen=True, slots=True)
class Found:
    """Whom a rung pages, in order. `nobody` says why there is no one; None while there is."""

    people: tuple[Summoned, ...]
    remarks: tuple[Remark, ...] = ()
    nobody: Reason | None = None


@dataclass(slots=True)
class _Search:
    """One rung's look-up: who was found, what was remarked on the way."""

    rung: Rung
    tier: Tier
    unit: str
    moment: Moment
    remarks: list[Remark]

    @property
    def organisation(self) -> Organisation:
        return self.moment.organisation

    @property
    def terms(self) -> Terms:
        return self.rung.terms or _PLAIN

    def passed(self, person: str, reason: Reason) -> None:
        self.remarks.append(Remark(person, reason))


def summon(rung: Rung, unit: str, moment: Moment, state: Incident | None = None, *, at_any_hour: bool = False) -> Found:
    """Whom a rung pages now. `state` is the incident for rungs that mean a post; None before it is graded.

    A rung below the incident's own unit is the unit's: what belongs to headquarters has no field team to ask first.
    """
    own = moment.organisation.unit(unit)
    tier = own.tier if own is not None and _HEIGHT[own.tier] > _HEIGHT[rung.tier] else rung.tier
    hours = rung.terms.hours if rung.terms else None
    if hours is not None and not at_any_hour:
        zone = hours.timezone or (own.timezone if own else "UTC")
        if is_open(hours, zone, moment.now) is not hours.inside:
            return Found((), (), why("alarm.outside_hours" if hours.inside else "alarm.inside_hours", tier=tier))
    search = _Search(rung, tier, unit, moment, [])
    named = tuple(_reached(search, _meant(search, state)))
    remarks = tuple(search.remarks)
    return Found(named, remarks, None if named else _nobody(search))


def is_open(hours: Hours, zone: str, at: datetime) -> bool:
    """Whether it is a working day and within the hours, on the clock of the zone."""
    local = at.astimezone(ZoneInfo(zone))
    if not hours.opens <= local.time() < hours.closes:
        return False
    if hours.country is None:
        return local.weekday() < 5
    return Calendar(kind=CalendarKind.BUSINESS, country=hours.country).is_working_day(local.date())


def _meant(search: _Search, state: Incident | None) -> Iterable[Summoned]:
    match search.rung.who:
        case "primary" | "secondary" | "all":
            return _from_rosters(search)
        case "people":
            return _qualified(search, [Summoned(name, why("ladder.named")) for name in search.terms.people])
        case "skilled":
            return _with_skill(search)
        case "post":
            post = search.terms.post
            held = state.holding(post) if state is not None and post is not None else ()
            return [Summoned(name, why("ladder.post", post=post)) for name in held]


def _from_rosters(search: _Search) -> Iterator[Summoned]:
    rung, now, organisation = search.rung, search.moment.now, search.organisation
    if rung.who not in ("primary", "secondary", "all"):
        return
    if search.terms.skill is None:
        for holder in organisation.holders(search.unit, search.tier, rung.who, rung.function, now):
            yield Summoned(holder.person, holder.reason)
        return
    seen: set[str] = set()
    for roster in organisation.rosters_for(search.unit, search.tier, rung.function):
        for one in _of_roster(search, roster.id, organisation.duty(roster, now)):
            if one.person not in seen:
                seen.add(one.person)
                yield one


def _of_roster(search: _Search, roster: str, now: Duty) -> Iterator[Summoned]:
    """The on-duty people who have the skill: whoever lacks it is passed over, and the next in line asked instead."""
    shifts = {one.person: one.reason for one in (now.secondary, now.primary) if one}
    listed = why("roster.listed", roster=roster)
    line = [Summoned(name, shifts.get(name, listed)) for name in now.all]
    if search.rung.who == "all":
        yield from _qualified(search, line)
    elif now.primary is not None:
        wanted = 0 if search.rung.who == "primary" else 1
        for place, one in enumerate(_qualified(search, line)):
            if place == wanted:
                yield one
                return


def _with_skill(search: _Search) -> Iterator[Summoned]:
    """Everybody with the skill in the nearest unit of the tier that has somebody; on duty or not."""
    skill, organisation = search.terms.skill or "", search.organisation
    path = (search.unit, *organisation.ancestors(search.unit))
    for name in path[:1] if search.tier is Tier.FIELD else path:
        unit = organisation.unit(name)
        if unit is None or unit.tier is not search.tier:
            continue
        reason = why("ladder.skilled", skill=skill, unit=name)
        holders = [one for one in organisation.people if one.unit == name and _has(one, skill)]
        found = list(_qualified(search, [Summoned(one.id, reason) for one in holders]))
        if found:
            yield from found
            return


def _has(person: Person, skill: str) -> bool:
    return person.role is not Role.VIEWER and any(one.name.casefold() == skill.casefold() for one in person.skills)


def _qualified(search: _Search, line: Iterable[Summoned]) -> Iterator[Summoned]:
    """Those who are here and may be asked for the rung's skill; each other one with a remark, as each waiver."""
    skill, now, organisation = search.terms.skill, search.moment.now, search.organisation
    for one in line:
        person = organisation.person(one.person)
        if person is None:
            search.passed(one.person, why("ladder.unknown"))
            continue
        if organisation.away(one.person, now):
            search.passed(one.person, why("ladder.away"))
            continue
        lack = unskilled(person, skill, now) if skill else None
        if lack is not None:
            search.passed(one.person, lack)
            continue
        if skill and (waiver := waived(person, skill, now)) is not None:
            search.passed(one.person, waiver)
        yield one


def _reached(search: _Search, meant: Iterable[Summoned]) -> Iterator[Summoned]:
    """Those whom a page reaches and who may answer it. No roster has anybody who may only look on, but a rung may."""
    for one in meant:
        if not pageable(search.organisation, one.person):
            search.passed(one.person, why("ladder.no_way"))
        elif search.rung.terms is not None and _looks_on(search.organisation, one.person):
            search.passed(one.person, why("ladder.viewer"))
        else:
            yield one


def _looks_on(organisation: Organisation, name: str) -> bool:
    person = organisation.person(name)
    return person is not None and person.role is Role.VIEWER


def _nobody(search: _Search) -> Reason:
    skill, remarks = search.terms.skill, search.remarks
    if search.rung.who == "post":
        return why("alarm.post_unheld", post=search.terms.post)
    if skill and (search.rung.who == "skilled" or any(r.reason.key.startswith("skill.") for r in remarks)):
        return why("alarm.nobody_qualified", tier=search.tier, skill=skill)
    return why("alarm.nobody_on_duty", tier=search.tier)


def without(found: Found, people: Iterable[str | None]) -> Found:
    """The same without those who have answered already."""
    gone = frozenset(people)
    return replace(found, people=tuple(one for one in found.people if one.person not in gone))
