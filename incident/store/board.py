"""The board: one row an incident, for lists and walls, with the one column that says when the watch must look again."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Select, and_, bindparam, case, func, or_, select, type_coerce, update

from incident import marks
from incident.levels import Level
from incident.state import Phase
from incident.store import measured, search
from incident.store.bulk import BulkInsert
from incident.store.tables import board
from incident.store.types import Big, micros


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
_REPEAT: Final = (
    update(board)
    .where(board.c.incident == bindparam("of"))
    .values(
        repeats=board.c.repeats + bindparam("more"),
        last_seen=bindparam("seen"),
        burst=case((_same_minute, _came + bindparam("more")), else_=bindparam("more")),
        burst_from=case((_same_minute, _burst_began), else_=bindparam("us", type_=Big)),
    )
)
LISTED: Final = (
    board.c.incident,
    board.c.number,
    board.c.position,
    board.c.repeats,
    board.c.last_seen,
    board.c.row,
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
    if seen:
        connection.execute(
            _REPEAT,
            [{"of": incident, "more": more, "seen": at, "us": micros(at)} for incident, (more, at) in seen.items()],
        )


def standings(connection: Connection, incidents: Iterable[str]) -> dict[str, Standing]:
    """How far each of these incidents has come; those that do not exist are left out."""
    columns = (board.c.incident, board.c.seq, board.c.position, board.c.wake_at, board.c.repeats)
    rows = connection.execute(select(*columns).where(board.c.incident.in_(list(incidents))))
    return {row[0]: Standing(*row[1:]) for row in rows}


def words(connection: Connection, incidents: Collection[str]) -> list[tuple[int, str]]:
    """Number and words of each of these incidents."""
    query = select(board.c.number, board.c.words).where(board.c.incident.in_(list(incidents)))
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


def listing(connection: Connection, wanted: Filter, before: int | None = None, limit: int = 50) -> list[Listed]:
    """The newest first. The next page begins `before` the last one's number; see `page` for one that knows its end."""
    return page(connection, wanted, before, limit)[0]


def page(
    connection: Connection, wanted: Filter, before: int | None = None, limit: int = 50
) -> tuple[list[Listed], int | None]:
    """The newest first, and the cursor of the next page; None at the end.

    A page of a search may be short before that: when words that are common and filters that fit few of them would have
    all of the history looked through, the rest is left to the next page.
    """
    question = search.asked(wanted.q) if wanted.q else None
    if question is None or _is_open(wanted.phase):
        return _cut(_newest(connection, wanted, before, limit + 1), limit)
    if not question:
        return [], None
    indexed = measured.mark(connection).number
    found = _newest(connection, wanted, before, limit + 1, after=indexed)
    below = indexed + 1 if before is None else min(before, indexed + 1)
    question, looked, window = search.settled(connection, question), 0, limit + 1
    while len(found) <= limit:
        numbers = search.numbers(connection, question, below, window)
        found += _among(connection, wanted, numbers, limit + 1 - len(found))
        if len(numbers) < window:
            return _cut(found, limit)
        below, looked, window = numbers[-1], looked + len(numbers), min(8 * window, _WINDOW)
        if looked >= _LOOKED and len(found) <= limit:
            return found, below
    return _cut(found, limit)


def _cut(found: list[Listed], limit: int) -> tuple[list[Listed], int | None]:
    return found[:limit], found[limit - 1].number if len(found) > limit else None


_WINDOW: Final = 4_000
"""Numbers that are taken from the index of words at once, while filters leave few of them."""
_LOOKED: Final = 10_000
"""Numbers that one page of a search looks through at the most."""
_OPEN_PHASES: Final = frozenset(str(phase) for phase in Phase if not phase.over) | {"open"}


def _is_open(phase: str | None) -> bool:
    """Whether only what is open is asked for: few enough that every row can be looked at."""
    return phase in _OPEN_PHASES


def _newest(
    connection: Connection, wanted: Filter, before: int | None, limit: int, after: int | None = None
) -> list[Listed]:
    query = where(select(*LISTED), wanted)
    if before is not None:
        query = query.where(board.c.number < before)
    if after is not None:
        query = query.where(board.c.number > after)
    return [listed(row) for row in connection.execute(query.order_by(board.c.number.desc()).limit(limit))]


def _among(connection: Connection, wanted: Filter, numbers: Sequence[int], limit: int) -> list[Listed]:
    query = where(select(*LISTED), wanted).where(board.c.number.in_(numbers))
    return [listed(row) for row in connection.execute(query.order_by(board.c.number.desc()).limit(limit))]


def counts(connection: Connection, *, drill: bool | None = None) -> dict[Level, int]:
    """How many incidents are open at each level."""
    query = select(board.c.rank, func.count()).where(board.c.over.is_(False)).group_by(board.c.rank)
    found = {row[0]: row[1] for row in connection.execute(_drills(query, drill))}
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


def where(query: Select[Any], wanted: Filter) -> Select[Any]:
    """The query, for what is wanted only.

    One condition finds the rows by its index, the narrowest by what it means: what is open, drills, a unit, a level.
    The others are put so that no index serves them: a planner that knows no numbers would read all of a unit's history
    for the few of it that are open.
    """
    if wanted.phase == "open":
        query = query.where(board.c.over.is_(False))
    elif wanted.phase is not None:
        query = query.where(board.c.phase == str(Phase(wanted.phase)), board.c.over.is_(Phase(wanted.phase).over))
    led = _is_open(wanted.phase) or wanted.drill is True
    if wanted.unit is not None:
        query = query.where((func.coalesce(board.c.unit, "") if led else board.c.unit) == wanted.unit)
    if wanted.level is not None:
        narrow = led and wanted.phase != "open"
        query = query.where((func.coalesce(board.c.rank, 0) if narrow else board.c.rank) == wanted.level.rank)
    for word in search.plain(wanted.q or "").split():
        query = query.where(board.c.words.contains(word, autoescape=True))
    return _drills(query, wanted.drill)


def _drills(query: Select[Any], drill: bool | None) -> Select[Any]:
    """Test pages are in no list: they are evidence of their person, found there."""
    no_test = board.c.drill.not_like(f"{marks.TEST}%")
    if drill is None:
        return query.where(or_(board.c.drill.is_(None), no_test))
    return query.where(and_(board.c.drill.is_not(None), no_test) if drill else board.c.drill.is_(None))


def listed(row: Any) -> Listed:
    return Listed(*row)
