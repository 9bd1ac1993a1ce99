"""The board gives lists, page by page, and says when to look again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from incident.levels import Level
from incident.store import board
from incident.store.board import BoardRow, Filter
from incident.store.engine import changing, reading

AT = datetime(2026, 3, 1, 2, 0, tzinfo=UTC)
BASE = BoardRow(
    incident="i1",
    number=1,
    code="C1",
    seq=5,
    position=5,
    phase="activated",
    over=False,
    rank=3,
    unit="beijing-it",
    drill=None,
    dedup_key=None,
    wake_at=AT,
    opened_at=AT,
    closed_at=None,
    last_seen=AT,
    row='{"code":"C1"}',
    words="c1 机房断电 data centre down",
)


def row(number: int, **changes: object) -> BoardRow:
    named = {"incident": f"i{number}", "number": number, "code": f"C{number}", "words": f"c{number} pump"}
    return replace(BASE, **{**named, **changes})  # type: ignore[arg-type]


@pytest.fixture
def filled(engine: Engine) -> Engine:
    """Seven incidents: 1 to 4 open of every level, 5 closed, 6 a drill, 7 merged."""
    rows = [
        row(1, words=BASE.words),
        row(2, rank=2, wake_at=AT + timedelta(minutes=5), phase="handling"),
        row(3, rank=1, wake_at=AT - timedelta(minutes=5), unit="hq"),
        row(4, rank=0, wake_at=None),
        row(5, over=True, phase="closed", wake_at=None, closed_at=AT),
        row(6, drill="d1", wake_at=AT),
        row(7, over=True, phase="merged", wake_at=None),
    ]
    with changing(engine) as connection:
        board.add(connection, rows)
    return engine


def numbers(engine: Engine, wanted: Filter, **page: int) -> list[int]:
    with reading(engine) as connection:
        return [listed.number for listed in board.listing(connection, wanted, **page)]


def test_pages_follow_each_other_without_a_double(filled: Engine) -> None:
    assert numbers(filled, Filter(), limit=3) == [7, 6, 5]
    assert numbers(filled, Filter(), limit=3, before=5) == [4, 3, 2]
    assert numbers(filled, Filter(), limit=3, before=2) == [1]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Filter(phase="open"), [6, 4, 3, 2, 1]),
        (Filter(phase="closed"), [5]),
        (Filter(level=Level.CRITICAL, phase="open"), [6, 1]),
        (Filter(level=Level.LOW), [4]),
        (Filter(drill=True), [6]),
        (Filter(drill=False, phase="open"), [4, 3, 2, 1]),
        (Filter(unit="hq"), [3]),
        (Filter(q="机房"), [1]),
        (Filter(q="Centre DATA"), [1]),
        (Filter(q="pump"), [7, 6, 5, 4, 3, 2]),
        (Filter(q="%"), []),
        (Filter(q="c_"), []),
    ],
)
def test_filters(filled: Engine, wanted: Filter, found: list[int]) -> None:
    assert numbers(filled, wanted) == found


def test_a_phase_that_does_not_exist_is_an_error(filled: Engine) -> None:
    with pytest.raises(ValueError, match="asleep"):
        numbers(filled, Filter(phase="asleep"))


def test_open_incidents_are_counted_by_level(filled: Engine) -> None:
    with reading(filled) as connection:
        everything, real = board.counts(connection), board.counts(connection, drill=False)
    assert everything == {Level.CRITICAL: 2, Level.HIGH: 1, Level.MEDIUM: 1, Level.LOW: 1}
    assert real[Level.CRITICAL] == 1


def test_one_is_found_by_its_id_and_by_its_code(filled: Engine) -> None:
    with reading(filled) as connection:
        by_id, by_code = board.get(connection, "i2"), board.get(connection, "c2")
        assert by_id == by_code
        assert by_id is not None
        assert board.get(connection, "nobody") is None


def test_what_is_due_comes_longest_overdue_first(filled: Engine) -> None:
    with reading(filled) as connection:
        assert board.due(connection, AT, 10)[0] == "i3"
        assert sorted(board.due(connection, AT, 10)) == ["i1", "i3", "i6"]
        assert board.due(connection, AT, 1) == ["i3"]
        assert board.due(connection, AT - timedelta(hours=1), 10) == []
        assert board.next_wake(connection) == AT - timedelta(minutes=5)
        assert board.next_wake(connection, besides=["i3"]) == AT


def test_a_renewed_row_keeps_its_repeats(filled: Engine) -> None:
    later = AT + timedelta(minutes=1)
    with changing(filled) as connection:
        board.repeated(connection, {"i1": (3, later)})
        board.repeated(connection, {"i1": (2, later), "i2": (1, later)})
        board.refresh(connection, [row(1, seq=6, position=9, phase="handling", row='{"code":"C1","seq":6}')])
    with reading(filled) as connection:
        found = board.get(connection, "i1")
        standing = board.standings(connection, ["i1", "i2", "nobody"])
    assert found is not None
    assert (found.repeats, found.last_seen, found.position) == (5, later, 9)
    assert found.as_dict() == {"code": "C1", "seq": 6, "repeats": 5}
    assert {incident: (s.seq, s.repeats) for incident, s in standing.items()} == {"i1": (6, 5), "i2": (5, 1)}


def test_codes_count_on(engine: Engine) -> None:
    with changing(engine) as connection:
        assert board.last_number(connection) == 0
        board.add(connection, [row(41)])
        assert board.last_number(connection) == 41
