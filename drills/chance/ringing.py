"""One run: the incident is opened, the ladder rings, and either a person on a roster answers or nobody does in time.

The opening is decided once, for nothing in it is left to chance; each run goes on from there by the core's functions.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from drills.simulate.habits import Habits
from drills.simulate.plans import Outside
from drills.simulate.stage import Cast, Stage
from incident.commands import Open
from incident.decide.summon import summon
from incident.events import Acknowledged, Rung
from incident.rehearse import SYSTEM, Turn, put
from incident.report import Report
from incident.state import Incident

INCIDENT = "chance"


@dataclass(frozen=True, slots=True)
class Setting:
    """What all runs share. `silent` and `broken` hold in every run: the ill, and the providers that are down."""

    outside: Outside
    habits: Habits
    opened: Turn
    horizon_min: float
    silent: frozenset[str] = frozenset()
    broken: frozenset[str] = frozenset()

    @property
    def cast(self) -> Cast:
        return Cast(self.habits, {}, self.silent, self.broken)

    @property
    def ladder(self) -> tuple[Rung, ...]:
        pinned = self.opened.state.pinned
        return pinned.ladder if pinned else ()

    @property
    def target_min(self) -> float:
        """The level's response target, in minutes."""
        due = self.opened.state.clocks.get("response")
        return (due.due - self.opened.at).total_seconds() / 60 if due else 15.0

    def on_rungs(self) -> tuple[tuple[str, ...], ...]:
        """Who is paged on each rung at the time of the opening."""
        moment = self.outside(self.opened.at, SYSTEM)
        unit = self.opened.state.report.unit
        return tuple(tuple(s.person for s in summon(rung, unit, moment).people) for rung in self.ladder)

    def ways(self) -> tuple[str, ...]:
        """The ways by which the people of the ladder are paged at this level."""
        level, organisation = self.opened.state.level, self.outside.organisation
        people = {person for rung in self.on_rungs() for person in rung}
        found = {str(step.way.kind) for person in people for step in organisation.reach(person, level).steps}
        return tuple(sorted(found))


@dataclass(frozen=True, slots=True)
class Answer:
    """`minutes` since the report; None if nobody answered within the horizon."""

    minutes: float | None
    person: str | None = None
    way: str | None = None
    rung: int | None = None


def setting(
    report: Report,
    outside: Outside,
    at: datetime,
    habits: Habits,
    *,
    horizon_min: float,
    silent: frozenset[str] = frozenset(),
    broken: frozenset[str] = frozenset(),
) -> Setting:
    """Open the incident once. Raises what the core raises for a report that it cannot open."""
    opened = put(None, Open(report, "D1", None, INCIDENT), outside(at, SYSTEM), incident=INCIDENT)
    assert opened is not None
    return Setting(outside, habits, opened, horizon_min, silent, broken)


def ring(held: Setting, cast: Cast, seed: str, until_min: float) -> Answer:
    """One run, given up after so many minutes. Every draw is the seed's."""
    stage = Stage(INCIDENT, held.outside, cast, seed, receipts=False)
    stage.now = held.opened.at
    stage.take(held.opened)
    stage.run(held.opened.at + timedelta(minutes=until_min), stop=_answered)
    for entry in reversed(stage.log):
        event = entry.event
        if isinstance(event, Acknowledged) and event.rostered:
            minutes = (entry.at - held.opened.at).total_seconds() / 60
            rung = stage.state.alarm.rung if stage.state else None
            return Answer(minutes, event.person, event.via, rung)
    return Answer(None)


def without(cast: Cast, *, person: str | None = None, way: str | None = None, rung: int | None = None) -> Cast:
    """The same with one person silent, one provider down, or one rung that nobody hears."""
    return replace(
        cast,
        silent=cast.silent | ({person} if person else set()),
        broken=cast.broken | ({way} if way else set()),
        blind=cast.blind | ({rung} if rung is not None else set()),
    )


def _answered(state: Incident) -> bool:
    return state.commander is not None
