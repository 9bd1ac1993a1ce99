"""`incident archive`: one incident as one file that reads and proves by itself; one that was touched does not."""

from __future__ import annotations

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from zipfile import ZipFile

import pytest

from incident.cli import main
from incident.cli.archive import check, is_archive
from incident.clock import SystemClock
from incident.commands import Acknowledge
from incident.desk.requests import Act
from incident.settings import Settings
from incident.store.engine import open_engine
from tests.desk.house import opened_desk, report, settle_in

pytestmark = pytest.mark.long


@pytest.fixture
def code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An incident that was reported and taken, with another one's entries between its own."""
    monkeypatch.setenv("INCIDENT_DATA", str(tmp_path))
    monkeypatch.setenv("INCIDENT_DEFAULT_LOCALE", "en")
    monkeypatch.chdir(tmp_path)
    assert main(["migrate"]) == 0
    engine = open_engine(Settings.load({}, tmp_path).database_url.get_secret_value())
    settle_in(engine)
    with opened_desk(engine, SystemClock()) as desk:
        first = desk.submit(report(customer="Nordwind GmbH & Co")).result(10).state
        desk.submit(report(title="Another")).result(10)
        assert first is not None
        desk.submit(Act(first.id, Acknowledge("chen-fang", "web"), "person:chen-fang")).result(10)
    engine.dispose()
    return first.report.code


def archived(code: str) -> Path:
    assert main(["archive", code]) == 0
    [file] = Path().glob("*.zip")
    return file


def changed(file: Path, member: str, change: Callable[[str], str]) -> Path:
    with ZipFile(file) as read:
        members = {name: read.read(name).decode() for name in read.namelist()}
    members[member] = change(members[member])
    with ZipFile(file, "w") as written:
        for name, text in members.items():
            written.writestr(name, text)
    return file


def test_its_name_is_customer_service_and_date(code: str) -> None:
    assert archived(code).name.startswith(f"Nordwind_GmbH_Co-{code}-20")


def test_it_holds_the_record_the_messages_and_the_log(code: str, capsys: pytest.CaptureFixture[str]) -> None:
    file = archived(code)
    assert "entries of the log" in capsys.readouterr().out
    with ZipFile(file) as opened:
        record = json.loads(opened.read("record.json"))
        log = [json.loads(line) for line in opened.read("log.jsonl").splitlines()]
        messages = json.loads(opened.read("messages.json"))
        readme = opened.read("README.txt").decode()
    assert record["incident"]["code"] == code
    assert record["timeline"][-1]["kind"] == log[-1]["kind"]
    assert [entry["seq"] for entry in log] == list(range(1, record["seq"] + 1))
    assert messages
    assert log[-1]["hash"] in readme
    assert "+49" not in json.dumps(messages)


def test_the_proof_can_be_made_by_hand_as_the_readme_says(code: str) -> None:
    with ZipFile(archived(code)) as opened:
        for line in opened.read("log.jsonl").splitlines():
            e = json.loads(line)
            lines = (e["position"], e["incident"], e["seq"], e["at"], e["kind"], e["version"], e["drill"] or "")
            text = "\n".join(map(str, (*lines, sha256(e["body"].encode()).hexdigest(), e["by"])))
            assert sha256(bytes.fromhex(e["previous"]) + text.encode()).hexdigest() == e["hash"]


def test_made_again_it_is_the_same_file_to_the_byte(code: str) -> None:
    first = archived(code)
    assert main(["archive", code, "--to", "again.zip"]) == 0
    assert Path("again.zip").read_bytes() == first.read_bytes()


def test_verify_says_whether_it_is_whole(code: str, capsys: pytest.CaptureFixture[str]) -> None:
    file = archived(code)
    assert main(["verify", str(file)]) == 0
    assert "is whole" in capsys.readouterr().out
    assert main(["verify", str(file), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["bad"] is None


@pytest.mark.parametrize(
    ("change", "bad"),
    [
        (lambda text: text.replace('"by": "person:chen-fang"', '"by": "person:bob"'), None),
        (lambda text: text.replace("Nordwind", "Suedwind", 1), 1),
        (lambda text: "\n".join(text.splitlines()[1:]), 1),
        (lambda text: "\n".join(text.splitlines()[:-1]), None),
        (lambda text: "\n".join(text.splitlines()[::-1]), 1),
        (lambda text: "", None),
        (lambda text: "no json", 0),
        (lambda text: text.replace('"seq": 1', '"seq": "one"', 1), 0),
        (lambda text: "[]", 0),
        (lambda text: text.replace('"previous": "0', '"previous": "x', 1), 1),
    ],
    ids=["by", "body", "first gone", "last gone", "turned", "empty", "no json", "no number", "no entry", "no hash"],
)
def test_what_was_touched_is_found(
    code: str, change: Callable[[str], str], bad: int | None, capsys: pytest.CaptureFixture[str]
) -> None:
    file = changed(archived(code), "log.jsonl", change)
    found = check(file)
    assert found.bad is not None
    assert bad is None or found.bad == bad
    assert main(["verify", str(file)]) == 1
    said = capsys.readouterr().out
    assert "make it anew" in said if found.bad == 0 else f"entry {found.bad} was changed" in said


def test_a_file_that_is_damaged_or_holds_another_record_is_no_traceback(code: str) -> None:
    file = archived(code)
    whole = file.read_bytes()
    for at in range(0, len(whole), 41):
        file.write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
        if is_archive(file):
            check(file)
    file.write_bytes(whole)
    assert check(changed(file, "record.json", lambda _: "[]")).bad is not None


def test_an_entry_of_another_incident_put_in_its_place_is_found(code: str) -> None:
    file = archived(code)
    assert main(["archive", "C2", "--to", "other.zip"]) == 0
    with ZipFile("other.zip") as other:
        theirs = other.read("log.jsonl").decode()
    assert check(changed(file, "log.jsonl", lambda _: theirs)).bad is not None


def test_nothing_is_written_over_and_nobody_knows_is_said(code: str, capsys: pytest.CaptureFixture[str]) -> None:
    archived(code)
    capsys.readouterr()
    assert main(["archive", code]) == 2
    assert "zip" in capsys.readouterr().err
    assert main(["archive", "C999"]) == 2
    assert "C999" in capsys.readouterr().err
