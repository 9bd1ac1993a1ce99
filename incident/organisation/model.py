"""The organisation as one frozen value: the desk asks it for every report, so each question is a look-up."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, model_validator

from incident.errors import BadInput, Fault, Reason, why
from incident.levels import Kind, Level
from incident.organisation.checks import faults
from incident.organisation.people import Person, WayKind
from incident.organisation.reach import Facts, Reach, Reaching, Standing, standings
from incident.organisation.routing import Claim, Routed, claim, matching
from incident.organisation.skills import lapse
from incident.organisation.unit import HEIGHT, Unit
from incident.posts import Tier
from incident.report import Report
from incident.roster import Absent, Duty, Roster, TimeOff, duty, is_away
from incident.source import json_pointer

Who = Literal["primary", "secondary", "all"]


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody whom a rung pages, and why."""

    person: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class OnCall:
    """A line of the on-call table: who holds one roster, until when and why. People are ids, None where nobody is.

    `until` is when the primary's shift ends; with nobody on duty, when that changes.
    """

    unit: str
    tier: Tier
    function: str
    roster: str
    primary: str | None
    secondary: str | None
    until: datetime | None
    why: Reason | None = None
    why_second: Reason | None = None


class Sheet(BaseModel):
    """The parts as they are written down, before they are known to agree."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    units: tuple[Unit, ...] = Field(min_length=1)
    people: tuple[Person, ...] = ()
    rosters: tuple[Roster, ...] = ()


@dataclass(frozen=True, slots=True)
class _Index:
    units: dict[str, Unit]
    people: dict[str, Person]
    numbers: dict[str, Person]
    paths: dict[str, tuple[str, ...]]
    rosters: dict[tuple[str, str], tuple[Roster, ...]]
    by_id: dict[str, Roster]
    absent: Absent
    claims: tuple[Claim, ...]
    root: str
    on_duty: dict[str, tuple[datetime, Duty]] = field(default_factory=dict)
    """The last answer for each roster with the time it was asked for: good until the duty changes."""
    barred: dict[str, tuple[Roster, Absent]] = field(default_factory=dict)
    """Of rosters that ask for skills: who may not stand on them."""
    routed: dict[tuple[str | None, str | None, Kind], Routed] = field(default_factory=dict)
    """What product, place and kind were found to lead to: in a storm the same ones are asked for again and again."""


_ROUTED: Final = 1000


class Organisation(Sheet):
    """Raises BadInput when the parts do not agree, each fault with its pointer. Never change a copy of it: make one."""

    _reaching: Reaching = PrivateAttr(default_factory=Reaching)

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        found = [Fault(json_pointer(pointer), reason) for pointer, reason in faults(self)]
        if found:
            raise BadInput(*found)
        return self

    @cached_property
    def _index(self) -> _Index:
        units = {unit.id: unit for unit in self.units}
        paths = {unit.id: _path(unit, units) for unit in self.units}
        return _Index(
            units=units,
            people={person.id: person for person in self.people},
            numbers={number: person for person in self.people for number in person.numbers},
            paths=paths,
            rosters=_by_function(self.rosters),
            by_id={roster.id: roster for roster in self.rosters},
            absent={person.id: person.time_off for person in self.people if person.time_off},
            claims=tuple(claim(unit, len(paths[unit.id])) for unit in self.units),
            root=next(unit.id for unit in self.units if unit.parent is None),
        )

    @property
    def root(self) -> str:
        """Headquarters: where a report goes that nobody claims."""
        return self._index.root

    def unit(self, name: str) -> Unit | None:
        """The unit of that id."""
        return self._index.units.get(name)

    def person(self, name: str) -> Person | None:
        """The person of that id."""
        return self._index.people.get(name)

    def by_number(self, e164: str) -> Person | None:
        """Whose phone it is. No two people share one."""
        return self._index.numbers.get(e164)

    def knowing(self, facts: Facts) -> Self:
        """The same with what is known of the people's ways. That is no part of the document, nor of its dump."""
        other = self.model_copy()
        other._reaching = Reaching(facts)
        return other

    def reach(self, person: str, level: Level) -> Reach:
        """How a page of that level reaches somebody; nobody of that id is reached by nothing."""
        found = self._index.people.get(person)
        return self._reaching.of(found, level) if found is not None else Reach()

    def ways(self, person: str) -> tuple[Standing, ...]:
        """All ways of somebody in their order, with what is known of each."""
        found = self._index.people.get(person)
        return standings(found, self._reaching.facts) if found is not None else ()

    def has_stopped(self, person: str, kind: WayKind, address: str) -> bool:
        """Whether somebody wants no messages by that way. Nearly always nothing is known at all."""
        facts = self._reaching.facts
        if not facts:
            return False
        fact = next((s.fact for s in self.ways(person) if s.way.kind is kind and s.way.address == address), None)
        return fact is not None and fact.stopped_at is not None

    def roster(self, unit: str, function: str) -> Roster | None:
        """The first roster that a unit keeps for a function."""
        return next(iter(self._index.rosters.get((unit, function), ())), None)

    def roster_named(self, name: str) -> Roster | None:
        """The roster of that id."""
        return self._index.by_id.get(name)

    def away(self, person: str, at: datetime) -> bool:
        """Whether somebody has time off then."""
        return is_away(person, at, self._index.absent)

    @property
    def absent(self) -> Absent:
        """Everybody's time off, as the roster's calculator wants it. Who has none is not in it."""
        return self._index.absent

    def absent_on(self, roster: Roster) -> Absent:
        """Who may not stand on that roster, and when: by time off, or for want of a skill that it asks for."""
        if not roster.requires:
            return self._index.absent
        kept = self._index.barred.get(roster.id)
        if kept is None or kept[0] is not roster:
            found = {name: spans for name in roster.named if (spans := self._barred(name, roster))}
            kept = self._index.barred[roster.id] = (roster, found)
        return kept[1]

    def _barred(self, name: str, roster: Roster) -> tuple[TimeOff, ...]:
        person = self._index.people.get(name)
        lacks = lapse(person, roster.requires) if person else None
        away = self._index.absent.get(name, ())
        return (*away, lacks) if lacks else tuple(away)

    def rostered(self, person: str) -> bool:
        """Whether the person is on any roster, by rotation, override or swap: their answer meets the response clock."""
        return person in self._rostered

    @cached_property
    def _rostered(self) -> frozenset[str]:
        return frozenset(name for roster in self.rosters for name in roster.named)

    def ancestors(self, unit: str) -> tuple[str, ...]:
        """The units above it, the parent first and headquarters last; empty for an unknown unit."""
        return self._index.paths.get(unit, ())[1:]

    def route(self, report: Report, pinned_unit: str | None = None) -> Routed:
        """The unit a report belongs to: the one named, else by product, place, kind, else headquarters.

        `pinned_unit` is the integration key's and beats the report's own. An unknown name is noted and passed over.
        """
        notes: list[Reason] = []
        for key, name in (("route.pinned", pinned_unit), ("route.named", report.unit)):
            if name is None:
                continue
            if name in self._index.units:
                return Routed(name, why(key, unit=name), tuple(notes))
            notes.append(why("route.unknown_unit", unit=name))
        about = report.product, report.place, report.kind
        found = self._index.routed.get(about)
        if found is None:
            found = matching(self._index.claims, report) or Routed(self.root, why("route.headquarters", unit=self.root))
            if len(self._index.routed) >= _ROUTED:
                self._index.routed.clear()
            self._index.routed[about] = found
        return Routed(found.unit, found.reason, tuple(notes)) if notes else found

    def holders(self, unit: str, tier: Tier, who: Who, function: str, at: datetime) -> tuple[Holder, ...]:
        """Whom a rung pages for an incident of `unit`: empty when nobody is on duty there.

        The nearest unit of the tier on the way to headquarters that keeps a roster for the function; a field rung
        is held by the incident's own unit only. Of several rosters of the unit each gives its own.
        """
        found: dict[str, Holder] = {}
        for roster in self.rosters_for(unit, tier, function):
            for holder in _holders(roster, self.duty(roster, at), who):
                found.setdefault(holder.person, holder)
        return tuple(found.values())

    def rosters_for(self, unit: str, tier: Tier, function: str) -> tuple[Roster, ...]:
        """The rosters that a rung asks for an incident of `unit`; empty when no unit on the way up keeps one."""
        path = self._index.paths.get(unit, ())
        for name in path[:1] if tier == Tier.FIELD else path:
            if self._index.units[name].tier == tier and (name, function) in self._index.rosters:
                return self._index.rosters[name, function]
        return ()

    def duty(self, roster: Roster, at: datetime) -> Duty:
        """As `roster.duty`, with the last answer kept: in a storm the same instant is asked for thousands of times."""
        kept = self._index.on_duty.get(roster.id)
        if kept is not None and kept[0] <= at and (kept[1].until is None or at < kept[1].until):
            return kept[1]
        now = duty(roster, at, self.absent_on(roster))
        self._index.on_duty[roster.id] = (at, now)
        return now

    def can_hold(self, tier: Tier, function: str) -> bool:
        """Whether any unit of the tier has people on a roster for the function. A tier below every unit is the lowest
        that there is, as for the ladder: who has no field teams asks headquarters first."""
        asked = self._asked(tier)
        return any(
            roster.function == function and roster.people and self._index.units[roster.unit].tier == asked
            for roster in self.rosters
        )

    def _asked(self, tier: Tier) -> Tier:
        return max(tier, min((unit.tier for unit in self.units), key=HEIGHT.__getitem__), key=HEIGHT.__getitem__)

    def has_skill(self, tier: Tier, skill: str) -> bool:
        """Whether anybody in a unit of the tier has the skill, valid or not."""
        wanted, asked = skill.casefold(), self._asked(tier)
        return any(
            self._index.units[person.unit].tier == asked and any(one.name.casefold() == wanted for one in person.skills)
            for person in self.people
        )

    def on_call(self, at: datetime) -> tuple[OnCall, ...]:
        """Every roster with its holders, as the wall and the on-call page show it, in the order of the rosters."""
        return tuple(self._line(roster, self.duty(roster, at)) for roster in self.rosters)

    def _line(self, roster: Roster, now: Duty) -> OnCall:
        return OnCall(
            unit=roster.unit,
            tier=self._index.units[roster.unit].tier,
            function=roster.function,
            roster=roster.id,
            primary=now.primary.person if now.primary else None,
            secondary=now.secondary.person if now.secondary else None,
            until=now.primary.end if now.primary else now.until,
            why=now.primary.reason if now.primary else None,
            why_second=now.secondary.reason if now.secondary else None,
        )


def _by_function(rosters: tuple[Roster, ...]) -> dict[tuple[str, str], tuple[Roster, ...]]:
    found: dict[tuple[str, str], tuple[Roster, ...]] = {}
    for roster in rosters:
        key = roster.unit, roster.function
        found[key] = (*found.get(key, ()), roster)
    return found


def _holders(roster: Roster, now: Duty, who: Who) -> tuple[Holder, ...]:
    shifts = {shift.person: shift.reason for shift in (now.secondary, now.primary) if shift}
    match who:
        case "primary":
            return (Holder(now.primary.person, now.primary.reason),) if now.primary else ()
        case "secondary":
            return (Holder(now.secondary.person, now.secondary.reason),) if now.secondary else ()
        case "all":
            listed = why("roster.listed", roster=roster.id)
            return tuple(Holder(person, shifts.get(person, listed)) for person in now.all)


def _path(unit: Unit, units: dict[str, Unit]) -> tuple[str, ...]:
    path = [unit.id]
    while (parent := units[path[-1]].parent) is not None:
        path.append(parent)
    return tuple(path)
