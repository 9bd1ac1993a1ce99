"""Which installation a command is about: a slip in the folder's name finds none, and makes none."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
from sqlalchemy import text

from incident.cli import main
from incident.cli.run import _child, announce, prepare, release
from incident.running.lock import only_one
from incident.settings import Settings
from incident.store.engine import changing, open_engine
from incident.store.migrations import bring, current, migrate, newest
from tests.desk.house import settle_in

ASKED = (
    "audit",
    "doctor",
    "verify",
    "resume",
    "dump",
    "dry-run --title x",
    "key new --role admin --name x",
    "key revoke x",
    "user add li-wei",
    "maintenance show",
    "playbook list",
    "roster show",
    "way list",
    "test-page --all",
    "worker",
    "watch",
    "web",
)


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("INCIDENT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("INCIDENT_DEFAULT_LOCALE", "en")


BEGINS = "key new --role admin --name x"
SHIPPED = "playbook list"


@pytest.mark.parametrize("command", [*(one for one in ASKED if one not in (BEGINS, SHIPPED)), "backup b.backup"])
def test_a_command_in_the_wrong_folder_names_it_and_makes_nothing(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(command.split()) == 2
    assert f"There is no installation in {tmp_path / 'var'}" in capsys.readouterr().err
    assert not any(tmp_path.iterdir())


def test_an_organisation_begins_an_installation_and_says_where(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    begin = ["load", "incident/demo/organisation.yaml", "--data", str(tmp_path / "new")]
    assert main(begin) == 0
    assert str(tmp_path / "new") in capsys.readouterr().err
    assert main(begin) == 0
    assert "begins" not in capsys.readouterr().err


def test_a_first_key_begins_one_too_and_only_the_key_is_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(BEGINS.split()) == 0
    told = capsys.readouterr()
    assert re.fullmatch(r"[\w-]{40,}\n", told.out)
    assert str(tmp_path / "var") in told.err


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("playbook list", "general-emergency"),
        ("playbook lint", ""),
        ("policy list", "it-emergency"),
        ("policy show smart-home", "1 h"),
        ("policy compare it-emergency appliance", "<"),
    ],
)
def test_before_there_is_an_installation_one_looks_at_what_is_shipped(
    command: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(command.split()) == 0
    told = capsys.readouterr()
    assert says in told.out
    assert "comes with the program" in told.err
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize("command", [*ASKED, "load incident/demo/organisation.yaml"])
def test_who_looks_does_not_bring_the_database_to_another_release(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'incident.db'}")
    with changing(engine) as connection:
        bring(connection, "0002")
    assert main([*command.split(), "--data", str(tmp_path)]) == 2
    assert f"incident migrate --data {tmp_path}" in capsys.readouterr().err
    assert current(engine) == "0002"
    engine.dispose()


def test_a_link_leads_to_where_the_program_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["load", "incident/demo/organisation.yaml", "--data", str(tmp_path)]) == 0
    link = ["user", "add", "li-wei", "--data", str(tmp_path)]
    with only_one(tmp_path, "http://127.0.0.1:9123"):
        capsys.readouterr()
        assert main(link) == 0
        assert capsys.readouterr().out.startswith("http://127.0.0.1:9123/login/")


def test_the_address_that_was_set_stands_before_where_it_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("INCIDENT_PUBLIC_URL", "https://ops.example.com")
    assert main(["load", "incident/demo/organisation.yaml", "--data", str(tmp_path)]) == 0
    with only_one(tmp_path, "http://127.0.0.1:9123"):
        capsys.readouterr()
        assert main(["user", "add", "li-wei", "--data", str(tmp_path)]) == 0
        assert capsys.readouterr().out.startswith("https://ops.example.com/login/")


def test_a_journal_gets_no_link_that_signs_in(tmp_path: Path) -> None:
    settings = Settings.load({}, tmp_path)
    engine = open_engine(settings.database_url.get_secret_value())
    migrate(engine)
    settle_in(engine)
    engine.dispose()
    assert "/login/" not in announce(settings, terminal=False)
    assert "incident user add lin-jia" in announce(settings, terminal=False)
    assert "/login/" in announce(settings, terminal=True)


def test_the_demo_says_its_link_wherever_it_is_read(tmp_path: Path) -> None:
    settings = Settings.load({}, tmp_path)
    prepare(settings, demo=True)
    assert "/login/" in announce(settings, terminal=False)


def test_a_database_that_takes_nothing_stops_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("INCIDENT_DATA", str(tmp_path))
    assert main(["migrate"]) == 0
    engine = open_engine(f"sqlite:///{tmp_path / 'incident.db'}")
    with changing(engine) as connection:
        connection.execute(text("CREATE TRIGGER full BEFORE INSERT ON meta BEGIN SELECT RAISE(ABORT, 'no'); END"))
    engine.dispose()
    assert main(["prepare"]) == 2
    assert "the database cannot be used" in capsys.readouterr().err


def test_a_name_of_the_environment_in_the_file_is_understood(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "incident.toml").write_text("INCIDENT_PORT = 9000")
    assert main(["migrate", "--data", str(tmp_path)]) == 2
    assert "Is port meant?" in capsys.readouterr().err


def test_who_gives_no_command_gets_the_help_and_no_complaint(capsys: pytest.CaptureFixture[str]) -> None:
    for given in ([], ["key"]):
        assert main(given) == 2
        assert capsys.readouterr().err.startswith("Usage: ")


def test_the_release_is_said_with_the_schema_that_it_wants(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"incident {release()} (schema {newest()})\n"


def test_each_process_says_at_its_start_what_it_runs_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["migrate", "--data", str(tmp_path)]) == 0
    monkeypatch.setenv("INCIDENT_LOG", "json")
    for name in ("INCIDENT_TWILIO_ACCOUNT_SID", "INCIDENT_TWILIO_AUTH_TOKEN", "INCIDENT_TWILIO_FROM"):
        monkeypatch.setenv(name, {"SID": "AC" + "0" * 32, "KEN": "very secret", "ROM": "+15005550006"}[name[-3:]])
    _child("worker", tmp_path)
    (line,) = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert (line["event"], line["process"], line["database"], line["bell"]) == ("started", "worker", "sqlite", False)
    assert line["messages"] == "twilio/sms twilio/voice"
    assert line["release"] == release()
