"""The log: append-only, numbered without a gap, each entry chained to the one before it.

A position is given out inside a `writing` transaction, and only one of those runs at a time: a reader that has seen
position n will never later find something before n.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, select

from incident.events import Entry
from incident.store import driver
from incident.store.bulk import BulkInsert
from incident.store.chain import GENESIS, link
from incident.store.codec import Encoded, decode
from incident.store.tables import log
from incident.store.types import instant, micros


@dataclass(frozen=True, slots=True)
class Head:
    """The last position and its hash: what the next entry follows."""

    position: int
    hash: bytes


class Stored(NamedTuple):
    """An entry as it lies in the log: `body` and `row` are JSON text."""

    position: int
    incident: str
    seq: int
    at: datetime
    by: str
    kind: str
    version: int
    body: str
    drill: str | None
    row: str | None

    def entry(self) -> Entry:
        """The entry itself. Raises UnreadableEntry for a kind or version that this release does not know."""
        event = decode(self.kind, self.version, self.body)
        return Entry(self.position, self.incident, self.seq, self.at, self.by, event)


@dataclass(frozen=True, slots=True)
class Line:
    """A new entry with its JSON, ready to be appended. `row` goes with the last entry of a decision only."""

    entry: Entry
    encoded: Encoded
    drill: str | None
    row: str | None = None

    def stored(self) -> Stored:
        """As it will be read from the log."""
        entry = self.entry
        return Stored(
            entry.position, entry.incident, entry.seq, entry.at, entry.by, *self.encoded, self.drill, self.row
        )


_COLUMNS = (
    log.c.position,
    log.c.incident,
    log.c.seq,
    log.c.at,
    log.c.by,
    log.c.kind,
    log.c.version,
    log.c.body,
    log.c.drill,
    log.c.row,
)

_NAMES: Final = ", ".join(f'"{column.name}"' for column in _COLUMNS)
_AFTER: Final = {
    mark: f"SELECT {_NAMES} FROM log WHERE position > {mark} ORDER BY position LIMIT {mark}"  # noqa: S608 (names of ours)
    for mark in ("?", "%s")
}
"""In the driver's own words, for every tail reads every entry of everybody."""
_LAST = 200
_INSERT = BulkInsert(log, *(column.name for column in _COLUMNS), "hash")


def _stored(row: Any) -> Stored:
    return Stored(*row)


def head(connection: Connection) -> Head:
    """Where the log ends now. Only inside `writing` does it stay there."""
    row = connection.execute(select(log.c.position, log.c.hash).order_by(log.c.position.desc()).limit(1)).first()
    return Head(row.position, bytes(row.hash)) if row else Head(0, GENESIS)


@dataclass(frozen=True, slots=True)
class Beginning:
    """What each of the desk's transactions begins with: the log's end, the last code's number, the version of the
    organisation with what is known of its people's ways, and that of the maintenance windows; 0 when none was ever
    saved."""

    head: Head
    number: int
    organisation: int
    maintenance: int = 0


_BEGINNING = (
    "SELECT (SELECT max(number) FROM board),"
    " (SELECT sum(version) FROM directory WHERE name IN ('organisation', 'ways')),"
    " (SELECT version FROM directory WHERE name = 'maintenance'),"
    " (SELECT max(position) FROM log), (SELECT hash FROM log ORDER BY position DESC LIMIT 1)"
)


def beginning(connection: Connection) -> Beginning:
    """All of it in one look-up, in the driver's own words: it stands in the way of every single page."""
    [(number, organisation, windows, position, hash_)] = driver.rows(connection, _BEGINNING)
    return Beginning(Head(position or 0, bytes(hash_ or GENESIS)), number or 0, int(organisation or 0), windows or 0)


def last_position(connection: Connection) -> int:
    return connection.scalar(select(log.c.position).order_by(log.c.position.desc()).limit(1)) or 0


def last_at(connection: Connection) -> datetime | None:
    """The newest time among the last entries, by the clocks of whoever wrote them, which may differ."""
    last = connection.scalars(select(log.c.at).order_by(log.c.position.desc()).limit(_LAST))
    return max(last, default=None)


def append(connection: Connection, after: Head, lines: Sequence[Line]) -> Head:
    """Write all lines in one statement and return the new head. Their positions must follow `after` without a gap."""
    rows: list[tuple[object, ...]] = []
    previous = after.hash
    for number, line in enumerate(lines, after.position + 1):
        entry, (kind, version, body) = line.entry, line.encoded
        if entry.position != number:
            raise ValueError(f"position {entry.position} where {number} follows")
        incident, seq, at, by, drill = entry.incident, entry.seq, micros(entry.at), entry.by, line.drill
        previous = link(
            previous,
            position=number,
            incident=incident,
            seq=seq,
            at=at,
            by=by,
            kind=kind,
            version=version,
            drill=drill,
            body=body,
        )
        rows.append((number, incident, seq, at, by, kind, version, body, drill, line.row, previous))
    _INSERT(connection, rows)
    return Head(after.position + len(rows), previous)


def after(connection: Connection, position: int, limit: int = 500) -> list[Stored]:
    """The entries after a position, in order: the cursor of streams and webhooks."""
    query = _AFTER["?" if connection.dialect.paramstyle == "qmark" else "%s"]
    return [
        Stored(at, incident, seq, instant(us), by, kind, version, body, drill, row)
        for at, incident, seq, us, by, kind, version, body, drill, row in driver.rows(
            connection, query, (position, limit)
        )
    ]


def decisive(connection: Connection, after: int, upto: int, kinds: Collection[str]) -> list[Stored]:
    """The entries between two positions that are of these kinds or end a decision, in order."""
    wanted = log.c.kind.in_(sorted(kinds)) | log.c.row.is_not(None)
    query = select(*_COLUMNS).where(log.c.position > after, log.c.position <= upto, wanted)
    return [_stored(row) for row in connection.execute(query.order_by(log.c.position))]


def incidents(connection: Connection, after: int, upto: int, kinds: Collection[str]) -> list[str]:
    """The incidents of which there are entries of these kinds between two positions."""
    query = select(log.c.incident).where(log.c.position > after, log.c.position <= upto, log.c.kind.in_(sorted(kinds)))
    return list(connection.scalars(query.distinct()))


def of(connection: Connection, incident: str, after_seq: int = 0, limit: int | None = None) -> list[Stored]:
    """One incident's entries after a sequence number, in order."""
    query = select(*_COLUMNS).where(log.c.incident == incident, log.c.seq > after_seq).order_by(log.c.seq)
    return [_stored(row) for row in connection.execute(query if limit is None else query.limit(limit))]


def histories(connection: Connection, known: Mapping[str, int]) -> dict[str, list[Entry]]:
    """The entries of many incidents, each after the sequence number that is known of it, in one query."""
    if not known:
        return {}
    query = (
        select(*_COLUMNS)
        .where(log.c.incident.in_(list(known)), log.c.seq > min(known.values()))
        .order_by(log.c.incident, log.c.seq)
    )
    found: dict[str, list[Entry]] = {incident: [] for incident in known}
    for stored in map(_stored, connection.execute(query)):
        if stored.seq > known[stored.incident]:
            found[stored.incident].append(stored.entry())
    return found


def between(connection: Connection, incident: str, first: int, last: int) -> list[Entry]:
    """One incident's entries with sequence numbers from `first` to `last`."""
    query = select(*_COLUMNS).where(log.c.incident == incident, log.c.seq.between(first, last)).order_by(log.c.seq)
    return [_stored(row).entry() for row in connection.execute(query)]


def entries(stored: Iterable[Stored]) -> list[Entry]:
    return [line.entry() for line in stored]
