"""Drills that are over: one row each. Only observations are added later; what a body means is the drills' business."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from incident.store.drill_tables import drills


@dataclass(frozen=True, slots=True)
class DrillRow:
    """`id` is the seal of its log, so that the same drill is kept once. `total` is of 100."""

    id: str
    form: str
    script: str
    playbook: str
    level: str
    unit: str
    started_at: datetime
    ended_at: datetime
    profile: str
    total: float | None
    rating: str | None


_HEAD = [column for column in drills.c if column.name != "body"]


def keep(connection: Connection, row: DrillRow, body: str) -> bool:
    """False when it is kept already."""
    if connection.scalar(select(drills.c.id).where(drills.c.id == row.id)) is not None:
        return False
    connection.execute(insert(drills), asdict(row) | {"body": body})
    return True


def listed(connection: Connection, limit: int = 1000) -> list[DrillRow]:
    """The newest first."""
    rows = connection.execute(select(*_HEAD).order_by(drills.c.started_at.desc(), drills.c.id).limit(limit))
    return [DrillRow(*row) for row in rows]


def body_of(connection: Connection, name: str) -> str | None:
    """The whole drill, by its id or the only one that begins so; None for none or several."""
    matching = select(drills.c.body).where(drills.c.id.startswith(name, autoescape=True)).limit(2)
    found = connection.scalars(matching).all()
    return found[0] if len(found) == 1 else None


def judged_anew(connection: Connection, name: str, body: str, total: float | None, rating: str | None) -> None:
    """More was observed: the drill as it is now, and what it comes to."""
    connection.execute(update(drills).where(drills.c.id == name).values(body=body, total=total, rating=rating))
