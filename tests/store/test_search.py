"""Words are found in every language, in a history of any length, whatever is typed."""

from __future__ import annotations

from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine

from incident.levels import Level
from incident.store import board, lists, measured, postings, tokens
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


def note(connection: Connection, words: dict[int, str]) -> None:
    """As the clerk does it, who has then read up to the last of these."""
    postings.put(connection, list(words.items()))
    old = measured.mark(connection, measured.WORDS)
    assert measured.move(connection, old, Mark(1, max(words)), measured.WORDS)


@pytest.fixture
def history(engine: Engine) -> Engine:
    """Five that are over. The clerk has read the first four; the fifth is found the slow way."""
    with changing(engine) as connection:
        board.add(
            connection, [row(n, over=True, phase="closed", rank=n % 4, words=words) for n, words in WORDS.items()]
        )
        note(connection, {n: words for n, words in WORDS.items() if n < 5})
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
        note(connection, {n: f"c{n} pump" for n in range(1, 191)})
    with reading(engine) as connection:
        seen: list[int] = []
        while page := board.listing(connection, Filter(q="pump"), seen[-1] if seen else None, limit=7):
            seen += [one.number for one in page]
        assert seen == list(range(200, 0, -1))
        rare = board.listing(connection, Filter(q="pump", unit="hq"), limit=2)
        assert [one.number for one in rare] == [200, 160]


def test_a_beginning_that_very_many_words_have_is_found_all_the_same(
    history: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with changing(history) as connection:
        board.add(connection, [row(6, over=True, phase="closed", words="c6 pumps"), row(7, words="c7 puma")])
        note(connection, {5: WORDS[5], 6: "c6 pumps", 7: "c7 puma"})
    for few, many in ((256, 5_000), (0, 5_000), (0, 1)):
        monkeypatch.setattr(postings, "_FEW", few)
        monkeypatch.setattr(postings, "_MANY", many)
        assert found(history, "pump") == [6, 5, 4, 2]
        assert found(history, "pumps") == [6]
        assert found(history, "pum") == [7, 6, 5, 4, 2]


def through(engine: Engine, wanted: Filter, limit: int = 5) -> tuple[list[int], int]:
    """All that a list gives, and on how many pages."""
    seen: list[int] = []
    before, pages = None, 0
    with reading(engine) as connection:
        while pages == 0 or before is not None:
            rows, following = board.page(connection, wanted, before, limit)
            assert following is None or before is None or following < before
            seen, before, pages = seen + [one.number for one in rows], following, pages + 1
    return seen, pages


def _long(engine: Engine) -> None:
    """A hundred and forty that all have to do with a pump; of one unit every fourth, one of it merged; twenty are open,
    and thirty were not read yet."""
    with changing(engine) as connection:
        many = [
            row(
                n,
                over=n < 121,
                phase="merged" if n == 4 else "closed" if n < 121 else "handling",
                unit="hq" if n % 4 == 0 else "field",
                rank=n % 3,
            )
            for n in range(1, 141)
        ]
        board.add(connection, many)
        note(connection, {n: f"c{n} pump" for n in range(1, 111)})


@pytest.mark.parametrize("small", ["_UNREAD", "_PORTIONS", "_LOOKED", "_WINDOW", "LED", "STRETCH", None])
def test_whatever_a_page_leaves_to_the_next_one_is_found_there(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, small: str | None
) -> None:
    """Each of the limits to what one page reads is made small in turn."""
    few = {"_UNREAD": 7, "_PORTIONS": 1, "_LOOKED": 9, "_WINDOW": 3, "LED": (2, 5), "STRETCH": 16}
    if small in ("_PORTIONS", "STRETCH"):
        monkeypatch.setattr(postings, "_FIRST", 2)
        monkeypatch.setattr(postings, "_THEN", 2)
    if small == "LED":
        monkeypatch.setattr(lists, "_WINDOW", 3)
        monkeypatch.setattr(lists, "_TRIED", 1)
    if small is not None:
        monkeypatch.setattr(postings if small == "STRETCH" else lists, small, few[small])
    _long(engine)
    for wanted, numbers in _ALL_PAGES:
        assert through(engine, wanted)[0] == list(numbers), wanted


_ALL_PAGES: Final = (
    (Filter(q="pump"), range(140, 0, -1)),
    (Filter(q="pump", unit="hq"), range(140, 0, -4)),
    (Filter(q="pump", unit="hq", phase="merged"), [4]),
    (Filter(q="c10 pump", phase="closed"), [*range(109, 99, -1), 10]),
    (Filter(q="pump", level=Level.HIGH), range(140, 0, -3)),
    (Filter(unit="hq", phase="merged"), [4]),
    (Filter(unit="hq", level=Level.LOW, q="pump"), range(132, 0, -12)),
    (Filter(q="pump", drill=True), []),
    (Filter(q="pump valve"), []),
)


def test_what_was_amended_is_found_by_its_new_words_alone(history: Engine) -> None:
    with changing(history) as connection:
        board.refresh(connection, [row(2, over=True, phase="closed", words="c2 valve stuck")])
        postings.put(connection, [(2, "c2 valve stuck")])
    assert found(history, "valve") == [2]
    assert found(history, "pressure") == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40))
def test_whatever_is_typed_is_words_and_nothing_else(history: Engine, q: str) -> None:
    found(history, q)
    found(history, f"pump\" OR NEAR({q}*) ' :* | ! & -")


@given(st.text("数据中心宕机水泵ab1-_. ", max_size=30))
def test_a_text_is_found_by_itself_and_by_each_of_its_words(words: str) -> None:
    there = set(tokens.tokens(words))
    for question in (words, *words.split()):
        wanted = tokens.asked(question)
        assert set(wanted.whole) <= there
        assert all(any(token.startswith(begun) for token in there) for begun in wanted.begun)


@given(st.sets(st.integers(0, postings.STRETCH - 1)))
def test_bits_come_back_as_they_were_laid_down(places: set[int]) -> None:
    bits = sum(1 << place for place in places)
    lying = postings.packed(bits)
    assert postings.unpacked(lying) == bits
    assert len(lying) <= postings.STRETCH // 8
