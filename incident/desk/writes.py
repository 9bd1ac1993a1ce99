"""What a batch writes, in bulk: one statement a table, however many commands it took together."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from pydantic_core import to_json
from sqlalchemy import Connection

from incident.deadlines import wake_at
from incident.orders import PAGE, Cancel
from incident.record.urgency import turn
from incident.state import Incident
from incident.store import board, claims, documents, idempotency, links, log, outbox
from incident.store.board import BoardRow
from incident.store.documents import Document
from incident.store.idempotency import Answered
from incident.store.links import Link
from incident.store.log import Head, Line
from incident.store.outbox import Ordered
from incident.store.tokens import plain


@dataclass(slots=True)
class Writes:
    """In the order in which things came about. `opened` and `changed` name incidents whose board rows are to be made
    or renewed; `keys` gives dedup keys to incidents, `merged` hands an incident's keys on to another's."""

    lines: list[Line] = field(default_factory=list)
    opened: dict[str, datetime] = field(default_factory=dict)
    changed: dict[str, None] = field(default_factory=dict)
    repeats: dict[str, tuple[int, datetime]] = field(default_factory=dict)
    orders: list[Ordered | Cancel] = field(default_factory=list)
    links: dict[tuple[str, str], Link] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    merged: dict[str, str] = field(default_factory=dict)
    particulars: list[tuple[str, str, str]] = field(default_factory=list)
    documents: dict[str, Document] = field(default_factory=dict)
    answers: list[Answered] = field(default_factory=list)

    def add(self, more: Writes) -> None:
        """Take in what one more request writes, after what is here."""
        self.lines += more.lines
        self.opened |= more.opened
        self.changed |= more.changed
        for incident, (count, at) in more.repeats.items():
            self.repeats[incident] = (self.repeats.get(incident, (0, at))[0] + count, at)
        self.orders += more.orders
        self.links |= more.links
        self.keys |= more.keys
        self.merged |= more.merged
        self.particulars += more.particulars
        self.documents |= more.documents
        self.answers += more.answers

    def __bool__(self) -> bool:
        return any((self.lines, self.changed, self.repeats, self.answers))

    def sends(self) -> list[Ordered]:
        """The messages to put into the outbox. A page that a later command took back is kept, but never waits."""
        found: list[Ordered] = []
        pages: dict[str, list[int]] = {}
        for order in self.orders:
            if isinstance(order, Cancel):
                for index in pages.get(order.incident, ()):
                    if order.person in (None, found[index].send.person):
                        found[index] = found[index]._replace(cancelled=True)
            else:
                if order.send.purpose == PAGE:
                    pages.setdefault(order.send.incident, []).append(len(found))
                found.append(order)
        return found

    def cancelled(self) -> list[Cancel]:
        """Whose pages that waited before this batch are no longer wanted."""
        return [order for order in self.orders if isinstance(order, Cancel) and order.incident not in self.opened]


class Row:
    """A board row, and its JSON, which is made once for log, board and whoever else wants it."""

    __slots__ = ("_text", "fields")

    def __init__(self, fields: dict[str, object]) -> None:
        self.fields: Final = fields
        self._text: str | None = None

    @property
    def text(self) -> str:
        if self._text is None:
            self._text = to_json(self.fields).decode()
        return self._text


@dataclass(frozen=True, slots=True)
class Standing:
    """An incident as the batch leaves it: its state, its board row, the position of its last entry."""

    state: Incident
    row: Row
    position: int


def write(
    connection: Connection,
    writes: Writes,
    *,
    head: Head,
    after: Mapping[str, Standing],
    sends: Sequence[Ordered],
    held: Collection[str],
    now: datetime,
) -> None:
    """Write all of it after `head`. `after` holds every incident that is opened or changed, `sends` is
    `writes.sends()`, `held` the dedup keys that stand already."""
    log.append(connection, head, writes.lines)
    board.add(connection, [_board_row(after[one], at) for one, at in writes.opened.items()])
    renewed = [one for one in writes.changed if one not in writes.opened]
    board.refresh(connection, [_board_row(after[one], now) for one in renewed])
    board.repeated(connection, writes.repeats)
    claims.take(connection, writes.keys, held)
    claims.inherit(connection, writes.merged)
    outbox.cancel_pages(connection, writes.cancelled(), now)
    outbox.add(connection, sends)
    links.add(connection, list(writes.links.values()))
    claims.put_particulars(connection, writes.particulars)
    documents.keep(connection, list(writes.documents.values()), now)
    idempotency.add(connection, writes.answers)


def _board_row(standing: Standing, last_seen: datetime) -> BoardRow:
    state, report = standing.state, standing.state.report
    words = (report.code, report.title, report.place, report.product, report.serial, report.customer, report.symptom)
    return BoardRow(
        incident=state.id,
        number=int(report.code[1:]),
        code=report.code,
        seq=state.seq,
        position=standing.position,
        phase=str(state.phase),
        over=state.phase.over,
        rank=state.level.rank,
        unit=report.unit,
        drill=report.drill,
        dedup_key=report.dedup_key,
        wake_at=wake_at(state),
        opened_at=state.opened_at,
        closed_at=state.closed_at,
        last_seen=last_seen,
        row=standing.row.text,
        words=plain(" ".join(word for word in words if word)),
        turn=turn(standing.row.fields),
    )
