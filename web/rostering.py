"""Changes of rosters by hand: who may make them, what they would do, and saving them.

A `Plan` is a change that somebody asks for. `effect` works out what it would do with the calculator that pages people;
`save` writes it as a new version of the organisation. A save names the version that its form was made from: if the same
roster or person was saved by somebody else since, it is refused; a change of anything else does not matter.

Responders change what concerns themselves, commanders and admins what concerns others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from anyio import to_thread
from sqlalchemy import Connection

from incident.clock import iso
from incident.errors import Refused, Unknown, why
from incident.notify import swap_news
from incident.organisation import Organisation, Role
from incident.record.effect import Change, changes
from incident.roster import Layer, Override, Roster, Swap, TimeOff
from incident.store import directory as registers
from incident.store import ways
from incident.store.engine import changing, reading
from web.auth import Visitor
from web.directory import Edit, checked, place_of
from web.house import House
from web.problems import Forbidden
from web.qualified import may_stand, must_be_here

AHEAD: Final = timedelta(days=60)
"""How far an effect is looked for when the change has no end of its own."""
FARTHEST: Final = timedelta(days=400)


News = Callable[[Connection, Organisation, datetime], object]


@dataclass(frozen=True, slots=True)
class Plan:
    """`edit` changes the organisation's document; `rosters` and `people` are what it changes, which nobody else may
    have changed since. `end` is how far its effect reaches, None for without end.

    `preview` is what the document would be if all goes well, where that is more than `edit` does. `news` tells whom it
    concerns, in the transaction that saves it.
    """

    edit: Edit
    rosters: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    start: datetime | None = None
    end: datetime | None = None
    preview: Edit | None = field(default=None)
    news: News | None = field(default=None)


@dataclass(frozen=True, slots=True)
class Asked:
    """Which swap is meant."""

    roster: str
    start: datetime
    giver: str
    taker: str

    def means(self, swap: Swap) -> bool:
        return (swap.start, swap.giver, swap.taker) == (self.start, self.giver, self.taker)

    def found(self, document: dict[str, Any], states: tuple[str, ...]) -> dict[str, Any]:
        """Its fields. Raises Unknown when it stands in none of these states: taken back, or answered already."""
        for fields in _roster(document, self.roster)["swaps"]:
            one = Swap.model_validate(fields)
            if self.means(one) and one.state in states:
                swap: dict[str, Any] = fields
                return swap
        raise Unknown("swap", iso(self.start))


@dataclass(frozen=True, slots=True)
class Effect:
    """What a plan would do, and the version of the organisation that this was worked out from."""

    changes: tuple[Change, ...]
    version: int
    until: datetime

    @property
    def gaps(self) -> tuple[Change, ...]:
        return tuple(one for one in self.changes if one.is_gap)


def override(visitor: Visitor, roster: str, wanted: Override) -> Plan:
    """Somebody stands in; the same again changes nothing. A responder may stand in, and send nobody else.

    Whoever is sent is told."""
    _only_own(visitor, wanted.person)
    fields = wanted.model_dump(mode="json")

    def edit(document: dict[str, Any]) -> None:
        found = _roster(document, roster)
        may_stand(document, found, wanted.person, wanted.start, "/person")
        must_be_here(document, wanted.person, wanted.start, wanted.end, "/person")
        if fields not in found["overrides"]:
            found["overrides"].append(fields)

    def news(connection: Connection, new: Organisation, now: datetime) -> None:
        if (found := new.roster_named(roster)) is not None and wanted.person != visitor.person:
            swap_news.stands_in(connection, new, found, wanted, by=visitor.name, now=now)

    return Plan(edit, (roster,), start=wanted.start, end=wanted.end, news=news)


def overrides(visitor: Visitor, roster: str, wanted: tuple[Override, ...]) -> Plan:
    """Many at once, as from a calendar."""
    for one in wanted:
        _only_own(visitor, one.person)
    every = [one.model_dump(mode="json") for one in wanted]

    def edit(document: dict[str, Any]) -> None:
        found = _roster(document, roster)
        found["overrides"] += [fields for fields in every if fields not in found["overrides"]]

    ends = [one.end for one in wanted]
    return Plan(edit, (roster,), start=min((one.start for one in wanted), default=None), end=max(ends, default=None))


def drop_override(visitor: Visitor, roster: str, start: datetime, person: str) -> Plan:
    """The stand-in that begins then is not needed after all, which they are told. Saving raises Unknown when there is
    none."""
    _only_own(visitor, person)
    dropped: list[Override] = []

    def edit(document: dict[str, Any]) -> None:
        found = _roster(document, roster)
        gone = [fields for fields in found["overrides"] if _same(Override.model_validate(fields), start, person)]
        if not gone:
            raise Unknown("override", iso(start))
        found["overrides"] = [fields for fields in found["overrides"] if fields not in gone]
        dropped[:] = map(Override.model_validate, gone)

    def news(connection: Connection, new: Organisation, now: datetime) -> None:
        found = new.roster_named(roster)
        for one in dropped:
            if found is not None and person != visitor.person:
                swap_news.not_needed(connection, new, found, one, by=visitor.name, now=now)

    return Plan(edit, (roster,), start=start, news=news)


def _same(one: Override, start: datetime, person: str) -> bool:
    return one.start == start and one.person == person


def offer(visitor: Visitor, roster: str, wanted: Swap) -> Plan:
    """Ask somebody to take shifts. It counts when they accept; the effect is shown as if they had."""
    _only_own(visitor, wanted.giver)
    fields = wanted.model_dump(mode="json") | {"state": "offered"}

    def edit(document: dict[str, Any]) -> None:
        found = _roster(document, roster)
        may_stand(document, found, wanted.taker, wanted.start, "/taker")
        must_be_here(document, wanted.taker, wanted.start, wanted.end, "/taker")
        if fields not in found["swaps"]:
            found["swaps"].append(fields)

    def accepted(document: dict[str, Any]) -> None:
        found = _roster(document, roster)
        may_stand(document, found, wanted.taker, wanted.start, "/taker")
        must_be_here(document, wanted.taker, wanted.start, wanted.end, "/taker")
        found["swaps"].append(fields | {"state": "accepted"})

    def news(connection: Connection, new: Organisation, now: datetime) -> None:
        if (found := new.roster_named(roster)) is not None:
            swap_news.asked(connection, new, found, wanted, now)

    return Plan(edit, (roster,), start=wanted.start, end=wanted.end, preview=accepted, news=news)


def answer(visitor: Visitor, about: Asked, state: str) -> Plan:
    """Accept or decline what one was asked for. Nobody accepts for somebody else: a commander lets them stand in."""
    if visitor.person != about.taker:
        raise Forbidden(why("rota.not_asked"))

    def edit(document: dict[str, Any]) -> None:
        about.found(document, ("offered",))["state"] = state

    def news(connection: Connection, new: Organisation, now: datetime) -> None:
        found = new.roster_named(about.roster)
        for swap in found.swaps if found else ():
            if found and about.means(swap) and swap.state == state:
                swap_news.answered(connection, new, found, swap, now)
                break

    return Plan(edit, (about.roster,), start=about.start, news=news)


def withdraw(visitor: Visitor, about: Asked) -> Plan:
    """Take a swap back: who asked for it, or a commander. Who has accepted cannot: they would leave the shift to
    somebody who thinks that it is taken. Whoever did not do it is told, unless it was declined and changes nothing."""
    _only_own(visitor, about.giver)
    gone: list[Swap] = []

    def edit(document: dict[str, Any]) -> None:
        found = about.found(document, ("offered", "accepted", "declined"))
        _roster(document, about.roster)["swaps"].remove(found)
        gone[:] = [Swap.model_validate(found)]

    def news(connection: Connection, new: Organisation, now: datetime) -> None:
        roster = new.roster_named(about.roster)
        for swap in gone:
            if roster is not None and swap.state != "declined":
                swap_news.withdrawn(connection, new, roster, swap, by=visitor.person, now=now)

    return Plan(edit, (about.roster,), start=about.start, news=news)


def time_off(visitor: Visitor, wanted: Mapping[str, tuple[TimeOff, ...]]) -> Plan:
    """People are away, and stand on no roster then; the same again changes nothing."""
    for person in wanted:
        _only_own(visitor, person)
    every = {person: [one.model_dump(mode="json") for one in times] for person, times in wanted.items()}

    def edit(document: dict[str, Any]) -> None:
        for person, times in every.items():
            kept = document["people"][place_of(document["people"], person, "person")]["time_off"]
            kept += [fields for fields in times if fields not in kept]

    spans = [one for times in wanted.values() for one in times]
    start = min((one.start for one in spans), default=None)
    return Plan(edit, people=tuple(wanted), start=start, end=max((one.end for one in spans), default=None))


def drop_time_off(visitor: Visitor, person: str, start: datetime) -> Plan:
    _only_own(visitor, person)

    def edit(document: dict[str, Any]) -> None:
        found = document["people"][place_of(document["people"], person, "person")]
        kept = [fields for fields in found["time_off"] if TimeOff.model_validate(fields).start != start]
        if len(kept) == len(found["time_off"]):
            raise Unknown("time_off", iso(start))
        found["time_off"] = kept

    return Plan(edit, people=(person,), start=start)


def layers(roster: str, wanted: tuple[Layer, ...], timezone: str, requires: tuple[str, ...]) -> Plan:
    """The rotations of a roster and the skills that it asks for, all at once. Its overrides and swaps stay. For
    commanders, as the route says."""

    def edit(document: dict[str, Any]) -> None:
        found = _roster(document, roster)
        found["layers"] = [layer.model_dump(mode="json") for layer in wanted]
        found["timezone"], found["requires"] = timezone, list(requires)

    return Plan(edit, (roster,))


def replace(roster: str, fields: dict[str, Any]) -> Plan:
    """A whole roster in place of the one of that id."""

    def edit(document: dict[str, Any]) -> None:
        document["rosters"][place_of(document["rosters"], roster, "roster")] = fields

    return Plan(edit, (roster,))


def asked(organisation: Organisation, person: str, now: datetime) -> tuple[tuple[Roster, Swap], ...]:
    """The swaps that wait for somebody's answer. One that is over waits for nobody."""
    return tuple(
        (roster, one)
        for roster in organisation.rosters
        for one in roster.swaps
        if one.taker == person and one.state == "offered" and one.end > now
    )


async def effect(house: House, plan: Plan) -> Effect:
    """What a plan would do if it was saved now. Raises what saving it would raise."""

    def work() -> Effect:
        with reading(house.engine) as connection:
            standing, version = registers.load_organisation(connection)
        document = standing.model_dump(mode="json")
        (plan.preview or plan.edit)(document)
        now = house.clock.now()
        start = max(now, plan.start) if plan.start else now
        until = min(plan.end or start + AHEAD, start + FARTHEST)
        found = changes(standing, checked(document), start, until) if until > start else ()
        return Effect(found, version, until)

    return await to_thread.run_sync(work)


async def save(house: House, visitor: Visitor, plan: Plan, version: int | None) -> int:
    """Save a plan as a new version, which is the answer. Raises Refused when what it changes was changed since
    `version` (None: whatever stands), BadInput when the parts no longer agree."""

    def work() -> int:
        with changing(house.engine) as connection:
            standing, now_at = registers.load_organisation(connection)
            if version is not None and version != now_at:
                seen = registers.organisation_at(connection, version)
                if _parts(seen, plan) != _parts(standing, plan):
                    raise Refused(why("rota.saved_since"))
            document = standing.model_dump(mode="json")
            plan.edit(document)
            new, now = checked(document), house.clock.now()
            saved = registers.save_organisation(connection, new, expected=now_at, at=now, by=visitor.by)
            if plan.news is not None and saved != now_at:
                plan.news(connection, new.knowing(ways.facts(connection)), now)
        house.directory.refresh()
        return saved

    return await to_thread.run_sync(work)


def _parts(organisation: Organisation, plan: Plan) -> tuple[object, ...]:
    rosters = tuple(organisation.roster_named(name) for name in plan.rosters)
    people = tuple(person.time_off if (person := organisation.person(name)) else None for name in plan.people)
    return (*rosters, *people)


def _only_own(visitor: Visitor, person: str) -> None:
    if visitor.person != person and not visitor.may(Role.COMMANDER):
        raise Forbidden(why("rota.only_own"))


def _roster(document: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = document["rosters"][place_of(document["rosters"], name, "roster")]
    return found
