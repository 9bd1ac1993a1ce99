"""Which centres drill next, in a line for the board and a fact for the quiet wall."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection

from drills.calendar import PEOPLE, dues
from incident.organisation import Organisation
from incident.store import drills
from web.say import Reader

NAMED: Final = 3
"""So many centres are named; of more only the number is said."""


def overdue(connection: Connection, organisation: Organisation, reader: Reader, position: int) -> str:
    """Empty while nobody is overdue, and in an installation where nothing has happened yet: it is no news there."""
    last = drills.last_by_unit(connection, PEOPLE)
    if not last and position == 0:
        return ""
    names = [reader.text(unit.name) for unit, _, late in dues(organisation, last, reader.now.date()) if late]
    if not names:
        return ""
    said = reader.words.n("actions.board", len(names))
    return said if len(names) > NAMED else reader.words.t("actions.board.named", said=said, names=_list(names, reader))


def upcoming(connection: Connection, organisation: Organisation, reader: Reader) -> str:
    """The next drill: the centres that are overdue, else whose turn it is first, and by when."""
    last = drills.last_by_unit(connection, PEOPLE)
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


def _list(names: list[str], reader: Reader) -> str:
    return reader.words.t("list.comma").join(names)
