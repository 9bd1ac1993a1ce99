"""A life as a mould: its rows with holes where a copy has its own names and times."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

from sqlalchemy import Connection, Table

from bench.history.lives import BEGINS, CUSTOMER, KEY, PLACE, SERIAL
from incident.store.derived import measures
from incident.store.tables import attempts, board, links, log, open_keys, outbox
from incident.store.types import Instant, micros

PLACED: Final = (log, board, open_keys, outbox, links, measures)
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
_BEGIN_S: Final = micros(BEGINS) // 1_000_000
_DELIVERED_AFTER: Final = timedelta(seconds=4)


@dataclass(slots=True)
class RowMould:
    """`plain` is the row; `moved` are the places of times, `written` those of texts, each a format string."""

    plain: list[Any]
    moved: list[int] = field(default_factory=list)
    written: list[tuple[int, Callable[..., str]]] = field(default_factory=list)

    def cast(self, shift: int, words: Sequence[str]) -> list[Any]:
        row = self.plain.copy()
        for place in self.moved:
            row[place] += shift
        for place, text in self.written:
            row[place] = text(*words)
        return row


@dataclass(slots=True)
class Mould:
    """All rows of one life. A copy's words are its id, number, place, serial, customer, key, tokens, then the times."""

    rows: dict[str, list[RowMould]]
    tokens: list[str]
    seconds: list[int]
    begin_s: int = _BEGIN_S

    def words(self, own: Sequence[str], begin_s: int) -> list[str]:
        moments = (datetime.fromtimestamp(begin_s + second, UTC).isoformat()[:19] for second in self.seconds)
        return [*own, *moments]


def mould(connection: Connection, incident: str) -> Mould:
    """The rows of one incident that was played, as a mould."""
    found = {table.name: _rows(connection, table, incident) for table in PLACED}
    number = found["board"][0][_place(board, "number")]
    tokens = [row[_place(links, "token")] for row in found["links"]]
    _deliver(found)
    for row in found["log"][:-1]:
        row[_place(log, "row")] = None
    made = Mould({}, tokens, [])
    marks = [incident, "", PLACE, SERIAL, CUSTOMER, KEY, *tokens]
    for name, rows in found.items():
        table = attempts if name == "attempts" else next(t for t in PLACED if t.name == name)
        made.rows[name] = [_row_mould(table, list(row), made, marks, number) for row in rows]
    return made


def _rows(connection: Connection, table: Table, incident: str) -> list[list[Any]]:
    """As they lie in the columns, each life's in the order in which it was written."""
    names = ", ".join(f'"{name}"' for name in [column.name for column in table.c])
    query = f"SELECT {names} FROM {table.name} WHERE incident = ? ORDER BY 1"
    return [list(row) for row in connection.exec_driver_sql(query, (incident,))]


def _deliver(found: dict[str, list[list[Any]]]) -> None:
    """The first message of a page went out and arrived, with an attempt beside it; later ones were taken back."""
    name = {column.name: place for place, column in enumerate(outbox.c)}
    found["attempts"] = []
    for row in found["outbox"]:
        if row[name["way"]] != "sms":
            continue
        at = row[name["not_before"]] + 300_000
        after = at + round(_DELIVERED_AFTER.total_seconds() * 1_000_000)
        changes = {"state": "delivered", "attempts": 1, "provider": "simulated", "provider_rank": 50}
        changes |= {"provider_status": "delivered", "sent_at": at, "settled_at": after}
        for column, value in changes.items():
            row[name[column]] = value
        row[name["body"]] = f"【紧急】{PLACE} 回复1接手 https://example.com/a/***"
        found["attempts"].append([0, row[name["id"]], at, "bench", "simulated", None, "sent", None, 12])


def _row_mould(table: Table, row: list[Any], made: Mould, marks: list[str], number: int) -> RowMould:
    cast = RowMould(row)
    for place, column in enumerate(table.c):
        value = row[place]
        if isinstance(column.type, Instant) and value is not None:
            cast.moved.append(place)
        elif isinstance(value, str):
            text = _holed(value, made, marks, number)
            if text is not None:
                cast.written.append((place, partial(_lowered, text) if column is board.c.words else text.format))
    return cast


def _lowered(text: str, *words: str) -> str:
    return text.format(*words).lower()


def _holed(text: str, made: Mould, marks: list[str], number: int) -> str | None:
    """The text as a format string, None when there is nothing in it that a copy has of its own."""
    holed = text.replace("{", "{{").replace("}", "}}")
    for place, mark in enumerate(marks):
        if mark:
            holed = holed.replace(mark, f"{{{place}}}")
    holed = re.sub(rf"\b([A-Za-z]){number}\b", r"\g<1>{1}", holed)

    def moment(found: re.Match[str]) -> str:
        second = int(datetime.fromisoformat(found[0]).replace(tzinfo=UTC).timestamp()) - _BEGIN_S
        if second not in made.seconds:
            made.seconds.append(second)
        return f"{{{len(marks) + made.seconds.index(second)}}}"

    holed = _TIME.sub(moment, holed)
    return holed if holed != text.replace("{", "{{").replace("}", "}}") else None


def _place(table: Table, column: str) -> int:
    return list(table.c.keys()).index(column)
