"""Drills that are over: one row each. Only observations are added later; what a body means is the drills' business."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, and_, func, insert, or_, select, update

from incident.store.drill_tables import drills
from incident.store.tables import log


@dataclass(frozen=True, slots=True)
class DrillRow:
    """`id` is the seal of its log, so that the same drill is kept once. `total` is of 100. `incident` and `upto`: where
    the log of a live drill lies, and the last position that is sealed."""

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
    incident: str | None = None
    upto: int | None = None


ALONE: Final = "practice"
"""The form of what one person practised alone: it proves a person and no plan, so nothing here but what asks for it by
name gives it."""
_COUNTS: Final = drills.c.form != ALONE
_LINE: Final = [log.c[name] for name in ("position", "incident", "seq", "at", "by", "kind", "version", "body")]
_HEAD: Final = [column for column in drills.c if column.name not in ("body", "measured")]


def keep(connection: Connection, row: DrillRow, body: str, measured: Mapping[str, bool] | None = None) -> bool:
    """False when it is kept already."""
    if connection.scalar(select(drills.c.id).where(drills.c.id == row.id)) is not None:
        return False
    connection.execute(insert(drills), asdict(row) | {"body": body, "measured": _written(measured)})
    return True


def listed(connection: Connection, limit: int = 1000) -> list[DrillRow]:
    """The newest first; no practice."""
    rows = connection.execute(
        select(*_HEAD).where(_COUNTS).order_by(drills.c.started_at.desc(), drills.c.id).limit(limit)
    )
    return [DrillRow(*row) for row in rows]


def since(connection: Connection, start: datetime, forms: Collection[str]) -> list[DrillRow]:
    """Those of these forms that began at `start` or later, the newest first."""
    wanted = select(*_HEAD).where(drills.c.started_at >= start, drills.c.form.in_(forms))
    return [DrillRow(*row) for row in connection.execute(wanted.order_by(drills.c.started_at.desc(), drills.c.id))]


def last_by_unit(connection: Connection, forms: Collection[str]) -> dict[str, datetime]:
    """When the last drill of these forms began, by unit."""
    wanted = select(drills.c.unit, func.max(drills.c.started_at)).where(drills.c.form.in_(forms))
    return {row[0]: row[1] for row in connection.execute(wanted.group_by(drills.c.unit))}


def bodies(connection: Connection, names: Sequence[str]) -> list[tuple[str, str]]:
    """The whole drills of these ids."""
    rows = connection.execute(select(drills.c.id, drills.c.body).where(drills.c.id.in_(names)))
    return [(row.id, row.body) for row in rows]


@dataclass(frozen=True, slots=True)
class Logged:
    """An entry of a kept live drill as it lies in the log today; `line` are its fields from position to body."""

    drill: str
    mark: str | None
    line: tuple[Any, ...]


def logs(connection: Connection, names: Sequence[str]) -> Iterator[Logged]:
    """What the log says today of the live drills of these ids, in no order: every entry up to the sealed position, and
    any later one that bears an earlier time than the end, which the desk never writes."""
    of_it = or_(log.c.position <= drills.c.upto, log.c.at < drills.c.ended_at)
    joined = select(drills.c.id, log.c.drill, *_LINE).join_from(
        drills, log, and_(log.c.incident == drills.c.incident, of_it)
    )
    for name, mark, *line in connection.execute(joined.where(drills.c.id.in_(names))):
        yield Logged(name, mark, tuple(line))


def body_of(connection: Connection, name: str, *, lock: bool = False) -> str | None:
    """The whole drill, by its id or the only one that begins so; None for none or several. `lock` holds it."""
    matching = select(drills.c.body).where(drills.c.id.startswith(name, autoescape=True)).limit(2)
    found = connection.scalars(matching.with_for_update() if lock else matching).all()
    return found[0] if len(found) == 1 else None


def judged_anew(connection: Connection, row: DrillRow, body: str, measured: Mapping[str, bool]) -> None:
    """More was observed: the drill as it is now, and what it comes to."""
    values = {"body": body, "total": row.total, "rating": row.rating, "measured": _written(measured)}
    connection.execute(update(drills).where(drills.c.id == row.id).values(**values))


def head_of(connection: Connection, name: str, *, practice: bool = False) -> DrillRow | None:
    """By its id or the only one that begins so; None for none or several. Either among practices or among drills."""
    among = ~_COUNTS if practice else _COUNTS
    matching = select(*_HEAD).where(drills.c.id.startswith(name, autoescape=True), among).limit(2)
    found = connection.execute(matching).all()
    return DrillRow(*found[0]) if len(found) == 1 else None


def sheets(
    connection: Connection, playbooks: Collection[str], forms: Collection[str]
) -> list[tuple[DrillRow, Mapping[str, bool] | None]]:
    """Drills of these playbooks and forms in the order in which they began, with what was measured and reached; None
    where it was not kept."""
    wanted = select(*_HEAD, drills.c.measured).where(drills.c.playbook.in_(playbooks), drills.c.form.in_(forms))
    rows = connection.execute(wanted.order_by(drills.c.started_at, drills.c.id))
    return [(DrillRow(*row), json.loads(text) if text is not None else None) for *row, text in rows]


def practised(connection: Connection, names: Collection[str]) -> list[DrillRow]:
    """The practices of these ids, in no order."""
    rows = connection.execute(select(*_HEAD).where(drills.c.id.in_(names), ~_COUNTS))
    return [DrillRow(*row) for row in rows]


def count(connection: Connection) -> int:
    return connection.scalar(select(func.count()).select_from(drills).where(_COUNTS)) or 0


def _written(measured: Mapping[str, bool] | None) -> str | None:
    return None if measured is None else json.dumps(measured, sort_keys=True)
