"""Whether a Critical would find somebody: every ladder of every unit, climbed in rehearsal by the core's functions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from incident.commands import Library, Moment, Open
from incident.errors import Reason, why
from incident.events import Escalated, Paged, Rung
from incident.levels import Kind, Level
from incident.organisation import Organisation, Unit
from incident.readiness.finding import About, Finding, Weight
from incident.rehearse import SYSTEM, Turn, advance, put
from incident.report import Channel, Report

AS_MEANT: Final = frozenset({"alarm.silence", "alarm.outside_hours", "alarm.inside_hours", "alarm.post_unheld"})
"""Why a rung is left though it is sound: nobody answered, it is for other hours, no post is held at the start."""
DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Climb:
    """What became of a Critical that nobody answered, until its response was due: who was paged, which rungs nobody
    held and why."""

    people: tuple[str, ...]
    passed: tuple[tuple[int, Rung, Reason], ...]


Climbs = Mapping[str, tuple[Climb, ...]]
"""Of each unit, one for each ladder."""


def climbs(organisation: Organisation, library: Library, now: datetime) -> Climbs:
    """What a Critical would come to now, in every unit."""
    return {unit.id: tuple(_climbs(unit, organisation, library, now)) for unit in organisation.units}


def findings(organisation: Organisation, climbed: Climbs) -> Iterator[Finding]:
    """Units whose Criticals page nobody in time, and rungs that are passed over."""
    for unit in organisation.units:
        climbs = climbed[unit.id]
        if any(not climb.people for climb in climbs):
            yield _finding("unanswerable", Weight.BLOCKS, unit, why("doctor.unanswerable"))
        passed = {(rung.tier, rung.function, reason): n for climb in climbs for n, rung, reason in climb.passed}
        for (tier, function, reason), number in passed.items():
            said = why("doctor.rung", rung=number + 1, tier=tier, function=function)
            yield _finding("unheld_rung", Weight.WEAK, unit, said, reason)


def paged(climbed: Climbs) -> frozenset[str]:
    """Everybody whom a Critical could page now, in any unit."""
    return frozenset(person for climbs in climbed.values() for climb in climbs for person in climb.people)


def _finding(rule: str, weight: Weight, unit: Unit, said: Reason, because: Reason | None = None) -> Finding:
    return Finding(rule, weight, About.UNIT, unit.id, said, why(f"doctor.do.{rule}"), because)


def _climbs(unit: Unit, organisation: Organisation, library: Library, now: datetime) -> Iterator[Climb]:
    """One for each ladder that a Critical of this unit may have, whatever its kind."""
    seen: set[tuple[Rung, ...]] = set()

    def outside(at: datetime, by: str) -> Moment:
        return Moment(at, by, organisation, library)

    for kind in Kind:
        report = Report(title=str(kind), kind=kind, level=Level.CRITICAL, unit=unit.id, channel=Channel.API)
        opened = put(None, Open(report, "C0"), outside(now, SYSTEM), incident="rehearsal")
        assert opened is not None
        assert opened.state.pinned is not None
        ladder = opened.state.pinned.ladder
        if ladder in seen:
            continue
        seen.add(ladder)
        response = opened.state.clocks.get("response")
        until = response.due if response else now + DAY
        yield _climb([opened, *advance(opened.state, until, outside)], ladder)


def _climb(turns: list[Turn], ladder: tuple[Rung, ...]) -> Climb:
    people: dict[str, None] = {}
    passed: list[tuple[int, Rung, Reason]] = []
    for entry in (entry for turn in turns for entry in turn.entries):
        match entry.event:
            case Paged() as page:
                people |= dict.fromkeys(one.person for one in page.people)
            case Escalated() as up if up.reason.key not in AS_MEANT and up.rung > 0:
                passed.append((up.rung - 1, ladder[up.rung - 1], up.reason))
            case _:
                continue
    return Climb(tuple(people), tuple(passed))
