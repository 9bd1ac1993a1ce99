"""Which centres drill next, in a line for the board and a fact for the quiet wall."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from drills import sealed
from drills.calendar import PEOPLE, before, dues
from drills.score.seal import Altered
from incident.organisation import Organisation
from incident.store import drills
from web.kept import Kept
from web.say import Reader

NAMED: Final = 3
"""So many centres are named; of more only the number is said."""

_held: Final = Kept[tuple[str, str], Altered | None](60.0)
"""Whether a drill is void, for the board and the wall: they learn it within a minute, the pages of drills at once."""


def overdue(connection: Connection, organisation: Organisation, reader: Reader, position: int) -> str:
    """Empty while nobody is overdue, and in an installation where nothing has happened yet: it is no news there."""
    last = _last_by_unit(connection, reader.now.date())
    if not last and position == 0:
        return ""
    names = [reader.text(unit.name) for unit, _, late in dues(organisation, last, reader.now.date()) if late]
    if not names:
        return ""
    said = reader.words.n("actions.board", len(names))
    return said if len(names) > NAMED else reader.words.t("actions.board.named", said=said, names=_list(names, reader))


def upcoming(connection: Connection, organisation: Organisation, reader: Reader) -> str:
    """The next drill: the centres that are overdue, else whose turn it is first, and by when."""
    last = _last_by_unit(connection, reader.now.date())
    found = dues(organisation, last, reader.now.date())
    if not found or not last:
        return reader.words.t("actions.wall.none")
    late = [reader.text(unit.name) for unit, _, is_late in found if is_late]
    if len(late) > NAMED:
        return reader.words.n("actions.wall.overdue", len(late))
    if late:
        return reader.words.t("actions.wall.overdue_at", names=_list(late, reader))
    unit, day, _ = found[0]
    return reader.words.t("actions.wall.next", name=reader.text(unit.name), day=day)


def _last_by_unit(connection: Connection, today: date) -> Mapping[str, datetime]:
    """When people last drilled, by unit. A void drill is none; those so old that a centre is overdue anyway stand."""
    start = datetime.combine(before(today), datetime.min.time(), UTC) - timedelta(days=1)
    last = {unit: at for unit, at in drills.last_by_unit(connection, PEOPLE).items() if at < start}
    rows = drills.since(connection, start, PEOPLE)
    keys = {row.id: (str(connection.engine.url), row.id) for row in rows}
    fresh = [row for row in rows if not _held.has(keys[row.id])]
    found = sealed.void(connection, fresh) if fresh else {}
    for row in fresh:
        _held.put(keys[row.id], found.get(row.id))
    for row in rows:
        if _held.get(keys[row.id], lambda: None) is None:
            last[row.unit] = max(row.started_at, last.get(row.unit, row.started_at))
    return last


def _list(names: list[str], reader: Reader) -> str:
    return reader.words.t("list.comma").join(names)
