"""What exercise control works with, and one live drill as it stands."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlalchemy import Engine

from drills.addressed import person_of
from drills.control import LOST, SENT, UNSCORED, Control, fold
from drills.script.model import Script
from drills.simulate.plans import Outside
from incident.clock import Clock
from incident.desk.desk import Desk
from incident.errors import Reason, Unknown, why
from incident.events import Entry
from incident.store import drill_plans, live, log
from incident.store.engine import reading
from incident.store.live import ActRow, LiveRow


@dataclass(frozen=True, slots=True)
class Room:
    """What exercise control works with."""

    desk: Desk
    engine: Engine
    clock: Clock
    outside: Callable[[], Outside]


@dataclass(frozen=True, slots=True)
class Wish:
    """What a controller wants: `kind` is one of `drills.control`; `said` is how an expected action was done."""

    kind: str
    inject: int | None = None
    text: str = ""
    said: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """One drill as it stands now."""

    row: LiveRow
    script: Script
    acts: tuple[ActRow, ...]
    control: Control
    entries: tuple[Entry, ...]
    planned: tuple[str, ...] = ()
    """Who plays by the plan from which it was started."""
    staff: tuple[str, ...] = ()
    """Who controls or evaluates by that plan."""

    @property
    def unscored(self) -> Reason | None:
        """Why it has no score although it is over."""
        act = next((act for act in self.acts if act.kind == UNSCORED), None)
        if act is not None and act.said in LOST:
            return why(LOST[act.said])
        return why("error.unknown", what=act.said, name=act.text) if act else None


def standing(room: Room, name: str) -> Standing:
    """Raises Unknown."""
    with reading(room.engine) as connection:
        row = live.find(connection, name)
        if row is None:
            raise Unknown("drill", name[:80])
        acts = live.acts(connection, row.mark)
        entries = tuple(stored.entry() for stored in log.of(connection, row.incident)) if row.incident else ()
        plan = drill_plans.of_drill(connection, row.mark)
    planned, staff = (plan.players, (*plan.controllers, *plan.evaluators)) if plan else ((), ())
    return Standing(row, Script.load(row.script), acts, fold(row.started_at, acts), entries, planned, staff)


def players(found: Standing) -> Iterator[str]:
    """Everybody who was paged, answered, holds a post in it, was told an inject, or plays by its plan.

    Nobody who controls or evaluates by it: management is told of every Critical, and would be turned away from its own
    drill."""
    return (person for person in _heard_of(found) if person not in found.staff)


def _heard_of(found: Standing) -> Iterator[str]:
    yield from found.planned
    for act in found.acts:
        if act.kind == SENT and (told := person_of(act.said)):
            yield told
    for entry in found.entries:
        for summoned in getattr(entry.event, "people", ()):
            yield summoned.person
        person = getattr(entry.event, "person", None)
        if person:
            yield person
