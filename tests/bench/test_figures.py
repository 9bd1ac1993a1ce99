"""What a bench says must be what it measured."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from bench import report
from bench.figures import OURS, Figure, Run, percentile, rows
from bench.processes import Failed, tail
from bench.provider import Provider
from bench.report import Failure, Measured
from bench.walls import ENTRY
from web.hub import event


def a_run(target: str, ms: float, number: int = 1) -> Run:
    return Run("one at a time", target, (Figure("p50", ms, "ms"),), round=number)


def test_each_figure_is_the_median_and_the_ratio_that_of_the_rounds() -> None:
    measured = [(OURS, 2, 1), ("peer", 1, 1), ("peer", 3, 2), (OURS, 9, 2), (OURS, 4, 3), ("peer", 4, 3)]
    runs = [a_run(*one) for one in measured]
    assert rows(runs) == [("one at a time", "p50, ms", "4.0", "3.0 (peer)", "2.00 x")]


def test_without_the_peer_there_is_no_ratio() -> None:
    assert rows([a_run(OURS, 2)]) == [("one at a time", "p50, ms", "2.0", "-", "-")]


def test_a_round_that_only_one_of_them_survived_makes_no_ratio() -> None:
    runs = [a_run(OURS, 2, 1), a_run(OURS, 8, 2), a_run("peer", 4, 2)]
    assert rows(runs) == [("one at a time", "p50, ms", "5.0", "4.0 (peer)", "2.00 x")]


def test_percentiles_are_ranks_that_were_measured() -> None:
    assert percentile(range(101), 0.5) == 50
    assert percentile([3.0, 1.0, 2.0], 0.99) == 3.0
    with pytest.raises(ValueError, match="no values"):
        percentile([], 0.5)


def test_the_double_keeps_the_first_arrival_and_answers_like_the_provider() -> None:
    double = Provider()
    first = double.answer(b"/2010-04-01/Accounts/AC0/Messages.json", b"Body=C1+m7x3+down", 5)
    double.answer(b"/hook", b'{"mark": "m7x3", "title": "m7x3 down"}', 9)
    assert first.startswith(b"HTTP/1.1 201 ")
    assert b'"sid": "SM' in first
    assert double.marks == {b"m7x3": 5}
    assert double.again == {b"m7x3": 1}
    assert told(double, b"/count") == {"marks": 1, "requests": 2, "again": 1}
    told(double, b"/clear")
    assert told(double, b"/marks") == {}
    assert double.told(b"/hook", b"m1x1") is None


def told(double: Provider, path: bytes) -> object:
    answer = double.told(path, b"")
    assert answer is not None
    return json.loads(answer.partition(b"\r\n\r\n")[2])


def test_a_wall_finds_every_entry_as_the_hub_writes_it() -> None:
    sent = event("snapshot", "{}", 3) + event("entry", '{"position": 4}', 4) + event("heartbeat", "{}", None)
    sent += event("entry", '{"position": 5}', 5)
    assert [int(found[1]) for found in ENTRY.finditer(sent)] == [4, 5]


def measured(scenario: str) -> Measured:
    runs = [replace(run, scenario=scenario, part="pages") for run in (a_run(OURS, 2), a_run("peer", 1))]
    return Measured(rounds=3, command="--write", runs=runs)


def test_the_report_replaces_its_table_and_keeps_what_stands_around_it(tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    report.write(page, measured("one at a time"))
    page.write_text(page.read_text(encoding="utf-8") + "\nA remark.\n", encoding="utf-8")
    report.write(page, measured("again"))
    text = page.read_text(encoding="utf-8")
    assert "| again | p50, ms | 2.0 | 1.0 (peer) | 2.00 x |" in text
    assert "one at a time" not in text
    assert text.endswith("A remark.\n")
    page.write_text("no marks", encoding="utf-8")
    with pytest.raises(Failed, match="marks"):
        report.write(page, measured("again"))


def test_a_part_that_failed_stands_in_the_table_and_in_the_json() -> None:
    found = replace(measured("again"), failures=[Failure("storm.one", 2, "3 of 10 pages never came")])
    assert "| storm.one | failed in round 2: 3 of 10 pages never came |" in report.section(found)
    kept = json.loads(report.as_json(found))
    assert kept["failures"] == [{"part": "storm.one", "round": 2, "message": "3 of 10 pages never came"}]
    assert kept["runs"][0]["figures"] == {"p50": {"value": 2, "unit": "ms"}}


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
