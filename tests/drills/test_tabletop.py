"""A tabletop: read out, judged, scored by the judgements alone, kept and sealed like every drill."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from drills.cli import main
from drills.measures import Item, Measure
from drills.score import Rating, profile
from drills.script.reader import open_script
from drills.story import Telling
from drills.tabletop import Tabletop
from incident.clock import MovedClock
from incident.organisation.reader import demo_organisation, dump_organisation
from incident.words import words_for
from tests.drills.test_simulate import CASE, outside

NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)


def table() -> Tabletop:
    sat = Tabletop(open_script(CASE), outside(), MovedClock(NOW), f"{CASE}-t", "en")
    sat.open()
    return sat


def test_all_done_is_a_full_score_without_satisfaction():
    sat = table()
    for inject in sat.script.injects:
        if not inject.contingency:
            sat.read(inject)
            sat.judge(inject.measure, "done")
    for measure in sat.left():
        sat.judge(measure, "done")
    score = sat.finish(profile()).score(profile())
    assert score.total == pytest.approx(100)
    assert score.dropped == pytest.approx(0.1)
    assert score.rating is Rating.PERFORMED
    assert score.gates == ()


def test_partly_is_half_and_every_judgement_has_its_position():
    sat = table()
    for measure in sat.left():
        sat.judge(measure, "partly" if measure.item is Item.CONTAINMENT else "done", "they argued")
    played = sat.finish(profile())
    score = played.score(profile())
    assert score.mark(Item.CONTAINMENT).ratio == 0.5
    (line,) = score.mark(Item.CONTAINMENT).evidence
    assert "they argued" in getattr(played.entries[line.position - 1].event, "text", "")
    assert score.rating is Rating.SOME


def test_each_part_that_was_judged_is_named():
    sat = table()
    sat.judge(Measure.parse("step.protect-data"), "not")
    sat.judge(Measure.parse("post.scribe"), "partly")
    sat.judge(Measure.parse("escalation.customers"), "done")
    played = sat.finish(profile())
    reader = Telling(played, words_for("en"), ZoneInfo(played.zone))
    told = [reader.line(line) for mark in played.score(profile()).marks for line in mark.evidence]
    assert "Check storage and databases before anything is restarted: judged at the table: not done" in told
    assert "Scribe: judged at the table: partly done" in told
    assert "customers: judged at the table: done" in told


def test_a_must_task_that_was_not_done_is_not_achieved():
    sat = table()
    for measure in sat.left():
        sat.judge(measure, "not" if measure == Measure.parse("step.protect-data") else "done")
    assert sat.finish(profile()).score(profile()).rating is Rating.UNABLE


def test_what_nobody_looked_at_is_not_observed():
    sat = table()
    sat.judge(Measure(Item.ACKNOWLEDGE), "done")
    score = sat.finish(profile()).score(profile())
    assert score.total is None
    assert score.mark(Item.STEPS).ratio is None


def test_help_is_capped_at_the_table_too():
    sat = table()
    helping = next(inject for inject in sat.script.injects if inject.contingency)
    sat.read(helping)
    for measure in sat.left():
        sat.judge(measure, "done")
    score = sat.finish(profile()).score(profile())
    part = score.mark(Item.STEPS).part("protect-data")
    assert part is not None
    assert part.ratio == 0.5
    assert score.rating is not Rating.PERFORMED


def test_the_console_reads_out_and_asks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    from incident.cli import main as incident

    file = tmp_path / "organisation.yaml"
    file.write_text(dump_organisation(demo_organisation()), encoding="utf-8")
    assert incident(["load", str(file), "--data", str(tmp_path)]) == 0
    answers = ["d in five minutes", "x", "p", "d", "n", "d", *["d"] * 30]
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(answers) + "\n"))
    code = main(["run", CASE, "--tabletop", "--data", str(tmp_path)])
    out = capsys.readouterr().out
    assert code in (0, 1)
    assert "214 hosts unreachable" in out
    assert "First human answer  d(one)" in out
    assert "step." not in out
    assert "Expected:" in out
    assert "Write d, p or n first." in out
    assert "points of 100" in out


def test_one_at_which_nothing_was_judged_is_not_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    from incident.cli import main as incident

    file = tmp_path / "organisation.yaml"
    file.write_text(dump_organisation(demo_organisation()), encoding="utf-8")
    assert incident(["load", str(file), "--data", str(tmp_path)]) == 0
    monkeypatch.setattr("sys.stdin", io.StringIO("\n" * 60))
    assert main(["run", CASE, "--tabletop", "--unit", "europe", "--data", str(tmp_path)]) == 1
    assert "not kept" in capsys.readouterr().out
    main(["calendar", "--json", "--data", str(tmp_path)])
    assert all(one["last"] is None for one in json.loads(capsys.readouterr().out))
