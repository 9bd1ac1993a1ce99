"""What test pages have proved: for each person the last one, and what became of it. Read off the log."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Connection, Select, func, select

from incident.marks import TEST, tested
from incident.store.tables import board, log


class Became(StrEnum):
    """What became of a test page."""

    ANSWERED = "answered"
    UNREACHABLE = "unreachable"
    SILENT = "silent"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class Proof:
    """A person's test page. `at` and `via` are of the answer, or of the failure; None while nothing has come."""

    person: str
    incident: str
    code: str
    asked_at: datetime
    became: Became
    at: datetime | None = None
    via: str | None = None


_ENDS: Final = {"acknowledged": Became.ANSWERED, "declined": Became.ANSWERED, "page_failed": Became.UNREACHABLE}


def last(connection: Connection) -> dict[str, Proof]:
    """Each person's last test page, by person. Reads the test pages' own rows, some dozens a month."""
    return _of(connection, _numbers())


def last_answered(connection: Connection) -> dict[str, Proof]:
    """Each person's last test page that was answered: since when nothing is proved."""
    answered = select(log.c.incident).where(
        log.c.incident == board.c.incident, log.c.kind.in_(("acknowledged", "declined"))
    )
    return _of(connection, _numbers().where(answered.exists()))


def _numbers() -> Select[Any]:
    marked = board.c.drill.is_not(None) & board.c.drill.like(f"{TEST}%")
    return select(func.max(board.c.number)).where(marked).group_by(board.c.drill)


def _of(connection: Connection, numbers: Select[Any]) -> dict[str, Proof]:
    columns = (board.c.incident, board.c.code, board.c.drill, board.c.opened_at, board.c.over)
    rows = connection.execute(select(*columns).where(board.c.number.in_(numbers))).all()
    ends = _ends(connection, [row.incident for row in rows])
    found: dict[str, Proof] = {}
    for row in rows:
        became, at, via = ends.get(row.incident, (Became.SILENT if row.over else Became.WAITING, None, None))
        person = tested(row.drill)
        found[person] = Proof(person, row.incident, row.code, row.opened_at, became, at, via)
    return found


def _ends(connection: Connection, incidents: Iterable[str]) -> dict[str, tuple[Became, datetime, str | None]]:
    columns = (log.c.incident, log.c.kind, log.c.at, log.c.body)
    query = select(*columns).where(log.c.incident.in_(list(incidents)), log.c.kind.in_(list(_ENDS)))
    return {
        row.incident: (_ENDS[row.kind], row.at, json.loads(row.body).get("via"))
        for row in connection.execute(query.order_by(log.c.position))
    }
