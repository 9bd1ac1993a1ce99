"""What is open stands in one line, however much of it there is, and no Critical is lost behind the rest."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from incident.levels import Level
from incident.store import board, lineup
from incident.store.board import BoardRow, Filter
from incident.store.engine import changing, reading
from incident.store.lineup import Order
from tests.store.test_board import row

OPEN = Filter(phase="open")


@pytest.fixture
def crowded(engine: Engine) -> Engine:
    """Twelve open Lows of which the newest are the most urgent, two Criticals: one loud, one far back; one closed."""
    rows: list[BoardRow] = [row(n, rank=0, turn=100 - n) for n in range(1, 13)]
    rows += [row(13, turn=1), row(14, turn=900, phase="handling"), row(15, turn=2, over=True, phase="closed")]
    with changing(engine) as connection:
        board.add(connection, rows)
    return engine


def test_the_line_is_the_walls_own_and_only_of_what_is_open(crowded: Engine) -> None:
    with reading(crowded) as connection:
        assert [one.number for one in lineup.standing(connection, OPEN)] == [13, *range(12, 0, -1), 14]
        assert lineup.count(connection, OPEN) == 14


def test_page_follows_page(crowded: Engine) -> None:
    with reading(crowded) as connection:
        pages = [lineup.standing(connection, OPEN, skip=skip, limit=5) for skip in (0, 5, 10, 15)]
    assert [[one.number for one in page] for page in pages] == [[13, 12, 11, 10, 9], [8, 7, 6, 5, 4], [3, 2, 1, 14], []]


def test_a_wall_that_holds_few_rows_still_holds_every_critical(crowded: Engine) -> None:
    with reading(crowded) as connection:
        assert [one.number for one in lineup.for_wall(connection, 3)] == [13, 12, 11, 14]
        assert len(lineup.for_wall(connection)) == 14


def test_a_row_of_an_older_release_comes_first_rather_than_never(crowded: Engine) -> None:
    with changing(crowded) as connection:
        board.add(connection, [row(16, turn=0)])
    with reading(crowded) as connection:
        assert lineup.standing(connection, OPEN, limit=1)[0].number == 16


@pytest.mark.parametrize(
    ("order", "first"),
    [
        (Order.LEVEL, [13, 14, 12]),
        (Order.DEADLINE, [13, 12, 11]),
        (Order.NEWEST, [14, 13, 12]),
        (Order.OLDEST, [1, 2, 3]),
        (Order.PHASE, [13, 12, 11]),
    ],
)
def test_every_order(crowded: Engine, order: Order, first: list[int]) -> None:
    with reading(crowded) as connection:
        assert [one.number for one in lineup.standing(connection, OPEN, order, limit=3)] == first


def test_filters_hold_in_the_line_too(crowded: Engine) -> None:
    with reading(crowded) as connection:
        assert lineup.count(connection, Filter(phase="open", level=Level.LOW, q="c1")) == 4
        assert lineup.count(connection, Filter(phase="handling")) == 1
