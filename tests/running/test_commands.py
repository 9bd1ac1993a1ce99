"""`incident` with files and values that cannot be used: one line that says what and where, and the exit code 2."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from incident.cli import main


@pytest.fixture(autouse=True)
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("INCIDENT_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("INCIDENT_DEFAULT_LOCALE", "en")
    return tmp_path


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(list(arguments)) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "Traceback" not in said.err
    return said.err


@pytest.mark.parametrize("command", [["load"], ["policy", "lint"]])
def test_a_file_that_is_no_text_is_named(fresh: Path, capsys: pytest.CaptureFixture[str], command: list[str]) -> None:
    file = fresh / "photo.yaml"
    file.write_bytes(b"\x80\x81")
    assert "photo.yaml: This is no text in UTF-8" in refused(capsys, *command, str(file))


def test_a_backup_into_a_folder_that_is_not_there_names_the_file(
    fresh: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (fresh / "data").mkdir()
    (fresh / "data" / "incident.db").touch()
    assert "no schema yet" in refused(capsys, "backup", str(fresh / "copy.db"))
    assert main(["migrate"]) == 0
    capsys.readouterr()
    target = fresh / "nowhere" / "copy.db"
    assert f"no folder {target.parent}" in refused(capsys, "backup", str(target))
    assert main(["backup", str(fresh / "copy.db")]) == 0


def test_a_key_has_the_name_that_the_api_allows_and_a_unit_that_is_there(
    fresh: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "--name: Use small letters" in refused(capsys, "key", "new", "--role", "viewer", "--name", "Bad Name")
    assert main(["migrate"]) == 0
    capsys.readouterr()
    key = ["key", "new", "--role", "integration", "--name", "prometheus", "--unit", "nope"]
    assert "no unit named nope" in refused(capsys, *key)


@pytest.mark.parametrize("command", [["dump"], ["roster", "show"]])
def test_a_house_without_an_organisation_says_what_to_do(
    capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    assert main(["migrate"]) == 0
    capsys.readouterr()
    assert "no organisation yet. Load one: incident load" in refused(capsys, *command)


def test_a_port_that_is_none_or_taken_is_said_before_anything_starts(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["migrate"]) == 0
    capsys.readouterr()
    for command in ("web", "serve"):
        assert "--port" in refused(capsys, command, "--port", "99999")
    assert "no such host" in refused(capsys, "web", "--host", "no such host")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        for command in ("web", "serve"):
            assert f"Port {port} on 127.0.0.1 is taken" in refused(capsys, command, "--port", port)


def test_a_database_that_is_none_says_what_its_driver_says(fresh: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (fresh / "data").mkdir()
    (fresh / "data" / "incident.db").write_bytes(b"no database" * 100)
    assert "file is not a database" in refused(capsys, "verify")


@pytest.mark.parametrize("process", ["web", "worker", "watch"])
def test_a_process_on_a_database_that_nobody_migrated_says_so_and_ends(
    fresh: Path, capsys: pytest.CaptureFixture[str], process: str
) -> None:
    (fresh / "data").mkdir()
    (fresh / "data" / "incident.db").touch()
    assert "Run: incident migrate" in refused(capsys, process)


@pytest.mark.parametrize("process", ["worker", "watch"])
def test_a_process_that_reaches_no_database_says_so_and_ends(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, process: str
) -> None:
    monkeypatch.setenv("INCIDENT_DATABASE_URL", "postgresql://somebody:pw@127.0.0.1:1/incident")
    said = refused(capsys, process)
    assert "the database cannot be used" in said
    assert "pw" not in said
    assert len(said.splitlines()) == 1
