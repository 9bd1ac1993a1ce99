"""Whether those who are on call can be reached, and whether that was ever proved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from incident.errors import Reason, why
from incident.levels import Level
from incident.organisation import Organisation, Person
from incident.organisation.reach import shares_fate
from incident.readiness.finding import About, Finding, Weight

PROVED_FOR: Final = timedelta(days=31)
"""How long an answered test page proves anything: a round and a day."""
AHEAD: Final = timedelta(days=30)


def findings(
    organisation: Organisation, on_call: frozenset[str], proved: Mapping[str, datetime], now: datetime
) -> Iterator[Finding]:
    """Of everybody on a roster or on a ladder. `proved`: when each last answered a test page."""
    for person in organisation.people:
        if organisation.rostered(person.id) or person.id in on_call:
            yield from _ways(organisation, person)
            yield from _proof(organisation, person, proved.get(person.id), now)
            yield from _skills(person, now)


def _finding(rule: str, weight: Weight, person: Person, said: Reason) -> Finding:
    return Finding(rule, weight, About.PERSON, person.id, said, why(f"doctor.do.{rule}"))


def _ways(organisation: Organisation, person: Person) -> Iterator[Finding]:
    found, ways = organisation.reach(person.id, Level.CRITICAL), organisation.ways(person.id)
    if not found.steps and found.lacking is not None:
        yield _finding("unreachable", Weight.WEAK, person, found.lacking)
        return
    if found.lacking is not None:
        yield _finding("unproven_ways", Weight.WEAK, person, found.lacking)
    fate = shares_fate(one.way for one in ways if one.works and one.proven)
    if fate is not None:
        yield _finding("one_way", Weight.WEAK, person, fate)
    broken = [one for one in ways if not one.works]
    if found.lacking is None and broken:
        kinds = ", ".join(dict.fromkeys(str(one.way.kind) for one in broken))
        yield _finding("broken_way", Weight.WEAK, person, why("doctor.broken", ways=kinds))


def _proof(organisation: Organisation, person: Person, answered: datetime | None, now: datetime) -> Iterator[Finding]:
    if not organisation.reach(person.id, Level.CRITICAL).steps:
        return
    if answered is None:
        yield _finding("untested", Weight.WEAK, person, why("doctor.never_tested"))
    elif now - answered > PROVED_FOR:
        yield _finding("untested", Weight.WEAK, person, why("doctor.tested_long_ago", days=(now - answered).days))


def _skills(person: Person, now: datetime) -> Iterator[Finding]:
    today: date = now.astimezone(ZoneInfo(person.timezone)).date()
    for skill in person.skills:
        until = skill.until
        if until is None or until - today > AHEAD or skill.waiver:
            continue
        key, weight = ("doctor.skill_over", Weight.WEAK) if until < today else ("doctor.skill_ends", Weight.SOON)
        yield _finding("skill", weight, person, why(key, skill=skill.name, until=until))
