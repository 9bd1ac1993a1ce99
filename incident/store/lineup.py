"""What is open, in line: for the board, the wall, snapshots. However long the history is, only open rows are read."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, case, func, select

from incident.levels import Level
from incident.record.urgency import DUE_SPAN
from incident.state import Phase
from incident.store.filters import LISTED, Filter, Listed, listed, where
from incident.store.tables import board


class Order(StrEnum):
    """How what is open may stand. `turn` is the wall's own order."""

    TURN = "turn"
    LEVEL = "level"
    DEADLINE = "deadline"
    NEWEST = "newest"
    OLDEST = "oldest"
    PHASE = "phase"


_ORDERS: Final[dict[Order, tuple[ColumnElement[Any], ...]]] = {
    Order.TURN: (board.c.turn, board.c.number),
    Order.LEVEL: (board.c.rank.desc(), board.c.turn, board.c.number),
    Order.DEADLINE: (board.c.turn % DUE_SPAN, board.c.number),
    Order.NEWEST: (board.c.number.desc(),),
    Order.OLDEST: (board.c.number,),
    Order.PHASE: (case({str(p): n for n, p in enumerate(Phase)}, value=board.c.phase), board.c.turn, board.c.number),
}


def standing(
    connection: Connection, wanted: Filter, order: Order = Order.TURN, *, skip: int = 0, limit: int = 100
) -> list[Listed]:
    """What is open, in an order, from the one after `skip` on. The filter's phase must be of open incidents."""
    query = where(select(*LISTED), wanted).order_by(*_ORDERS[order]).offset(skip).limit(limit)
    return [listed(row) for row in connection.execute(query)]


def count(connection: Connection, wanted: Filter) -> int:
    """How many there are of what is open. The filter's phase must be of open incidents."""
    return connection.scalar(where(select(func.count()).select_from(board), wanted)) or 0


WALL: Final = 300
"""Incidents that a wall or a snapshot holds: the first of the line, and as many Criticals besides. More than fit on
any screen; the rest is counted."""


def for_wall(connection: Connection, limit: int = WALL) -> list[Listed]:
    """What the wall shows: the first in the line, and the Criticals that are further behind."""
    first = standing(connection, Filter(phase="open"), limit=limit)
    if len(first) < limit:
        return first
    critical = standing(connection, Filter(phase="open", level=Level.CRITICAL), Order.LEVEL, limit=limit)
    there = {one.incident for one in first}
    return first + [one for one in critical if one.incident not in there]
