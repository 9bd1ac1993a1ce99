"""`incident audit` and `incident dry-run`: what they say, what they exit with, and that they write nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from incident.audit import Finding, Rule
from incident.cli import main
from incident.clock import SystemClock
from incident.settings import Settings
from incident.store import findings, log, signs
from incident.store.engine import changing, open_engine, reading
from incident.store.portable.hold import hold
from tests.desk.house import opened_desk, report, settle_in


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """The demo organisation, with a Critical that was reported an hour ago and was never sent."""
    monkeypatch.setenv("INCIDENT_DATA", str(tmp_path))
    monkeypatch.setenv("INCIDENT_DEFAULT_LOCALE", "en")
    assert main(["migrate"]) == 0
    engine = open_engine(Settings.load({}, tmp_path).database_url.get_secret_value())
    settle_in(engine)
    yield engine
    engine.dispose()


def said(capsys: pytest.CaptureFixture[str], *arguments: str, code: int) -> str:
    capsys.readouterr()
    assert main(list(arguments)) == code
    return capsys.readouterr().out


def written(engine: Engine) -> tuple[int, int]:
    with reading(engine) as connection:
        return log.last_position(connection), len(findings.history(connection))


def signed(engine: Engine) -> None:
    with changing(engine) as connection:
        for name in (signs.WORKER, signs.WEB):
            signs.sign(connection, name, SystemClock().now())


def test_what_nobody_runs_is_not_called_well(house: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    out = said(capsys, "audit", code=1)
    assert "not proved" in out
    assert "well" not in out
    signed(house)
    assert "All is well: 0 open incidents" in said(capsys, "audit", code=0)
    assert json.loads(said(capsys, "audit", "--json", code=0))["proved"] is True


def test_what_was_restored_and_is_held_is_not_called_well(house: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    signed(house)
    with changing(house) as connection:
        hold(connection, SystemClock().now())
    out = said(capsys, "audit", code=1)
    assert "incident resume" in out
    assert "well" not in out
    assert json.loads(said(capsys, "audit", "--json", code=1))["held"] is True
    said(capsys, "resume", code=0)
    assert "All is well" in said(capsys, "audit", code=0)


def test_what_is_wrong_is_said_with_what_to_do_and_nothing_is_written(
    house: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    with opened_desk(house, SystemClock()) as desk:
        desk.submit(report()).result(10)
    hour = int(timedelta(hours=1).total_seconds() * 1_000_000)
    with changing(house) as connection:
        connection.execute(text(f"UPDATE outbox SET not_before = not_before - {hour}"))
    before = written(house)
    out = said(capsys, "audit", code=1)
    assert "messages should have gone out" in out
    assert "See whether a worker runs" in out
    (found,) = json.loads(said(capsys, "audit", "--json", code=1))["findings"]
    assert (found["rule"], found["code"]) == ("unsent", "C1")
    assert written(house) == before


def test_a_dry_run_for_a_unit_that_is_not_there_is_refused_like_the_report(
    house: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["dry-run", "--title", "x", "--unit", "nope"]) == 2
    assert "no such unit" in capsys.readouterr().err


def test_the_history_tells_from_when_to_when(house: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    assert "Nothing was ever found" in said(capsys, "audit", "--history", code=0)
    now = SystemClock().now()
    with changing(house) as connection:
        findings.record(connection, [Finding(Rule.WORKER, now)], now)
    assert "still so" in said(capsys, "audit", "--history", code=0)
    with changing(house) as connection:
        findings.record(connection, [], now)
    (one,) = json.loads(said(capsys, "audit", "--history", "--json", code=0))
    assert one["closed_at"]


def test_a_dry_run_from_options_and_from_a_file_tells_the_ladder(
    house: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--title", "Hall 3 down", "--kind", "system_outage", "--level", "critical", "--at", "2026-12-25 03:00"]
    out = said(capsys, "dry-run", *options, code=0)
    assert "Rung 1 of" in out
    assert "THE TARGET IS MISSED" in out
    assert "03:15:00" in out
    file = tmp_path / "report.json"
    file.write_text(json.dumps({"title": "Hall 3 down", "kind": "system_outage", "level": "critical"}))
    run = json.loads(said(capsys, "dry-run", str(file), "--at", "2026-12-25T03:00+00:00", "--json", code=0))
    assert run["at"] == "2026-12-25T03:00:00.000Z"
    assert run["moments"][0]["kind"] == "page"
    assert written(house) == (0, 0)


def test_a_dry_run_of_an_incident_that_exists(house: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    with opened_desk(house, SystemClock()) as desk:
        desk.submit(report()).result(10)
    before = written(house)
    run = json.loads(said(capsys, "dry-run", "--incident", "c1", "--json", code=0))
    assert run["code"] == "C1"
    assert written(house) == before


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--title", "x", "--kind", "nonsense"], "/kind"),
        (["--kind", "other"], "/title"),
        (["--title", "x", "--at", "tomorrow"], "--at"),
        (["--incident", "C99"], "no incident named C99"),
    ],
)
def test_what_cannot_be_told_is_refused_in_a_line(
    house: Engine, capsys: pytest.CaptureFixture[str], arguments: list[str], problem: str
) -> None:
    assert main(["dry-run", *arguments]) == 2
    err = capsys.readouterr().err
    assert problem in err
    assert "Traceback" not in err


def test_a_broken_file_is_named_with_its_place(
    house: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "report.json"
    file.write_text('{"title": ')
    assert main(["dry-run", str(file)]) == 2
    assert "report.json:1" in capsys.readouterr().err
