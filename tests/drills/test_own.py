"""Scripts of one's own: kept when the lint finds them clean, played by their names, taken away again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from drills.cli import main
from drills.script.reader import shipped
from incident.cli import main as incident
from incident.organisation.reader import demo_organisation, dump_organisation

pytestmark = pytest.mark.long

CASE = "data-centre-outage"


@pytest.fixture
def data(tmp_path: Path) -> list[str]:
    file = tmp_path / "organisation.yaml"
    file.write_text(dump_organisation(demo_organisation()), encoding="utf-8")
    assert incident(["load", str(file), "--data", str(tmp_path)]) == 0
    return ["--data", str(tmp_path)]


def written(folder: Path, old: str = f"id: {CASE}", new: str = "id: our-outage") -> str:
    text = shipped()[CASE].read_text("utf-8")
    assert old in text
    file = folder / "ours.yaml"
    file.write_text(text.replace(f"id: {CASE}", "id: our-outage").replace(old, new), encoding="utf-8")
    return str(file)


def ids(data: list[str], capsys: pytest.CaptureFixture[str]) -> list[str]:
    capsys.readouterr()
    main(["list", "--json", *data])
    return [one["id"] for one in json.loads(capsys.readouterr().out)]


def test_one_is_added_played_by_its_name_and_taken_away(
    tmp_path: Path, data: list[str], capsys: pytest.CaptureFixture[str]
):
    file = written(tmp_path)
    for told in ("version 1", "version 1"):  # the same again changes nothing
        capsys.readouterr()
        assert main(["add", file, *data]) == 0
        assert told in capsys.readouterr().out
    assert ids(data, capsys).count("our-outage") == 1
    main(["simulate", "our-outage", "--json", *data])
    assert json.loads(capsys.readouterr().out)["script"] == "our-outage"
    assert main(["remove", "our-outage", *data]) == 0
    assert "our-outage" not in ids(data, capsys)
    assert main(["simulate", "our-outage", *data]) == 2
    assert main(["remove", "our-outage", *data]) == 2


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("playbook: system-outage", "playbook: nothing-such", "ours.yaml:13:11"),
        ("measure: acknowledge", "measure: acknowlege", "acknowlege"),
        (f"id: {CASE}", f"id: {CASE}", "comes with the product"),
    ],
)
def test_what_would_spoil_a_drill_is_refused_at_its_place(
    tmp_path: Path, data: list[str], capsys: pytest.CaptureFixture[str], old: str, new: str, told: str
):
    if old == new:
        file = tmp_path / "ours.yaml"
        file.write_text(shipped()[CASE].read_text("utf-8"), encoding="utf-8")
    else:
        written(tmp_path, old, new)
    assert main(["add", str(tmp_path / "ours.yaml"), *data]) != 0
    assert told in capsys.readouterr().err
    assert sorted(ids(data, capsys)) == sorted(shipped())
