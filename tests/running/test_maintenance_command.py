"""`incident maintenance`: shown, loaded from a file with every fault at its line, ended early."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from incident.cli import main

FILE = """\
windows:
  - id: core-switch
    name: Core switch
    reason: new firmware
    owner: li-wei
    timezone: Asia/Shanghai
    start: 2020-01-05T22:00
    end: 2020-01-06T04:00
    weekly: true
    places: [hall 3]
"""


@pytest.fixture(autouse=True)
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    monkeypatch.setenv("INCIDENT_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("INCIDENT_DEFAULT_LOCALE", "en")
    demo = Path(__file__).parents[2] / "incident" / "demo" / "organisation.yaml"
    assert main(["load", str(demo)]) == 0
    capsys.readouterr()
    return tmp_path


def test_a_file_is_loaded_shown_and_comes_back_as_it_was(fresh: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = fresh / "windows.yaml"
    file.write_text(FILE, encoding="utf-8")
    assert main(["maintenance", "load", str(file)]) == 0
    assert "1 window saved as version 1" in capsys.readouterr().out
    assert main(["maintenance", "show"]) == 0
    assert "Core switch" in capsys.readouterr().out
    assert main(["maintenance", "show", "--yaml"]) == 0
    file.write_text(capsys.readouterr().out, encoding="utf-8")
    assert main(["maintenance", "load", str(file)]) == 0
    assert "version 1" in capsys.readouterr().out  # the same again changes nothing
    assert main(["maintenance", "show", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["windows"][0]["places"] == ["hall 3"]


def test_every_fault_has_its_line(fresh: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = fresh / "windows.yaml"
    file.write_text(FILE.replace("weekly: true", "weekly: perhaps"), encoding="utf-8")
    assert main(["maintenance", "load", str(file)]) == 2
    assert "windows.yaml:9:" in capsys.readouterr().err
    file.write_text(FILE.replace("li-wei", "nobody"), encoding="utf-8")
    assert main(["maintenance", "load", str(file)]) == 2
    assert "no person named nobody" in capsys.readouterr().err


def test_only_what_is_open_is_ended(fresh: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = fresh / "windows.yaml"
    always = FILE.replace("2020-01-06T04:00", "2020-01-12T22:00")
    file.write_text(always, encoding="utf-8")
    assert main(["maintenance", "load", str(file)]) == 0
    assert main(["maintenance", "end", "core-switch"]) == 0
    assert main(["maintenance", "end", "core-switch"]) == 2
    assert "is not under way now" in capsys.readouterr().err
    assert main(["maintenance", "end", "nothing"]) == 2


def test_the_example_of_the_document_is_read(fresh: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (Path(__file__).parents[2] / "docs" / "maintenance.md").read_text(encoding="utf-8")
    file = fresh / "example.yaml"
    file.write_text(text.partition("```yaml\n")[2].partition("```")[0], encoding="utf-8")
    assert main(["maintenance", "load", str(file)]) == 0, capsys.readouterr().err
