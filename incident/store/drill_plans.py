"""Drills that are planned ahead: a row each. What a plan may become is the drills' business."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, delete, insert, select, update

from incident.marks import LIVE, TABLE
from incident.store.drill_tables import drill_briefings, drill_plans, live_drills

PLANNED: Final = "planned"
STARTED: Final = "started"
CANCELLED: Final = "cancelled"
MOST: Final = 500


@dataclass(frozen=True, slots=True)
class PlanRow:
    """`form` is live or tabletop, `starts_at` an instant that is meant in `zone`. People are ids. `changes` is how
    often it was changed; `drill` the name of the drill that was started from it."""

    id: str
    script: str
    form: str
    unit: str
    profile: str
    starts_at: datetime
    zone: str
    place: str
    aim: str
    flow: str
    expected: str
    players: tuple[str, ...]
    controllers: tuple[str, ...]
    evaluators: tuple[str, ...]
    by: str
    planned_at: datetime
    changes: int = 0
    state: str = PLANNED
    drill: str | None = None
    reason: str = ""

    @property
    def people(self) -> tuple[str, ...]:
        """Everybody who takes part, once."""
        return tuple(dict.fromkeys((*self.players, *self.controllers, *self.evaluators)))


@dataclass(frozen=True, slots=True)
class BriefRow:
    """One person's briefing: `told` and `acknowledged` are how often the plan had been changed then."""

    plan: str
    person: str
    told_at: datetime | None = None
    told: int = 0
    acknowledged_at: datetime | None = None
    acknowledged: int | None = None


_PEOPLE: Final = ("players", "controllers", "evaluators")
_COLUMNS: Final = [drill_plans.c[name] for name in PlanRow.__dataclass_fields__]


def add(connection: Connection, row: PlanRow) -> None:
    connection.execute(insert(drill_plans), _values(row))


def save(connection: Connection, row: PlanRow) -> None:
    """It as it is now. Hold its row."""
    connection.execute(update(drill_plans).where(drill_plans.c.id == row.id).values(**_values(row)))


def find(connection: Connection, name: str, *, lock: bool = False) -> PlanRow | None:
    """`lock` holds it until the transaction ends."""
    query = select(*_COLUMNS).where(drill_plans.c.id == name)
    row = connection.execute(query.with_for_update() if lock else query).first()
    return _row(row) if row else None


def coming(connection: Connection) -> list[PlanRow]:
    """Those that were neither started nor cancelled, the next one first."""
    query = select(*_COLUMNS).where(drill_plans.c.state == PLANNED).order_by(drill_plans.c.starts_at, drill_plans.c.id)
    return [_row(row) for row in connection.execute(query.limit(MOST))]


def of_drill(connection: Connection, mark: str) -> PlanRow | None:
    """The plan from which the drill of this mark was started."""
    name = mark.removeprefix(LIVE).removeprefix(TABLE)
    row = connection.execute(select(*_COLUMNS).where(drill_plans.c.drill == name)).first()
    return _row(row) if row else None


def of_kept(connection: Connection, seal: str) -> PlanRow | None:
    """The plan of a drill that is over."""
    mark = connection.scalar(select(live_drills.c.mark).where(live_drills.c.kept == seal))
    return of_drill(connection, mark) if mark else None


def briefings(connection: Connection, plan: str) -> dict[str, BriefRow]:
    """By person. Hold the plan's row to change one."""
    wanted = select(*(drill_briefings.c[name] for name in BriefRow.__dataclass_fields__))
    rows = connection.execute(wanted.where(drill_briefings.c.plan == plan))
    return {row.person: BriefRow(*row) for row in rows}


def brief(connection: Connection, row: BriefRow) -> None:
    """As it is now, in the place of what was there."""
    no_more(connection, row.plan, row.person)
    connection.execute(insert(drill_briefings), asdict(row))


def no_more(connection: Connection, plan: str, person: str) -> None:
    """They take part no more."""
    c = drill_briefings.c
    connection.execute(delete(drill_briefings).where(c.plan == plan, c.person == person))


def _values(row: PlanRow) -> dict[str, Any]:
    return asdict(row) | {name: " ".join(getattr(row, name)) for name in _PEOPLE}


def _row(row: Sequence[Any]) -> PlanRow:
    fields = dict(zip(PlanRow.__dataclass_fields__, row, strict=True))
    return PlanRow(**fields | {name: tuple(fields[name].split()) for name in _PEOPLE})
