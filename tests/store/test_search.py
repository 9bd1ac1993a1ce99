"""Words are found in every language, in a history of any length, whatever is typed."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from incident.levels import Level
from incident.store import board, measured, search
from incident.store.board import Filter
from incident.store.engine import changing, reading
from incident.store.measured import Mark
from tests.store.test_board import row

WORDS = {
    1: "c1 data centre down 三号厅 数据中心宕机 sn-0001234 k00017",
    2: "c2 pump pressure lost hall 7 sn-0001235 müller & söhne",
    3: "c3 冷却水泵压力过低 hall 7 rack 12",
    4: "c4 pump house flooded 水 sn-0009999",
    5: "c5 pump down sn-1",
}


@pytest.fixture
def history(engine: Engine) -> Engine:
    """Five that are over. The clerk has read the first four; the fifth is found the slow way."""
    with changing(engine) as connection:
        board.add(
            connection, [row(n, over=True, phase="closed", rank=n % 4, words=words) for n, words in WORDS.items()]
        )
        search.put(connection, [(n, words) for n, words in WORDS.items() if n < 5])
        measured.move(connection, Mark(), Mark(1, 4))
    return engine


def found(engine: Engine, q: str, **more: object) -> list[int]:
    with reading(engine) as connection:
        return [one.number for one in board.listing(connection, Filter(q=q, **more))]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("q", "numbers"),
    [
        ("pump", [5, 4, 2]),
        ("PUMP down", [5]),
        ("pum", [5, 4, 2]),
        ("宕机", [1]),
        ("中心", [1]),
        ("压力 hall", [3]),
        ("数据中心宕机", [1]),
        ("数机", []),
        ("水", [4, 3]),
        ("低", [3]),
        ("sn-0001234", [1]),
        ("SN-00012", [2, 1]),
        ("0009999", [4]),
        ("k00017", [1]),
        ("c3", [3]),
        ("7", [3, 2]),
        ("müller", [2]),
        ("MÜLLER", [2]),
        ("ｐｕｍｐ", [5, 4, 2]),
        ("nothing of the kind", []),
        ("&", []),
    ],
)
def test_words_of_the_history(history: Engine, q: str, numbers: list[int]) -> None:
    assert found(history, q) == numbers


def test_filters_hold_beside_the_words(history: Engine) -> None:
    assert found(history, "pump", level=Level.LOW) == [4]
    assert found(history, "pump", phase="closed") == [5, 4, 2]
    assert found(history, "pump", phase="merged") == []
    assert found(history, "pump", phase="open") == []


def test_pages_of_the_history_follow_each_other(engine: Engine) -> None:
    with changing(engine) as connection:
        many = [row(n, over=True, phase="closed", unit="hq" if n % 40 == 0 else "field") for n in range(1, 201)]
        board.add(connection, many)
        search.put(connection, [(n, f"c{n} pump") for n in range(1, 191)])
        measured.move(connection, Mark(), Mark(1, 190))
    with reading(engine) as connection:
        seen: list[int] = []
        while page := board.listing(connection, Filter(q="pump"), seen[-1] if seen else None, limit=7):
            seen += [one.number for one in page]
        assert seen == list(range(200, 0, -1))
        rare = board.listing(connection, Filter(q="pump", unit="hq"), limit=2)
        assert [one.number for one in rare] == [200, 160]


def test_a_word_that_very_many_hold_is_taken_whole(history: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    with changing(history) as connection:
        board.add(connection, [row(6, over=True, phase="closed", words="c6 pumps")])
        search.put(connection, [(5, WORDS[5]), (6, "c6 pumps")])
        measured.move(connection, Mark(1, 4), Mark(2, 6))
    assert found(history, "pump") == [6, 5, 4, 2]
    monkeypatch.setattr(search, "COMMON", 3)
    assert found(history, "pump") == [5, 4, 2]
    assert found(history, "pumps") == [6]


def test_a_search_that_would_look_through_all_goes_on_on_the_next_page(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with changing(engine) as connection:
        many = [row(n, over=True, phase="closed", unit="hq" if n == 3 else "field") for n in range(1, 101)]
        board.add(connection, many)
        search.put(connection, [(n, f"c{n} pump") for n in range(1, 101)])
        measured.move(connection, Mark(), Mark(1, 100))
    monkeypatch.setattr(board, "_LOOKED", 20)
    seen, before, pages = [], None, 0
    with reading(engine) as connection:
        while pages == 0 or before is not None:
            rows, before = board.page(connection, Filter(q="pump", unit="hq"), before, limit=5)
            seen += [one.number for one in rows]
            pages += 1
    assert seen == [3]
    assert pages > 1


def test_what_was_amended_is_found_by_its_new_words_alone(history: Engine) -> None:
    with changing(history) as connection:
        board.refresh(connection, [row(2, over=True, phase="closed", words="c2 valve stuck")])
        search.put(connection, [(2, "c2 valve stuck")])
    assert found(history, "valve") == [2]
    assert found(history, "pressure") == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40))
def test_whatever_is_typed_is_words_and_nothing_else(history: Engine, q: str) -> None:
    found(history, q)
    found(history, f"pump\" OR NEAR({q}*) ' :* | ! & -")


@given(st.text("数据中心宕机水泵ab1-_. ", max_size=30))
def test_a_text_is_found_by_itself_and_by_each_of_its_words(words: str) -> None:
    there = set(search.tokens(words))
    for question in (words, *words.split()):
        wanted = search.asked(question)
        assert set(wanted.whole) <= there
        assert all(any(token.startswith(begun) for token in there) for begun in wanted.begun)
