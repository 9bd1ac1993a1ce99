"""Which pages of a person still wait for an answer, as far as the board and the outbox can tell."""

from __future__ import annotations

import json
from typing import Final

from sqlalchemy import BindParameter, ColumnElement, Connection, bindparam, func, literal_column, select, true

from incident.orders import OFFER, PAGE, QUIET
from incident.store.prepared import Prepared
from incident.store.tables import board, outbox

_UNANSWERED = ("graded", "activated")


def open_pages(connection: Connection, person: str, limit: int = 50) -> list[str]:
    """The incidents that nobody has taken and that this person was paged for, the newest first."""
    return [incident for (incident,) in _OPEN.rows(connection, person, limit)]


def _paged(person: str | BindParameter[str], purposes: tuple[str, ...] = (PAGE, QUIET)) -> ColumnElement[bool]:
    """Asked for each open incident by itself, by the incident's index: whom somebody was ever paged for grows for ever.

    A subquery of one row, and a person that no index serves: otherwise a planner reads all that the person ever got.
    """
    asked = outbox.c.purpose.in_([literal_column(f"'{purpose}'") for purpose in purposes])
    sent = select(outbox.c.id).where(outbox.c.incident == board.c.incident, asked)
    return sent.where(func.coalesce(outbox.c.person, "") == person).limit(1).scalar_subquery().is_not(None)


_OPEN: Final = Prepared(
    select(board.c.incident)
    .where(board.c.over.is_(False), board.c.phase.in_([literal_column(f"'{phase}'") for phase in _UNANSWERED]))
    .where(_paged(bindparam("person")))
    .order_by(board.c.number.desc())
    .limit(bindparam("most")),
    *("person", "most"),
)


def others_open(connection: Connection, *, person: str, incident: str) -> int:
    """How many other incidents wait for this person's answer, counted to two: one is enough to ask for a code."""
    return len([name for name in open_pages(connection, person, limit=3) if name != incident][:2])


def paged_for(
    connection: Connection, person: str, ended: int = 10, *, code: str | None = None, incident: str | None = None
) -> list[tuple[str, dict[str, object]]]:
    """The incidents that this person was ever paged for or offered the command of, with their board rows, the newest
    first: those that are not over, and the last ones that are, so that an answer that comes too late can be told so.

    What is named, by its code or its id, is among them however many are newer.
    """
    sent = select(outbox.c.incident).where(outbox.c.person == person, outbox.c.purpose == PAGE)
    last = list(connection.scalars(sent.order_by(outbox.c.id.desc()).limit(5 * ended)))
    asked = _paged(person, (PAGE, QUIET, OFFER))
    is_open = board.c.over.is_(False) & asked
    is_recent = board.c.incident.in_(last) & (func.coalesce(board.c.over, False) == true())
    found: list[tuple[str, dict[str, object]]] = []
    for wanted, limit in ((is_open, 50), (is_recent, ended)):
        query = select(board.c.incident, board.c.row).where(wanted).order_by(board.c.number.desc()).limit(limit)
        found += [(row.incident, json.loads(row.row)) for row in connection.execute(query)]
    if code is not None or incident is not None:
        named = board.c.code == code if incident is None else board.c.incident == incident
        row = connection.execute(select(board.c.incident, board.c.row).where(named, asked)).first()
        if row is not None and row.incident not in [name for name, _ in found]:
            found.append((row.incident, json.loads(row.row)))
    return found
