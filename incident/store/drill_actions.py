"""The actions that drills left to be done: as they were agreed, and what became of each since, only added to.

How an action stands is folded from both. What proves one is the drills' business.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, insert, select, update

from incident.store.drill_tables import drill_action_changes, drill_actions, drills

CHANGED: Final = "changed"
DONE: Final = "done"
WITHDRAWN: Final = "withdrawn"

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
class Change:
    """One thing that became of an action; `fields` are those of the plan that were changed, with their new values."""

    kind: str
    by: str
    at: datetime
    fields: Mapping[str, str | None]
    reason: str


@dataclass(frozen=True, slots=True)
class ActionRow:
    """An action with the drill that found it. `planned` is how it stands now, `agreed` how it was written first;
    `done_at` is when its owner said that it was done."""

    id: int
    drill: str
    playbook: str
    script: str
    planned: Planned
    done_at: datetime | None
    done_by: str | None
    agreed: Planned | None = None
    changes: tuple[Change, ...] = ()

    @property
    def first(self) -> Planned:
        """The plan as it was agreed."""
        return self.agreed or self.planned

    @property
    def withdrawn(self) -> Change | None:
        return next((change for change in self.changes if change.kind == WITHDRAWN), None)


def add(connection: Connection, drill: str, plan: Iterable[Planned]) -> None:
    """The same action of the same drill is written once."""
    there = {row.first for row in listed(connection, drill)}
    fresh = [asdict(one) | {"drill": drill} for one in dict.fromkeys(plan) if one not in there]
    if fresh:
        connection.execute(insert(drill_actions), fresh)


def listed(connection: Connection, drill: str | None = None, *, playbook: str | None = None) -> list[ActionRow]:
    """Of one drill, of a playbook's drills or of all, in the order in which they were written."""
    query = _SELECT.order_by(drill_actions.c.id).limit(MOST)
    query = query if drill is None else query.where(drill_actions.c.drill == drill)
    rows = connection.execute(query if playbook is None else query.where(drills.c.playbook == playbook)).all()
    changes = _changes(connection, [row.id for row in rows])
    return [_folded(_row(row), changes[row.id]) for row in rows]


def get(connection: Connection, action: int, *, lock: bool = False) -> ActionRow | None:
    query = _SELECT.where(drill_actions.c.id == action)
    row = connection.execute(query.with_for_update(of=drill_actions) if lock else query).first()
    return _folded(_row(row), _changes(connection, [row.id])[row.id]) if row else None


def became(connection: Connection, action: int, change: Change) -> None:
    """Write down what became of it. Hold its row. Of `done` the row itself bears the last, for the release before."""
    values = asdict(change) | {"action": action, "fields": json.dumps(dict(change.fields), ensure_ascii=False)}
    connection.execute(insert(drill_action_changes), values)
    if change.kind == DONE:
        done = {"done_at": change.at, "done_by": change.by}
        connection.execute(update(drill_actions).where(drill_actions.c.id == action).values(**done))


def _changes(connection: Connection, actions: Sequence[int]) -> defaultdict[int, list[Change]]:
    found: defaultdict[int, list[Change]] = defaultdict(list)
    c = drill_action_changes.c
    if actions:
        wanted = select(c.action, c.kind, c.by, c.at, c.fields, c.reason).where(c.action.in_(actions)).order_by(c.id)
        for action, kind, by, at, fields, reason in connection.execute(wanted):
            found[action].append(Change(kind, by, at, json.loads(fields), reason))
    return found


def _folded(row: ActionRow, changes: Sequence[Change]) -> ActionRow:
    """What is to be done is another thing once its words or its measure are changed: whoever said done said it of the
    thing before."""
    planned, done_at, done_by = row.planned, row.done_at, row.done_by
    if any(change.kind == DONE for change in changes):
        done_at = done_by = None
    for change in changes:
        if change.kind == CHANGED:
            planned = replace(planned, **change.fields)  # type: ignore[arg-type]
            if change.fields.keys() & {"action", "measure"}:
                done_at = done_by = None
        elif change.kind == DONE:
            done_at, done_by = change.at, change.by
    return replace(row, planned=planned, agreed=row.planned, done_at=done_at, done_by=done_by, changes=tuple(changes))


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
