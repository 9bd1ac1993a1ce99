"""The shipped scripts, and what the lint finds in a spoilt one."""

import json
from functools import cache
from pathlib import Path

import pytest

from drills.cli import main
from drills.commands.scripts import shelf
from drills.measures import Item, Measure
from drills.script.lint import Finding, Shelf, check, lint
from drills.script.model import Script
from drills.script.reader import open_script, read_script, shipped
from incident.errors import Unknown
from incident.levels import Level
from incident.organisation import demo_organisation
from incident.playbooks.reader import load_library
from incident.source import BadSource

CASE = "data-centre-outage"


@cache
def known() -> Shelf:
    return shelf()


def spoilt(old: str, new: str, name: str = CASE) -> tuple[Finding, ...]:
    """The findings of a shipped script in which one place was changed."""
    text = shipped()[name].read_text("utf-8")
    assert old in text
    return lint([read_script(text.replace(old, new, 1), "spoilt.yaml")], known())


def line_of(part: str, name: str = CASE) -> int:
    text = shipped()[name].read_text("utf-8")
    return text[: text.index(part)].count("\n") + 1


def test_every_shipped_script_is_clean():
    assert check(shipped().values(), known()) == ()


def test_every_playbook_has_a_script_and_the_three_cases_are_there():
    scripts = [open_script(name) for name in shipped()]
    assert {script.playbook for script in scripts} == {playbook.id for playbook in load_library()}
    assert {"data-centre-outage", "failed-backup", "customer-cut-off"} <= {script.id for script in scripts}
    assert all(script.id == name for name, script in zip(shipped(), scripts, strict=True))


def test_each_script_has_help_in_reserve_and_a_controller():
    for name in shipped():
        script = open_script(name)
        assert any(inject.contingency for inject in script.injects), name
        assert len([inject for inject in script.injects if not inject.contingency]) >= 2, name


def test_a_script_survives_its_canonical_form():
    script = open_script(CASE)
    assert Script.load(script.dump()) == script
    assert Script.load(script.dump()).digest == script.digest


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("number: 2\n", "number: 1\n", "number"),
        ("at_min: 15\n", "at_min: 90\n", "time"),
        ("at_min: 75\n", "at_min: 300\n", "after_end"),
        ("from: site-guard", "from: nobody", "no_actor"),
        ("controller: control\n", "controller: site-guard\n", "no_controller"),
        ("tier: field, who: primary, habit", "habit", "no_place"),
        ("plays: monitor}", "plays: monitor, habit: {}}", "no_player"),
        ("objective: somebody-has-it", "objective: nothing", "no_objective"),
        ("measure: restore, must: true", "measure: step.nothing, must: true", "no_part"),
        ("[freeze-changes, protect-data]", "[freeze-changes, nothing]", "no_step"),
        ("playbook: system-outage", "playbook: data-loss", "other_playbook"),
        ("playbook: system-outage", "playbook: nothing", "no_playbook"),
        ("within_min: 120}\n  hard", "within_min: 900}\n  hard", "after_end"),
        ("{to: hq, within_min: 15}", "{to: public, within_min: 15}", "never_hq"),
        ("level: critical\nlocal", "level: critical\npolicy: nothing\nlocal", "no_policy"),
        ("- {id: monitoring,", "- {id: site-guard,", "twice"),
    ],
)
def test_what_would_spoil_a_drill_is_found(old: str, new: str, key: str):
    assert f"drill.lint.{key}" in {finding.reason.key for finding in spoilt(old, new)}


def test_a_finding_names_line_and_column():
    found = [f for f in spoilt("from: site-guard", "from: nobody") if f.reason.key == "drill.lint.no_actor"]
    assert [(f.file, f.line, f.column) for f in found] == [("spoilt.yaml", line_of("from: site-guard"), 11)]


def test_all_faults_come_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    text = shipped()[CASE].read_text("utf-8")
    broken = tmp_path / "broken.yaml"
    broken.write_text(
        text.replace("level: critical\n", "level: dreadful\n", 1).replace("at_min: 15\n", "at_min: soon\n")
    )
    other = tmp_path / "other.yaml"
    other.write_text(text.replace("from: site-guard", "from: nobody").replace("to: hq-primary", "to: nowhere"))
    assert main(["lint", str(broken), str(other)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) >= 4
    assert all(line.startswith((f"{broken}:", f"{other}:")) for line in lines)


def test_a_measure_that_nobody_can_take_is_refused_where_it_stands():
    text = shipped()[CASE].read_text("utf-8").replace("measure: word}", "measure: mood}")
    with pytest.raises(BadSource) as bad:
        read_script(text, "x.yaml")
    assert "is no measure" in str(bad.value)


def test_measures_read_as_they_are_written():
    for text in ("word", "step.find-scope", "post.public_information", "escalation.hq"):
        assert str(Measure.parse(text)) == text
    assert Measure.parse("step.open-bridge") == Measure(Item.STEPS, "open-bridge")
    for text in ("steps.open", "word.", "post", "x.y", ""):
        with pytest.raises(ValueError, match="no measure"):
            Measure.parse(text)


def test_the_report_is_told_in_the_players_language():
    script = open_script(CASE)
    assert script.opening.report("zh_Hans", "drill").title == script.opening.title.zh
    assert script.opening.report("en", "drill").policy == "drill"
    assert script.level is Level.CRITICAL


def test_an_unknown_name_is_an_error_and_no_trace():
    with pytest.raises(Unknown):
        open_script("no-such-script")
    assert main(["lint", "no-such-file.yaml"]) == 2


def test_the_list_names_every_script(capsys: pytest.CaptureFixture[str]):
    assert main(["list"]) == 0
    listed = capsys.readouterr().out
    assert all(name in listed for name in shipped())
    assert main(["list", "--json"]) == 0


def test_another_unit_plays_the_same_script():
    script = open_script("data-centre-outage")
    moved = script.at_unit("europe")
    assert demo_organisation().route(moved.opening.report("en", moved.policy)).unit == "europe"
    assert Script.load(moved.dump()) == moved
    assert moved.digest != script.digest
    assert '"unit"' not in script.dump()  # scripts from before keep their digest
    assert script.at_unit(None) is script


def test_a_unit_that_nobody_knows_is_refused_with_those_there_are(capsys: pytest.CaptureFixture[str]):
    assert main(["simulate", "data-centre-outage", "--unit", "moon"]) == 2
    assert "berlin-cloud" in capsys.readouterr().err
    main(["simulate", "data-centre-outage", "--unit", "berlin-cloud", "--json"])
    assert json.loads(capsys.readouterr().out)["script"] == "data-centre-outage"
