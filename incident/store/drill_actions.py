"""The actions that drills left to be done. What proves one is the drills' business."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, insert, select, update

from incident.store.drill_tables import drill_actions, drills

MOST: Final = 2000


@dataclass(frozen=True, slots=True)
class Planned:
    """One action as it was agreed. `start` and `due` are ISO days, or words where a file says words; `measure` is the
    item of the score sheet that a later drill has to reach."""

    area: str
    action: str
    owner: str
    start: str | None
    due: str
    element: str
    measure: str | None


@dataclass(frozen=True, slots=True)
class ActionRow:
    """An action with the drill that found it; `done_at` is when its owner said that it was done."""

    id: int
    drill: str
    playbook: str
    script: str
    planned: Planned
    done_at: datetime | None
    done_by: str | None


def add(connection: Connection, drill: str, plan: Iterable[Planned]) -> None:
    """The same action of the same drill is written once."""
    there = {row.planned for row in listed(connection, drill)}
    fresh = [asdict(one) | {"drill": drill} for one in dict.fromkeys(plan) if one not in there]
    if fresh:
        connection.execute(insert(drill_actions), fresh)


def listed(connection: Connection, drill: str | None = None) -> list[ActionRow]:
    """Of one drill or of all, in the order in which they were written."""
    query = _SELECT.order_by(drill_actions.c.id).limit(MOST)
    rows = connection.execute(query if drill is None else query.where(drill_actions.c.drill == drill))
    return [_row(row) for row in rows]


def get(connection: Connection, action: int, *, lock: bool = False) -> ActionRow | None:
    query = _SELECT.where(drill_actions.c.id == action)
    row = connection.execute(query.with_for_update(of=drill_actions) if lock else query).first()
    return _row(row) if row else None


def claim(connection: Connection, action: int, by: str, at: datetime) -> None:
    """Its owner says that it is done. After a drill that showed otherwise it is said anew."""
    connection.execute(update(drill_actions).where(drill_actions.c.id == action).values(done_at=at, done_by=by))


_A: Final = drill_actions.c
_SELECT: Final = select(
    _A.id,
    _A.drill,
    drills.c.playbook,
    drills.c.script,
    _A.done_at,
    _A.done_by,
    _A.area,
    _A.action,
    _A.owner,
    _A.start,
    _A.due,
    _A.element,
    _A.measure,
).join_from(drill_actions, drills, _A.drill == drills.c.id)


def _row(row: Sequence[Any]) -> ActionRow:
    name, drill, playbook, script, done_at, done_by, *planned = row
    return ActionRow(name, drill, playbook, script, Planned(*planned), done_at, done_by)
