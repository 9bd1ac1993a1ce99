"""What a bench says must be what it measured."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import report
from bench.figures import OURS, Figure, Run, percentile, rows
from bench.processes import Failed, tail
from bench.provider import Provider
from bench.walls import ENTRY
from web.hub import event


def a_run(target: str, ms: float) -> Run:
    return Run("one at a time", target, (Figure("p50", ms, "ms"),))


def test_each_figure_is_the_median_and_the_ratio_that_of_the_rounds() -> None:
    runs = [a_run(OURS, 2), a_run("peer", 1), a_run(OURS, 9), a_run("peer", 3), a_run(OURS, 4), a_run("peer", 4)]
    assert rows(runs) == [("one at a time", "p50, ms", "4.0", "3.0 (peer)", "2.00 x")]


def test_without_the_peer_there_is_no_ratio() -> None:
    assert rows([a_run(OURS, 2)]) == [("one at a time", "p50, ms", "2.0", "-", "-")]


def test_percentiles_are_ranks_that_were_measured() -> None:
    assert percentile(range(101), 0.5) == 50
    assert percentile([3.0, 1.0, 2.0], 0.99) == 3.0
    with pytest.raises(ValueError, match="no values"):
        percentile([], 0.5)


def test_the_double_keeps_the_first_arrival_and_answers_like_the_provider() -> None:
    double = Provider()
    first = double.answer(b"/2010-04-01/Accounts/AC0/Messages.json", b"Body=C1+m7x3+down", 5)
    double.answer(b"/hook", b'{"mark": "m7x3"}', 9)
    assert first.startswith(b"HTTP/1.1 201 ")
    assert b'"sid": "SM' in first
    assert double.marks == {b"m7x3": 5}
    double.answer(b"/clear", b"", 10)
    assert double.marks == {}


def test_a_wall_finds_every_entry_as_the_hub_writes_it() -> None:
    sent = event("snapshot", "{}", 3) + event("entry", '{"position": 4}', 4) + event("heartbeat", "{}", None)
    sent += event("entry", '{"position": 5}', 5)
    assert [int(found[1]) for found in ENTRY.finditer(sent)] == [4, 5]


def test_the_report_replaces_its_table_and_keeps_what_stands_around_it(tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    found = [("one at a time", "p50, ms", "4.0", "3.0 (peer)", "2.00 x")]
    report.write(page, found, rounds=3, command="")
    page.write_text(page.read_text(encoding="utf-8") + "\nA remark.\n", encoding="utf-8")
    report.write(page, [("again", *found[0][1:])], rounds=3, command="--write")
    text = page.read_text(encoding="utf-8")
    assert "| again | p50, ms | 4.0 | 3.0 (peer) | 2.00 x |" in text
    assert "one at a time" not in text
    assert text.endswith("A remark.\n")
    page.write_text("no marks", encoding="utf-8")
    with pytest.raises(Failed, match="marks"):
        report.write(page, found, rounds=3, command="")


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
