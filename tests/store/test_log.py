"""The log is numbered without a gap, chained, and gives back what was put into it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, Engine, delete, select, text, update

from incident.events import Entry, Event, Noted
from incident.store import log
from incident.store.chain import Proof, verify
from incident.store.codec import encode
from incident.store.engine import changing, reading, writing
from incident.store.log import Line
from incident.store.tables import log as table
from tests.store.samples import SAMPLES

AT = datetime(2026, 3, 1, 2, 14, 15, 123456, tzinfo=UTC)


def written(connection: Connection, events: Sequence[Event], incident: str = "a", first_seq: int = 1) -> list[Entry]:
    head = log.head(connection)
    entries = [
        Entry(head.position + n, incident, first_seq + n - 1, AT + timedelta(seconds=n), "person:li-wei", event)
        for n, event in enumerate(events, 1)
    ]
    log.append(connection, head, [Line(e, encode(e.event), None, "{}" if e is entries[-1] else None) for e in entries])
    return entries


def test_every_kind_of_event_comes_back_as_it_went_in(engine: Engine) -> None:
    with writing(engine) as connection:
        entries = written(connection, SAMPLES)
    with reading(engine) as connection:
        assert log.entries(log.of(connection, "a")) == entries
        assert log.entries(log.after(connection, 0)) == entries
        assert log.last_position(connection) == len(SAMPLES)


def test_readers_take_up_where_they_were(engine: Engine) -> None:
    with writing(engine) as connection:
        written(connection, [Noted(str(n)) for n in range(10)])
    with reading(engine) as connection:
        assert [line.position for line in log.after(connection, 3, limit=4)] == [4, 5, 6, 7]
        assert [line.seq for line in log.of(connection, "a", after_seq=7)] == [8, 9, 10]
        assert [line.seq for line in log.of(connection, "a", after_seq=2, limit=2)] == [3, 4]
        assert [entry.seq for entry in log.between(connection, "a", 4, 6)] == [4, 5, 6]
        assert log.after(connection, 10) == []


def test_many_histories_are_read_in_one_go_each_from_where_it_is_known(engine: Engine) -> None:
    with writing(engine) as connection:
        for incident in ("a", "b", "c"):
            written(connection, [Noted(incident)] * 4, incident)
    with reading(engine) as connection:
        found = log.histories(connection, {"a": 3, "b": 0, "c": 4})
    assert {incident: [e.seq for e in entries] for incident, entries in found.items()} == {
        "a": [4],
        "b": [1, 2, 3, 4],
        "c": [],
    }


def test_a_position_that_does_not_follow_is_refused(engine: Engine) -> None:
    entry = Entry(5, "a", 1, AT, "system", Noted("x"))
    with pytest.raises(ValueError, match="position 5 where 1 follows"), writing(engine) as connection:
        log.append(connection, log.head(connection), [Line(entry, encode(entry.event), None)])


def test_the_chain_of_a_sound_log_holds(engine: Engine) -> None:
    heard: list[tuple[int, int]] = []
    with writing(engine) as connection:
        written(connection, SAMPLES)
        written(connection, [Noted("x")], "b")
    with reading(engine) as connection:
        proof = verify(connection, lambda read, total: heard.append((read, total)))
    assert proof == Proof(len(SAMPLES) + 1, proof.head)
    assert proof.holds
    assert heard == [(len(SAMPLES) + 1, len(SAMPLES) + 1)]


def test_an_empty_log_holds(engine: Engine) -> None:
    with reading(engine) as connection:
        assert verify(connection).holds


def _change(connection: Connection) -> None:
    connection.execute(update(table).where(table.c.position == 5).values(body='{"text":"forged"}'))


def _change_time(connection: Connection) -> None:
    connection.execute(update(table).where(table.c.position == 5).values(at=AT))


def _change_author(connection: Connection) -> None:
    connection.execute(update(table).where(table.c.position == 5).values(by="person:maria"))


def _remove(connection: Connection) -> None:
    connection.execute(delete(table).where(table.c.position == 5))


def _swap(connection: Connection) -> None:
    connection.execute(text("UPDATE log SET position = -5 WHERE position = 5"))
    connection.execute(text("UPDATE log SET position = 5 WHERE position = 6"))
    connection.execute(text("UPDATE log SET position = 6 WHERE position = -5"))


def _remove_first(connection: Connection) -> None:
    connection.execute(delete(table).where(table.c.position == 1))


@pytest.mark.parametrize(
    ("forge", "bad", "what"),
    [
        (_change, 5, "changed"),
        (_change_time, 5, "changed"),
        (_change_author, 5, "changed"),
        (_remove, 5, "missing"),
        (_swap, 5, "changed"),
        (_remove_first, 1, "missing"),
    ],
)
def test_the_chain_names_the_first_entry_that_was_touched(
    engine: Engine, forge: Callable[[Connection], None], bad: int, what: str
) -> None:
    with writing(engine) as connection:
        written(connection, [Noted(str(n)) for n in range(10)])
    with changing(engine) as connection:
        forge(connection)
    with reading(engine) as connection:
        proof = verify(connection)
    assert (proof.bad, proof.what, proof.holds) == (bad, what, False)


def test_the_hash_covers_every_column_but_the_board_row(engine: Engine) -> None:
    with writing(engine) as connection:
        written(connection, [Noted("x")])
    for column, value in {"incident": "z", "seq": 9, "kind": "updated", "version": 7, "drill": "d", "by": "x"}.items():
        with changing(engine) as connection:
            before = connection.execute(select(table.c[column])).scalar_one()
            connection.execute(update(table).values({column: value}))
        with reading(engine) as connection:
            assert verify(connection).bad == 1, column
        with changing(engine) as connection:
            connection.execute(update(table).values({column: before}))
    with reading(engine) as connection:
        assert verify(connection).holds
