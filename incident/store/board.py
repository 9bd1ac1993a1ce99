"""The board: one row an incident, for lists and walls, with the one column that says when the watch must look again."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, bindparam, case, func, select, type_coerce, update

from incident.levels import Level
from incident.store.bulk import BulkInsert
from incident.store.filters import LISTED, Filter, Listed, listed, of_drills
from incident.store.lists import listing, page
from incident.store.prepared import Prepared, among
from incident.store.prepared import listed as json_of
from incident.store.tables import board
from incident.store.types import Big, instant, micros

__all__ = [
    "BoardRow",
    "Filter",
    "Listed",
    "Standing",
    "add",
    "counts",
    "due",
    "get",
    "last_number",
    "listed",
    "listing",
    "next_wake",
    "page",
    "refresh",
    "repeated",
    "standings",
    "words",
    "words_from",
]


@dataclass(frozen=True, slots=True)
class BoardRow:
    """What the desk writes for one incident. `row` is JSON text; `words` is searched, in lower case; `turn` is its
    place in the wall's line."""

    incident: str
    number: int
    code: str
    seq: int
    position: int
    phase: str
    over: bool
    rank: int
    unit: str
    drill: str | None
    dedup_key: str | None
    wake_at: datetime | None
    opened_at: datetime
    closed_at: datetime | None
    last_seen: datetime
    row: str
    words: str
    turn: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """What the desk must know of an incident before it decides: how far the log goes, and what the row says."""

    seq: int
    position: int
    wake_at: datetime | None
    repeats: int


_WRITTEN: Final = tuple(BoardRow.__dataclass_fields__)
_INSERT: Final = BulkInsert(board, *_WRITTEN, "repeats")
_MUTABLE: Final = ("seq", "position", "phase", "over", "rank", "unit", "wake_at", "closed_at", "row", "words", "turn")
_UPDATE: Final = (
    update(board).where(board.c.incident == bindparam("of")).values({name: bindparam(name) for name in _MUTABLE})
)
_MINUTE_US: Final = 60_000_000
_came: Final = case((board.c.burst < 1, 1), else_=board.c.burst)
"""The first report, which opened it, counts as one."""
_burst_began: Final = func.coalesce(type_coerce(board.c.burst_from, Big), type_coerce(board.c.opened_at, Big))
_same_minute: Final = bindparam("us", type_=Big) - _burst_began < _MINUTE_US
_REPEAT: Final = Prepared(
    update(board)
    .where(board.c.incident == bindparam("of"))
    .values(
        repeats=board.c.repeats + bindparam("more"),
        last_seen=bindparam("us", type_=Big),
        burst=case((_same_minute, _came + bindparam("more")), else_=bindparam("more")),
        burst_from=case((_same_minute, _burst_began), else_=bindparam("us", type_=Big)),
    ),
    "of",
    "more",
    "us",
)
_STANDINGS: Final = Prepared(
    select(board.c.incident, board.c.seq, board.c.position, board.c.wake_at, board.c.repeats).where(
        among(board.c.incident, "incidents")
    ),
    "incidents",
)


def add(connection: Connection, rows: Sequence[BoardRow]) -> None:
    """Put new incidents on the board."""
    _INSERT(connection, [_lying(row) for row in rows])


def _lying(row: BoardRow) -> tuple[object, ...]:
    """The row as it lies in the columns of `_INSERT`: times in microseconds, and no repeat yet."""
    return (
        row.incident,
        row.number,
        row.code,
        row.seq,
        row.position,
        row.phase,
        row.over,
        row.rank,
        row.unit,
        row.drill,
        row.dedup_key,
        micros(row.wake_at) if row.wake_at else None,
        micros(row.opened_at),
        micros(row.closed_at) if row.closed_at else None,
        micros(row.last_seen),
        row.row,
        row.words,
        row.turn,
        0,
    )


def refresh(connection: Connection, rows: Sequence[BoardRow]) -> None:
    """Bring the rows of incidents up to date that are on the board. Repeats are left as they are."""
    if rows:
        connection.execute(
            _UPDATE, [{"of": row.incident, **{name: getattr(row, name) for name in _MUTABLE}} for row in rows]
        )


def repeated(connection: Connection, seen: Mapping[str, tuple[int, datetime]]) -> None:
    """Count reports that were folded into open incidents: how many more, and when the last came."""
    _REPEAT.each(connection, [(incident, more, micros(at)) for incident, (more, at) in seen.items()])


def standings(connection: Connection, incidents: Iterable[str]) -> dict[str, Standing]:
    """How far each of these incidents has come; those that do not exist are left out."""
    return {
        incident: Standing(seq, position, instant(wake_at) if wake_at is not None else None, repeats)
        for incident, seq, position, wake_at, repeats in _STANDINGS.rows(connection, json_of(incidents))
    }


def words(connection: Connection, incidents: Collection[str]) -> list[tuple[int, str]]:
    """Number and words of each of these incidents."""
    query = select(board.c.number, board.c.words).where(board.c.incident.in_(list(incidents)))
    return [(row[0], row[1]) for row in connection.execute(query)]


def words_from(connection: Connection, after: int, upto: int) -> list[tuple[int, str]]:
    """Number and words of the incidents whose numbers lie between two."""
    query = select(board.c.number, board.c.words).where(board.c.number > after, board.c.number <= upto)
    return [(row[0], row[1]) for row in connection.execute(query)]


def last_number(connection: Connection) -> int:
    """The number of the last code given out."""
    return connection.scalar(select(func.max(board.c.number))) or 0


def get(connection: Connection, incident: str) -> Listed | None:
    """One incident, by its id or its code (C7, in either case)."""
    query = select(*LISTED)
    found = connection.execute(query.where(board.c.incident == incident)).first()
    found = found or connection.execute(query.where(board.c.code == incident.upper())).first()
    return listed(found) if found else None


def counts(connection: Connection, *, drill: bool | None = None) -> dict[Level, int]:
    """How many incidents are open at each level."""
    query = select(board.c.rank, func.count()).where(board.c.over.is_(False)).group_by(board.c.rank)
    found = {row[0]: row[1] for row in connection.execute(of_drills(query, drill))}
    return {level: found.get(level.rank, 0) for level in Level}


def due(connection: Connection, now: datetime, limit: int) -> list[str]:
    """The incidents whose time has come, the longest overdue first."""
    query = select(board.c.incident).where(board.c.wake_at <= now).order_by(board.c.wake_at).limit(limit)
    return list(connection.scalars(query))


def next_wake(connection: Connection, besides: Collection[str] = ()) -> datetime | None:
    """The earliest moment at which some incident must be looked at. Before now, it says how late the watch is.

    `besides` leaves out incidents that are set aside.
    """
    query = select(board.c.wake_at).where(board.c.wake_at.is_not(None)).order_by(board.c.wake_at).limit(1)
    if besides:
        query = query.where(board.c.incident.not_in(list(besides)))
    found: datetime | None = connection.scalar(query)
    return found
