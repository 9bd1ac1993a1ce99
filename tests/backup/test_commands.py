"""`incident backup`, `verify`, `restore` and `resume`, as somebody types them at three in the morning."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from incident.cli import main
from incident.running.lock import only_one

pytestmark = pytest.mark.long


@pytest.fixture(autouse=True)
def first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    """A first installation with an organisation, and its backup."""
    monkeypatch.setenv("INCIDENT_DEFAULT_LOCALE", "en")
    monkeypatch.setenv("INCIDENT_DATA", str(tmp_path / "first"))
    assert main(["load", "incident/demo/organisation.yaml"]) == 0
    file = tmp_path / "one.backup"
    assert main(["backup", str(file)]) == 0
    said = capsys.readouterr().out
    assert "the file is whole: 0 incidents" in said
    assert "/first/secret" in said
    monkeypatch.setenv("INCIDENT_DATA", str(tmp_path / "second"))
    return file


def test_from_a_file_to_a_second_machine_that_holds_until_it_is_told(
    first: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", str(first)]) == 0
    assert main(["restore", str(first)]) == 0
    assert "HELD: 0 messages" in capsys.readouterr().out
    assert main(["dump"]) == 0
    assert "beijing" in capsys.readouterr().out
    assert main(["resume"]) == 0
    assert main(["resume"]) == 0
    assert "Nothing is held" in capsys.readouterr().out


def test_a_machine_reads_the_same(first: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["restore", str(first), "--resume", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["whole"], told["made_from"], told["held"], told["erased"]) == (True, "sqlite", None, {})
    assert told["rows"]["directory"] == 2, "the organisation, and the file that it came from"
    assert main(["verify", str(first), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["head"] == told["head"]
    assert main(["verify", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"entries": 0, "head": told["head"], "bad": None, "what": None}


def test_what_is_there_goes_only_by_the_word_for_it(first: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["restore", str(first)]) == 0
    assert main(["restore", str(first)]) == 2
    assert "--erase-existing" in capsys.readouterr().err
    assert main(["restore", str(first), "--erase-existing"]) == 0
    assert "Erased what was there" in capsys.readouterr().out


def test_a_cut_file_is_named_and_the_answer_is_no(first: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first.write_bytes(first.read_bytes()[:-5000])
    assert main(["verify", str(first)]) == 1
    assert f"{first}: This backup" in capsys.readouterr().out
    assert main(["restore", str(first)]) == 2
    assert f"{first}: This backup" in capsys.readouterr().err
    assert main(["restore", str(first.parent / "none")]) == 2


def test_beside_a_running_serve_nothing_is_restored(
    first: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "second").mkdir()
    with only_one(tmp_path / "second", "http://127.0.0.1:8000"):
        assert main(["restore", str(first)]) == 2
    assert "http://127.0.0.1:8000" in capsys.readouterr().err
