"""`incident way`: what is loaded from a file is nobody's word yet, until somebody gives theirs."""

from __future__ import annotations

from pathlib import Path

import pytest

from incident.cli import main


@pytest.fixture(autouse=True)
def loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INCIDENT_DEFAULT_LOCALE", "en")
    monkeypatch.setenv("INCIDENT_DATA", str(tmp_path))
    assert main(["load", "incident/demo/organisation.yaml"]) == 0


def said(capsys: pytest.CaptureFixture[str], *command: str, code: int = 0) -> str:
    capsys.readouterr()
    assert main(list(command)) == code
    streams = capsys.readouterr()
    return streams.out + streams.err


def test_what_was_loaded_is_unconfirmed_until_an_admin_vouches_for_it(capsys: pytest.CaptureFixture[str]) -> None:
    listed = said(capsys, "way", "list", "li-wei")
    assert "li-wei  ! no way is confirmed" in listed
    assert "SMS  +8619000000021  not confirmed" in listed
    confirmed = said(capsys, "way", "confirm", "li-wei", "--kind", "sms", "--reason", "from the staff register")
    assert "1 way confirmed" in confirmed
    listed = said(capsys, "way", "list", "li-wei")
    assert "SMS  +8619000000021  confirmed (command: from the staff register)" in listed
    assert "Call  +8619000000021  not confirmed" in listed
    assert "!" not in listed


def test_everybodys_at_once_twice_is_once_and_loading_again_changes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert "28 ways confirmed" in said(capsys, "way", "confirm", "--reason", "from the staff register")
    assert "0 ways confirmed" in said(capsys, "way", "confirm", "--reason", "again")
    said(capsys, "load", "incident/demo/organisation.yaml")
    assert "not confirmed" not in said(capsys, "way", "list")


def test_a_word_needs_its_reason_and_a_person(capsys: pytest.CaptureFixture[str]) -> None:
    assert "say how you know" in said(capsys, "way", "confirm", "li-wei", "--reason", " ", code=2)
    assert "nobody" in said(capsys, "way", "confirm", "nobody", "--reason", "x", code=2)
