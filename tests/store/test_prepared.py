"""Statements that are put into words once: the same on both databases, and refused where they could not be."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine, Select, bindparam, column, select

from incident.store.engine import changing, reading
from incident.store.log import last_position
from incident.store.prepared import Prepared, among, listed
from incident.store.tables import phone_messages as messages

PUT = Prepared(
    messages.insert().values(
        number=bindparam("to"), body=bindparam("words"), direction="to_phone", at=bindparam("when"), incident=None
    ),
    *("words", "to", "when"),
)
SAYS = select(messages.c.number, messages.c.body, messages.c.at, messages.c.direction).order_by(messages.c.id)
SOME = Prepared(SAYS.where(among(messages.c.id, "ids"), messages.c.number != bindparam("not_to")), "ids", "not_to")


def test_values_stand_where_they_belong_and_come_as_they_lie(engine: Engine) -> None:
    with changing(engine) as connection:
        PUT.run(connection, "down %s ? :x", "+1", 7)
        PUT.each(connection, [("up", "+2", 8), ("up, 机房", "+3", 9)])
        PUT.each(connection, [])
        PUT.run(connection, "none", "+4", 10)
    with reading(engine) as connection:
        first = connection.execute(select(messages.c.id).order_by(messages.c.id)).scalars().all()[0]
        found = SOME.rows(connection, listed(first + n for n in range(3)), "+2")
        nothing = SOME.rows(connection, listed([]), "+2")
    assert [tuple(row) for row in found] == [("+1", "down %s ? :x", 7, "to_phone"), ("+3", "up, 机房", 9, "to_phone")]
    assert nothing == []


def test_a_value_that_is_missing_or_too_many_is_an_error(engine: Engine) -> None:
    with reading(engine) as connection:
        for values in (("[1]",), ("[1]", "+1", "+2")):
            with pytest.raises(ValueError, match="values for ids, not_to"):
                SOME.rows(connection, *values)
        assert last_position(connection) == 0


@pytest.mark.parametrize(
    ("statement", "parameters", "complaint"),
    [
        (SAYS.where(messages.c.number == bindparam("to")), ("too",), "no parameter too"),
        (SAYS.where(messages.c.id.in_([1, 2])), (), "written anew"),
        (select(column("x")).where(column("x") == bindparam("x")), (), "nobody gives x"),
    ],
)
def test_what_cannot_be_put_into_words_once_is_refused(
    engine: Engine, statement: Select[Any], parameters: tuple[str, ...], complaint: str
) -> None:
    with reading(engine) as connection, pytest.raises(ValueError, match=complaint):
        Prepared(statement, *parameters).rows(connection)
