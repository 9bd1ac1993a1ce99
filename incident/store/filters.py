"""What is wanted of the board, as conditions that one index serves, and what a list gives of each incident."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, and_, func, or_, select

from incident import marks
from incident.levels import Level
from incident.state import Phase
from incident.store.tables import board
from incident.store.tokens import plain


@dataclass(frozen=True, slots=True)
class Listed:
    """An incident in a list: the stored board row with what repeats have added since. `number` is the cursor."""

    incident: str
    number: int
    position: int
    repeats: int
    last_seen: datetime
    row: str

    def as_dict(self) -> dict[str, object]:
        fields: dict[str, object] = json.loads(self.row)
        return fields | {"repeats": self.repeats}


@dataclass(frozen=True, slots=True)
class Filter:
    """`phase` is a phase or `open`; `drill` True for drills only, False for none.

    Each word of `q` must be in the words of an open incident, also in the midst of one; in the history a word of it
    must begin so.
    """

    phase: str | None = None
    level: Level | None = None
    drill: bool | None = None
    unit: str | None = None
    q: str | None = None


LISTED: Final = (
    board.c.incident,
    board.c.number,
    board.c.position,
    board.c.repeats,
    board.c.last_seen,
    board.c.row,
)
_OPEN_PHASES: Final = frozenset(str(phase) for phase in Phase if not phase.over) | {"open"}


def is_open(phase: str | None) -> bool:
    """Whether only what is open is asked for: few enough that every row can be looked at."""
    return phase in _OPEN_PHASES


def where(query: Select[Any], wanted: Filter, *, words: bool = True) -> Select[Any]:
    """The query, for what is wanted only; without `words` the words are left to the caller.

    One condition finds the rows by its index, the narrowest by what it means: what is open, drills, a unit, a level.
    The others are put so that no index serves them: a planner that knows no numbers would read all of a unit's history
    for the few of it that are open.
    """
    if wanted.phase == "open":
        query = query.where(board.c.over.is_(False))
    elif wanted.phase is not None:
        query = query.where(board.c.phase == str(Phase(wanted.phase)), board.c.over.is_(Phase(wanted.phase).over))
    found = is_open(wanted.phase) or wanted.drill is True
    if wanted.unit is not None:
        query = query.where((func.coalesce(board.c.unit, "") if found else board.c.unit) == wanted.unit)
    if wanted.level is not None:
        narrow = found and wanted.phase != "open"
        query = query.where((func.coalesce(board.c.rank, 0) if narrow else board.c.rank) == wanted.level.rank)
    for word in plain(wanted.q or "").split() if words else ():
        query = query.where(board.c.words.contains(word, autoescape=True))
    return of_drills(query, wanted.drill)


def of_drills(query: Select[Any], drill: bool | None) -> Select[Any]:
    """Test pages and practices are in no list: they are evidence of their person, found there."""
    listed_too = and_(*(board.c.drill.not_like(f"{mark}%") for mark in marks.APART))
    if drill is None:
        return query.where(or_(board.c.drill.is_(None), listed_too))
    return query.where(and_(board.c.drill.is_not(None), listed_too) if drill else board.c.drill.is_(None))


def narrowest(wanted: Filter) -> ColumnElement[bool] | None:
    """The one condition by which the history is read, as `where` has it; None where all of it is wanted, and for what
    is open, of which all may be read."""
    if is_open(wanted.phase):
        return None
    if wanted.drill is True:
        return board.c.drill.is_not(None)
    if wanted.unit is not None:
        return board.c.unit == wanted.unit
    if wanted.level is not None:
        return board.c.rank == wanted.level.rank
    return None if wanted.phase is None else board.c.phase == str(Phase(wanted.phase))


def conditions(wanted: Filter) -> list[ColumnElement[bool]]:
    """All that is put to the history, each with an index of its own; first what fits little by what it means."""
    if is_open(wanted.phase):
        return []
    phase = [] if wanted.phase is None else [board.c.phase == str(Phase(wanted.phase))]
    others = [
        *([board.c.drill.is_not(None)] if wanted.drill is True else ()),
        *([board.c.unit == wanted.unit] if wanted.unit is not None else ()),
        *([board.c.rank == wanted.level.rank] if wanted.level is not None else ()),
    ]
    return [*others, *phase] if wanted.phase == Phase.CLOSED else [*phase, *others]


def led(connection: Connection, by: ColumnElement[bool], since: int, below: int, most: int) -> list[int]:
    """Numbers of what one condition fits, the newest first; nothing but its index is read."""
    query = select(board.c.number).where(by, board.c.number < below, board.c.number >= since)
    return [row[0] for row in connection.execute(query.order_by(board.c.number.desc()).limit(most)).all()]


def reach(connection: Connection, by: ColumnElement[bool], below: int | None, most: int) -> int | None:
    """The number down to which one condition fits so many; None when it fits fewer."""
    query = select(board.c.number).where(by)
    if below is not None:
        query = query.where(board.c.number < below)
    found: int | None = connection.scalar(query.order_by(board.c.number.desc()).limit(1).offset(most - 1))
    return found


def listed(row: Any) -> Listed:
    return Listed(*row)
