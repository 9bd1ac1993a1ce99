"""The windows of planned maintenance as they are saved: one document in its version, and which one was acted on."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import Connection, select

from incident.maintenance import NO_WINDOWS, Windows
from incident.store import directory, meta
from incident.store.tables import board

MAINTENANCE: Final = "maintenance"
_SEEN: Final = "maintenance_seen"

Edit = Callable[[Windows], Windows]


def load(connection: Connection) -> tuple[Windows, int]:
    """All windows and their version; none and 0 before any was saved."""
    saved = directory.get(connection, MAINTENANCE)
    return (Windows.model_validate_json(saved.body), saved.version) if saved else (NO_WINDOWS, 0)


def save(connection: Connection, windows: Windows, *, expected: int | None, at: datetime, by: str) -> int:
    """Save them in their next version. Raises Refused when somebody has saved since `expected`."""
    body = windows.model_dump_json(exclude_defaults=True)
    return directory.put(connection, MAINTENANCE, body, expected=expected, at=at, by=by)


def version(connection: Connection) -> int:
    return directory.version(connection, MAINTENANCE)


def seen(connection: Connection) -> int:
    """The version after which everything held was looked at again."""
    return int(meta.get(connection, _SEEN) or 0)


def see(connection: Connection, number: int) -> None:
    meta.put(connection, _SEEN, str(number))


class Held(NamedTuple):
    """An open incident that maintenance holds back, and the window that does."""

    incident: str
    code: str
    window: str


def held(connection: Connection) -> list[Held]:
    """All of them. Asked only when a window was changed, and by the page of the windows."""
    is_held = board.c.row.contains('"held":true')
    query = select(board.c.incident, board.c.code, board.c.row).where(board.c.over.is_(False), is_held)
    rows = connection.execute(query.order_by(board.c.number))
    return [Held(incident, code, json.loads(row)["maintenance"]["window"]) for incident, code, row in rows]
