"""What the parts of an organisation must agree on, each fault with its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from incident.errors import Reason, why
from incident.organisation.people import Person, Role
from incident.organisation.team import rule_faults
from incident.organisation.unit import HEIGHT, Unit
from incident.posts import Tier
from incident.roster import Roster, inner_faults, named_in
from incident.source import Pointer

Fault = tuple[Pointer, Reason]


class Parts(Protocol):
    """Units, people and rosters that are to make an organisation."""

    @property
    def units(self) -> tuple[Unit, ...]: ...

    @property
    def people(self) -> tuple[Person, ...]: ...

    @property
    def rosters(self) -> tuple[Roster, ...]: ...


def faults(parts: Parts) -> Iterator[Fault]:
    """Every disagreement, in the order units, people, rosters."""
    yield from _twice("units", parts.units)
    yield from _tree(parts.units)
    yield from rule_faults(parts.units)
    yield from _twice("people", parts.people)
    yield from _people(parts)
    yield from _twice("rosters", parts.rosters)
    yield from _rosters(parts)


def _twice(name: str, items: Iterable[Unit | Person | Roster]) -> Iterator[Fault]:
    seen = set()
    for index, item in enumerate(items):
        if item.id in seen:
            yield (name, index, "id"), why("organisation.twice", name=item.id)
        seen.add(item.id)


def _tree(units: Sequence[Unit]) -> Iterator[Fault]:
    """One root, which is headquarters; nobody above their parent; no rings."""
    by_id = {unit.id: unit for unit in units}
    roots = [index for index, unit in enumerate(units) if unit.parent is None]
    if not roots:
        yield ("units",), why("organisation.no_root")
    for index in roots[1:]:
        yield ("units", index), why("organisation.second_root", unit=units[index].id, root=units[roots[0]].id)
    for index, unit in enumerate(units):
        here: Pointer = ("units", index)
        if unit.parent is None:
            if unit.tier is not Tier.HQ:
                yield (*here, "tier"), why("organisation.root_tier", unit=unit.id)
        elif unit.parent not in by_id:
            yield (*here, "parent"), why("error.unknown", what="unit", name=unit.parent)
        elif HEIGHT[unit.tier] > HEIGHT[by_id[unit.parent].tier]:
            yield (*here, "tier"), why("organisation.above_parent", unit=unit.id, parent=unit.parent)
        elif _in_ring(unit, by_id):
            yield (*here, "parent"), why("organisation.ring", unit=unit.id)


def _in_ring(unit: Unit, by_id: dict[str, Unit]) -> bool:
    seen = set()
    parent = unit.parent
    while parent in by_id and parent not in seen:
        seen.add(parent)
        parent = by_id[parent].parent
    return unit.id in seen


def _people(parts: Parts) -> Iterator[Fault]:
    units = {unit.id for unit in parts.units}
    owner: dict[str, str] = {}
    for index, person in enumerate(parts.people):
        if person.unit not in units:
            yield ("people", index, "unit"), why("error.unknown", what="unit", name=person.unit)
        for place, way in enumerate(person.ways):
            if way.address in person.numbers and owner.setdefault(way.address, person.id) != person.id:
                pointer = ("people", index, "ways", place, "address")
                yield pointer, why("organisation.shared_number", number=way.address, person=owner[way.address])


def _rosters(parts: Parts) -> Iterator[Fault]:
    units = {unit.id: unit for unit in parts.units}
    people = {person.id: person for person in parts.people}
    for index, roster in enumerate(parts.rosters):
        here: Pointer = ("rosters", index)
        unit = units.get(roster.unit)
        if unit is None:
            yield (*here, "unit"), why("error.unknown", what="unit", name=roster.unit)
        elif roster.function not in unit.functions:
            yield (*here, "function"), why("organisation.no_function", unit=unit.id, function=roster.function)
        yield from _on_duty((((*here, *pointer), name) for pointer, name in named_in(roster)), people)
        yield from (((*here, *pointer), reason) for pointer, reason in inner_faults(roster))


def _on_duty(named: Iterable[tuple[Pointer, str]], people: dict[str, Person]) -> Iterator[Fault]:
    """Whoever is paged must exist and be allowed to answer."""
    for pointer, name in named:
        if name not in people:
            yield pointer, why("error.unknown", what="person", name=name)
        elif people[name].role is Role.VIEWER:
            yield pointer, why("organisation.viewer_on_duty", person=name)
