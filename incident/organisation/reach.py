"""How somebody is reached: which of their ways are tried for a page, in what order, after how long, and what lacks.

Pure. What is known of a way besides its address (confirmed, broken, stopped) comes as facts, from a table of its own:
the organisation's document can be loaded again without any of it being lost. A page is never lost to a missing fact:
who has no confirmed way is tried by the others, and the reason is said aloud.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import phonenumbers

from incident.errors import Reason, why
from incident.levels import Level
from incident.organisation.people import Person, Way, WayKind

PATIENCE_S: Final = 60
"""The next way is tried after so many seconds at most, unless the one before it is known to have been delivered."""


@dataclass(frozen=True, slots=True)
class Fact:
    """What is known of one way. Times in UTC; None for what is not so. `confirmed_by` is "code", or who vouched and
    why; `broken` is the provider's last word on it."""

    confirmed_at: datetime | None = None
    confirmed_by: str | None = None
    broken_at: datetime | None = None
    broken: Reason | None = None
    stopped_at: datetime | None = None


UNKNOWN: Final = Fact()
Facts = Mapping[tuple[str, str, str], Fact]
"""By person, kind of way and the address's digest: another address is another way, which nobody has confirmed."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A way with what is known of it. `proven`: it was confirmed, or another way to the same address was."""

    way: Way
    fact: Fact
    proven: bool

    @property
    def counts(self) -> bool:
        """Whether it is a way that one may rely on: confirmed by itself, neither broken nor stopped."""
        return self.fact.confirmed_at is not None and self.works

    @property
    def works(self) -> bool:
        return self.fact.broken_at is None and self.fact.stopped_at is None


@dataclass(frozen=True, slots=True)
class Step:
    """One message of a page. It is due `after_s` seconds after the page was ordered, or `known_s` once a way before
    it is known to have been delivered. `broken`: it is tried although it is broken, as nothing better is left."""

    way: Way
    after_s: int
    known_s: int
    broken: bool = False


@dataclass(frozen=True, slots=True)
class Reach:
    """`lacking` says what is wrong even if somebody can be reached. Without steps a page cannot reach them at all."""

    steps: tuple[Step, ...] = ()
    lacking: Reason | None = None

    @property
    def by_text(self) -> Way | None:
        """The way for what needs no answer: the first text, else the first that is read and not heard."""
        read = [step.way for step in self.steps if step.way.kind is not WayKind.VOICE]
        return min(read, key=lambda way: way.kind is not WayKind.SMS, default=None)


def standings(person: Person, facts: Facts) -> tuple[Standing, ...]:
    """All ways of somebody in their order, each with what is known of it."""
    known = [(way, facts.get((person.id, way.kind, way.digest), UNKNOWN)) for way in person.ways]
    proven = {way.address for way, fact in known if fact.confirmed_at is not None}
    return tuple(Standing(way, fact, way.address in proven) for way, fact in known)


def reach(person: Person, level: Level, facts: Facts) -> Reach:
    """The ways that a page of that level takes.

    Those that are proven and work; if there is none of them those that nobody has confirmed; if there is none of these
    the broken ones. A stopped one is never tried: the carrier would throw the text away. A level leaves ways out only
    as long as another is left.
    """
    ways = standings(person, facts)
    working = [one for one in ways if one.works]
    proven = [one for one in working if one.proven]
    broken = [one for one in ways if one.fact.broken_at is not None and one.fact.stopped_at is None]
    if proven:
        return Reach(_steps(proven, level))
    if working:
        return Reach(_steps(working, level), why("way.lacking.unconfirmed"))
    if broken:
        return Reach(_steps(broken, level), why("way.lacking.broken"))
    return Reach((), why("way.lacking.stopped" if ways else "way.lacking.none"))


def _steps(ways: Sequence[Standing], level: Level) -> tuple[Step, ...]:
    texts = any(one.way.kind is WayKind.SMS for one in ways)
    timed = [(after, one) for one in ways if (after := one.way.after(level, texts=texts)) is not None]
    timed = timed or [(0, one) for one in ways]
    timed.sort(key=lambda pair: pair[0])  # stable: those at the same second stay in the person's order
    first = timed[0][0]  # nobody waits for a way that is not there
    found: list[Step] = []
    for after, one in timed:
        known = after - first
        soon = min(known, found[-1].after_s + PATIENCE_S) if found else 0
        found.append(Step(one.way, soon, known, one.fact.broken_at is not None))
    return tuple(found)


def shares_fate(ways: Iterable[Way]) -> Reason | None:
    """Why the ways could all fail together, None when they could not, or when there is none.

    One way alone, one number for everything, or one carrier where the number plan tells it: it does not know who
    carries a number that was ported, and for many countries (the US, Canada) it knows no carrier at all.
    """
    kept = tuple(ways)
    if not kept:
        return None
    if len(kept) == 1:
        return why("way.fate.single")
    if any(way.kind not in (WayKind.SMS, WayKind.VOICE) for way in kept):
        return None
    if len({way.address for way in kept}) == 1:
        return why("way.fate.number")
    carriers = {_carrier(way.address) for way in kept}
    if len(carriers) == 1 and (only := carriers.pop()):
        return why("way.fate.carrier", carrier=only)
    return None


def _carrier(number: str) -> str:
    from phonenumbers import carrier  # megabytes of table, which a worker never asks

    return carrier.name_for_number(phonenumbers.parse(number), "en")


def takes_no_texts(number: str) -> bool:
    """Whether the number plan knows it for a landline. Where it does not tell them apart (US, Canada) it may be one."""
    return phonenumbers.number_type(phonenumbers.parse(number)) == phonenumbers.PhoneNumberType.FIXED_LINE


@dataclass(slots=True)
class Reaching:
    """The facts of an organisation's ways, and for each person and level how they are reached: worked out once."""

    facts: Facts = field(default_factory=dict)
    found: dict[tuple[str, Level], Reach] = field(default_factory=dict, compare=False)

    def of(self, person: Person, level: Level) -> Reach:
        kept = self.found.get((person.id, level))
        if kept is None:
            kept = self.found[person.id, level] = reach(person, level, self.facts)
        return kept
