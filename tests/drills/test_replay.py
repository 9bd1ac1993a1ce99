"""A real incident as it was, and today: scored by its own log, played by today's plans, and made into a script."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from drills.commands.scripts import shelf
from drills.measures import Item
from drills.replay import as_it_was, replayed, script_of
from drills.score import profile
from drills.script.lint import lint
from drills.script.model import LONGEST_MIN
from drills.script.reader import read_script
from drills.script.writing import as_yaml
from incident.errors import Unknown
from incident.events import Entry, Reported
from tests.drills.test_simulate import outside, played


def real(seed: int = 3) -> list[Entry]:
    """A real incident's log: that of a drill without its mark."""
    entries = list(played(seed=seed).entries)
    first = entries[0].event
    assert isinstance(first, Reported)
    return [replace(entries[0], event=replace(first, drill=None, code="C7")), *entries[1:]]


def test_it_is_scored_as_it_was():
    found = as_it_was(real(), played().playbook, outside(), profile())
    assert not found.void
    assert found.total is not None
    assert found.mark(Item.CONTAINMENT).ratio is None
    assert found.mark(Item.ACKNOWLEDGE).evidence


def test_side_by_side_with_today():
    found = replayed(real(), played().playbook, outside(), profile(), "en")
    assert {row.item for row in found.beside} == set(Item)
    assert found.answered_then is not None
    assert found.answered_today is not None
    assert found.total_today is not None


def test_the_script_made_of_it_is_clean_and_starts_the_same_playbook():
    made = script_of(real(), played().playbook, outside(), profile())
    written = read_script(as_yaml(made), "replay.yaml")
    assert written.script == made
    assert [f.reason.key for f in lint([written], shelf())] == []
    assert made.id == "replay-c7"
    answer = made.objectives[0].tasks[0].text
    assert (answer.en, answer.zh, answer.zh_hant) == ("First human answer", "首次人工应答", "首次人工應答")


def test_an_incident_that_stayed_open_for_months_is_made_into_the_longest_script_there_is():
    entries = real()
    entries[-1] = replace(entries[-1], at=entries[-1].at + timedelta(days=100))
    made = script_of(entries, played().playbook, outside(), profile())
    assert made.duration_min == LONGEST_MIN
    assert replayed(entries, played().playbook, outside(), profile(), "en").total_today is not None


def test_a_log_that_was_never_graded_cannot_be_judged():
    with pytest.raises(Unknown):
        as_it_was(real()[:1], played().playbook, outside(), profile())


def test_the_command_reads_the_log(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    from drills.cli import main
    from incident.clock import MovedClock
    from incident.desk.requests import OpenReport
    from incident.store.engine import open_engine
    from incident.store.migrations import migrate
    from tests.desk.house import opened_desk, settle_in
    from tests.drills.test_live import START

    engine = open_engine(f"sqlite:///{tmp_path / 'incident.db'}")
    migrate(engine)
    settle_in(engine)
    with opened_desk(engine, MovedClock(START)) as desk:
        report = played().script.opening.report("en", "it-emergency")
        desk.submit(OpenReport(report, "key:monitor")).result(10)
    engine.dispose()
    script = tmp_path / "made.yaml"
    assert main(["replay", "C1", "--data", str(tmp_path), "--script", str(script)]) == 0
    out = capsys.readouterr().out
    assert "As it was" in out
    assert main(["lint", str(script)]) == 0
    assert main(["replay", "C99", "--data", str(tmp_path)]) == 2
