"""The page says what was measured, beside whom, and whether it was enough; the chart says the same."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from bench import chart, report
from bench.__main__ import main
from bench.figures import OTHERS, OURS, Figure, Run
from bench.goals import Goal
from bench.parts import PARTS, chosen
from bench.processes import Failed
from bench.report import Failure, Measured

SVG = "{http://www.w3.org/2000/svg}"
LATE = Goal("a", "alone", "p99", 25, 10, drawn=True)
RATE = Goal("b", "storm", "accepted", 0.33, 1.0, more=True, beside="peer", drawn=True)


def a_run(scenario: str, target: str, ms: float, rate: float) -> Run:
    return Run(scenario, target, (Figure("p99", ms, "ms"), Figure("accepted", rate, "/s")), part="pages", round=1)


def measured(ms: float = 8, rate: float = 500) -> Measured:
    runs = [a_run(scenario, *one) for scenario in ("alone", "storm") for one in ((OURS, ms, rate), ("peer", 4, 1000))]
    return Measured(rounds=3, command="--write", goals=[LATE, RATE], runs=runs)


def page_in(folder: Path) -> Path:
    page = folder / "performance.md"
    page.write_text("Before.\n<!-- measured: begin -->\nold\n<!-- measured: end -->\nAfter.\n", encoding="utf-8")
    return page


def reached(found: Measured) -> list[str]:
    return [cells[-1] for cells in report.goal_cells(found)]


@pytest.mark.parametrize(
    ("ms", "rate", "said"),
    [(8, 1500, ["aim", "aim"]), (10, 1000, ["aim", "aim"]), (11, 330, ["yes", "yes"]), (26, 329, ["not yet"] * 2)],
)
def test_a_goal_is_reached_at_its_bound_and_not_beyond(ms: float, rate: float, said: list[str]) -> None:
    assert reached(measured(ms, rate)) == said


def test_a_goal_that_nothing_shows_is_not_measured() -> None:
    found = measured()
    found.runs = [run for run in found.runs if run.target == OURS]
    assert reached(found) == ["aim", "not measured"]
    found.runs = []
    assert reached(found) == ["not measured"] * 2


def test_a_goal_says_what_it_asks_for() -> None:
    assert LATE.said("ms") == "at most 25 ms, aim 10 ms"
    assert RATE.said("/s") == "at least 0.33 x, aim 1 x"
    assert Goal("e", "walls", "p99", None, 250).said("ms") == "aim at most 250 ms"


def test_the_page_gets_its_tables_and_keeps_what_stands_around_them(tmp_path: Path) -> None:
    page = page_in(tmp_path)
    report.write(page, measured())
    report.write(page, measured())
    text = page.read_text(encoding="utf-8")
    assert "| a | alone | p99, ms | 8.0 | 4.0 (peer) | 2.00 x | at most 25 ms, aim 10 ms | aim |" in text
    assert "| storm | accepted, /s | 500 | 500 to 500 | 1,000 (peer) | 0.50 x |" in text
    assert "old" not in text
    assert text.count("### Every figure") == 1
    assert text.startswith("Before.\n")
    assert text.endswith("After.\n")


def test_a_page_without_its_marks_is_left_alone(tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    page.write_text("no marks", encoding="utf-8")
    with pytest.raises(Failed, match="marks"):
        report.write(page, measured())


def test_a_part_that_failed_stands_on_the_page_and_in_the_json() -> None:
    found = replace(measured(), failures=[Failure("storm.one", 2, "3 of 10 pages never came")])
    assert "**storm.one failed in round 2:** 3 of 10 pages never came" in report.section(found)
    assert report.from_json(report.as_json(found), {"pages": found.goals, "walls": ()}) == found
    kept = json.loads(report.as_json(found))
    assert kept["failures"] == [{"part": "storm.one", "round": 2, "message": "3 of 10 pages never came"}]
    assert kept["runs"][0]["figures"]["p99"] == {"value": 8, "unit": "ms"}


def test_a_machine_that_others_had_is_owned_up_to() -> None:
    found, others = measured(), (Figure(OTHERS, 71.0, "%"),)
    assert "measure again" not in report.section(found)
    found.runs[0] = replace(found.runs[0], figures=(*found.runs[0].figures, *others))
    assert "**Others took up to 71 % of the machine meanwhile: measure again.**" in report.section(found)


def test_the_chart_counts_times_and_rates_the_same_way_round(tmp_path: Path) -> None:
    page = page_in(tmp_path)
    report.write(page, measured(ms=2, rate=250))
    picture = ElementTree.fromstring((tmp_path / report.CHART).read_text(encoding="utf-8"))
    boxes = {box.get("class"): float(box.get("x", "")) for box in picture.iter(f"{SVG}rect")}
    lines = [float(line.get("x1", "")) for line in picture.iter(f"{SVG}line") if line.get("class") == "one"]
    assert boxes["better"] == lines[0]
    assert boxes["worse"] < lines[0]
    told = picture.findtext(f"{SVG}desc")
    assert told == "alone, p99, peer: 2.0 times the peer's (2.0 : 4.0 ms). " + (
        "storm, accepted, peer: 0.25 of the peer's (250 : 1,000/s)."
    )
    assert "alone, p99, peer 2.0; storm, accepted, peer 0.25" in page.read_text(encoding="utf-8")


def test_no_word_of_the_chart_runs_out_of_it() -> None:
    long = chart.Bar(
        "storm, batches of 100, provider takes 100 ms", "p99 to the provider, Alertmanager", 0.0004, "9 : 1"
    )
    picture = ElementTree.fromstring(chart.drawn([long]))
    for box in picture.iter(f"{SVG}rect"):
        assert 0 <= float(box.get("x", "")) <= chart.WIDTH


def test_parts_are_named_alone_or_by_their_family() -> None:
    assert [part.name for part in chosen("repeats,pages")] == ["pages", "repeats"]
    assert all(part.name.startswith("storm.") for part in chosen("storm"))
    assert len(chosen("storm")) > 1
    assert len({part.name for part in PARTS}) == len(PARTS)
    with pytest.raises(ValueError, match="nothing"):
        chosen("pages,nothing")


def test_a_look_is_never_written_down(capsys: pytest.CaptureFixture[str]) -> None:
    for look in (["--ours"], ["--scale", "0.1"]):
        with pytest.raises(SystemExit):
            main(["--write", *look])
        assert "whole measurements" in capsys.readouterr().err
