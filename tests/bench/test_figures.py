"""What a bench says must be what it measured."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench.figures import OURS, Figure, Row, Run, percentile, rows
from bench.processes import tail
from bench.provider import Provider
from bench.walls import ENTRY
from tests.web.walls import line
from web.frames import event, framed


def a_run(target: str, ms: float, number: int = 1) -> Run:
    return Run("one at a time", target, (Figure("p50", ms, "ms"),), round=number)


def only(runs: list[Run]) -> Row:
    (row,) = rows(runs)
    return row


def test_each_figure_is_the_median_and_the_ratio_that_of_the_rounds() -> None:
    measured = [(OURS, 2, 1), ("peer", 1, 1), ("peer", 3, 2), (OURS, 9, 2), (OURS, 4, 3), ("peer", 4, 3)]
    row = only([a_run(*one) for one in measured])
    assert (row.scenario, row.title, row.own, row.beside(), row.times()) == (
        "one at a time",
        "p50, ms",
        4,
        "3.0 (peer)",
        "2.00 x",
    )
    assert row.rounds() == "2.0 to 9.0"


def test_without_the_peer_there_is_no_ratio() -> None:
    row = only([a_run(OURS, 2)])
    assert (row.own, row.beside(), row.times()) == (2, "-", "-")


def test_a_round_that_only_one_of_them_survived_makes_no_ratio() -> None:
    row = only([a_run(OURS, 2, 1), a_run(OURS, 8, 2), a_run("peer", 4, 2)])
    assert (row.own, row.ratio) == (5, 2)


def test_each_peer_has_a_row_in_the_same_order_whoever_was_first() -> None:
    runs = [a_run("b", 1), a_run("a", 4), a_run(OURS, 2)]
    assert [(row.peer, row.ratio) for row in rows(runs)] == [("a", 0.5), ("b", 2)]


def test_percentiles_are_ranks_that_were_measured() -> None:
    assert percentile(range(101), 0.5) == 50
    assert percentile([3.0, 1.0, 2.0], 0.99) == 3.0
    with pytest.raises(ValueError, match="no values"):
        percentile([], 0.5)


def test_the_double_keeps_the_first_arrival_and_answers_like_the_provider() -> None:
    double = Provider()
    first = double.answer(
        b"/2010-04-01/Accounts/AC0/Messages.json", b"Body=C1+bench7x3+down+https%3A%2F%2Fa.example%2Fam7x3Qm12x1", 5
    )
    double.answer(b"/hook", b'{"mark": "bench7x3", "title": "bench7x3 down"}', 9)
    assert first.startswith(b"HTTP/1.1 201 ")
    assert b'"sid": "SM' in first
    assert double.marks == {b"bench7x3": 5}
    assert double.again == {b"bench7x3": 1}
    assert told(double, b"/count") == {"marks": 1, "requests": 2, "again": 1}
    told(double, b"/clear")
    assert told(double, b"/marks") == {}
    assert double.told(b"/hook", b"bench1x1") is None


def told(double: Provider, path: bytes) -> object:
    answer = double.told(path, b"")
    assert answer is not None
    return json.loads(answer.partition(b"\r\n\r\n")[2])


def test_a_wall_finds_every_entry_as_the_hub_writes_it() -> None:
    sent = event("snapshot", '{"position": 3, "at": ""}', 3) + framed([line(4), line(5)])[1].data
    sent += event("heartbeat", '{"position": 5, "at": ""}', None) + framed([line(6)])[0].data
    assert [int(found[1]) for found in ENTRY.finditer(sent)] == [5, 6]


def test_the_tail_of_a_log_is_short_and_shows_the_end_of_an_exception(tmp_path: Path) -> None:
    log = tmp_path / "serve.log"
    assert tail(log) == []
    line = '{"event": "failed", "level": "error", "process": "web", "exception": "' + "x" * 5000 + ' ValueError: why"}'
    log.write_text(f"plain\n{line}\n", encoding="utf-8")
    plain, short = tail(log)
    assert plain == "plain"
    assert short.startswith("web error failed")
    assert short.endswith("ValueError: why")
    assert len(short) < 1000
