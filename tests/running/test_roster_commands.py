"""`incident roster`: the month, gaps, how it is shared, and a calendar taken over, as it is done at a terminal."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from incident.cli import main
from tests.web.place import organisation


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A database with alice and bob in the field; headquarters' only roster names nobody."""
    monkeypatch.setenv("INCIDENT_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("INCIDENT_DEFAULT_LOCALE", "en")
    document = organisation().model_dump(mode="json")
    document["people"][0]["timezone"] = "Europe/Berlin"
    document["rosters"][0]["timezone"] = "Europe/Berlin"
    document["rosters"][1]["layers"] = []
    file = tmp_path / "organisation.yaml"
    with file.open("w", encoding="utf-8") as stream:
        YAML(typ="safe").dump(document, stream)
    assert main(["load", str(file)]) == 0
    return tmp_path


def told(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> str:
    capsys.readouterr()
    assert main(["roster", *arguments]) == code
    return capsys.readouterr().out


def lines(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(told(capsys, *arguments, "--json", code=code))
    return found


def test_a_month_lists_shifts_and_gaps_in_the_rosters_own_time(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = lines(capsys, "show", "--month", "2026-11", "--roster", "field-response", code=1)
    assert [(one["start"], one["end"], one["person"]) for one in found[:2]] == [
        ("2026-11-01T00:00+01:00", "2026-11-08T08:00+01:00", None),
        ("2026-11-08T08:00+01:00", "2026-11-15T08:00+01:00", "alice"),
    ]
    assert found[-1]["end"] == "2026-12-01T00:00+01:00"
    assert "on duty (field) until" in told(capsys, "show", "--month", "2026-12", "--roster", "field-response")


def test_gaps_ahead_are_a_no_and_none_is_a_yes(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (gap,) = lines(capsys, "gaps", "--days", "2", "--roster", "hq-response", code=1)
    assert (gap["roster"], gap["hours"], gap["away"]) == ("hq-response", 48.0, [])
    assert lines(capsys, "gaps", "--days", "1", "--roster", "field-response") == []


def test_how_it_is_shared_counts_the_night_of_the_clock_change(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = lines(capsys, "fairness", "--month", "2027-03", "--roster", "field-response")
    assert sum(one["hours"] for one in found) == 31 * 24 - 1
    assert {one["person"] for one in found} == {"alice", "bob"}
    assert "At night" in told(capsys, "fairness", "--month", "2027-03")


def test_a_calendar_is_shown_first_and_saved_by_a_word(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    start = datetime.now(UTC).replace(microsecond=0) + timedelta(days=3)
    file = desk / "duty.ics"
    file.write_text(
        "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\n"
        f"BEGIN:VEVENT\nUID:1\nSUMMARY:Bob\nDTSTART:{start:%Y%m%dT%H%M%SZ}\nDURATION:PT8H\nEND:VEVENT\n"
        f"BEGIN:VEVENT\nUID:2\nSUMMARY:Lunch\nDTSTART:{start:%Y%m%dT%H%M%SZ}\nDURATION:PT1H\nEND:VEVENT\n"
        "END:VCALENDAR\n"
    )
    command = ["roster", "import", str(file), "--roster", "field-response"]
    assert main(command) == 2
    assert "Event 2, “Lunch”: it names nobody who works here" in capsys.readouterr().err
    assert main([*command, "--save"]) == 2
    assert main([*command, "--skip"]) == 0
    assert "Nothing is saved yet" in capsys.readouterr().out
    for _ in range(2):
        assert main([*command, "--skip", "--save"]) == 0, "the same file again changes nothing"
    assert "1 time was taken over." in capsys.readouterr().out
    month = f"{start:%Y-%m}"
    assert main(["roster", "show", "--month", month, "--roster", "field-response"]) in (0, 1)
    assert capsys.readouterr().out.count("stands in (field)") == 1


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (["show", "--month", "November"], "--month: write a month such as 2026-11"),
        (["show", "--at", "today"], "--at"),
        (["fairness", "--roster", "nowhere"], "There is no roster named nowhere"),
        (["import", "organisation.yaml", "--roster", "field-response"], "This is no iCalendar file"),
    ],
)
def test_what_cannot_be_used_is_said_in_a_line(
    desk: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, command: list[str], says: str
) -> None:
    monkeypatch.chdir(desk)
    capsys.readouterr()
    assert main(["roster", *command]) == 2
    assert says in capsys.readouterr().err
