"""`incident load` over what was changed on the site: nothing of it is lost without a word."""

from __future__ import annotations

from pathlib import Path

import pytest

from incident.cli import main
from incident.organisation import Organisation
from incident.settings import Settings
from incident.wiring import open_house

pytestmark = pytest.mark.long

DEMO = Path("incident/demo/organisation.yaml")


@pytest.fixture(autouse=True)
def loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INCIDENT_DEFAULT_LOCALE", "en")
    monkeypatch.setenv("INCIDENT_DATA", str(tmp_path))
    assert main(["load", str(DEMO)]) == 0


def said(capsys: pytest.CaptureFixture[str], *command: str, code: int = 0) -> str:
    capsys.readouterr()
    assert main(list(command)) == code
    streams = capsys.readouterr()
    return streams.out + streams.err


def on_the_site(old: str, new: str) -> None:
    """Somebody changes a piece of the organisation."""
    house = open_house(Settings.load())
    try:
        text = house.directory.organisation().model_dump_json()
        assert old in text
        house.directory.save(Organisation.model_validate_json(text.replace(old, new)), "person:lin-jia")
    finally:
        house.close()


def file(tmp_path: Path, old: str, new: str, text: str | None = None) -> str:
    words = text or DEMO.read_text("utf-8")
    assert old in words
    path = tmp_path / "organisation.yaml"
    path.write_text(words.replace(old, new, 1), "utf-8")
    return str(path)


def dumped(capsys: pytest.CaptureFixture[str]) -> str:
    return said(capsys, "dump")


def test_a_number_that_was_changed_on_the_site_outlives_the_same_file_however_often(
    capsys: pytest.CaptureFixture[str],
) -> None:
    on_the_site("+8619000000021", "+8619000000029")
    for _ in range(3):
        assert "Kept, as it was changed on the site: person li-wei (ways)" in said(capsys, "load", str(DEMO))
        assert "+8619000000029" in dumped(capsys)


def test_another_change_in_the_file_comes_in_beside_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    on_the_site("+8619000000021", "+8619000000029")
    said(capsys, "load", file(tmp_path, "name: A. Brandt", "name: Anna Brandt"))
    assert all(words in dumped(capsys) for words in ("+8619000000029", "Anna Brandt"))


def test_the_same_changed_in_two_ways_loads_nothing_and_names_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    on_the_site("+8619000000021", "+8619000000029")
    path = file(tmp_path, '"+86 190 0000 0021"', '"+86 190 0000 0028"')
    before = dumped(capsys)
    refused = said(capsys, "load", path, code=2)
    assert "person li-wei (ways)" in refused
    assert "--replace" in refused
    assert dumped(capsys) == before
    assert "Overwritten, though it was changed on the site: person li-wei (ways)" in said(
        capsys, "load", path, "--replace"
    )
    assert "+8619000000029" not in dumped(capsys)


def test_what_is_taken_out_of_a_fresh_dump_goes_though_the_site_had_put_it_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    on_the_site("A. Brandt", "Anna Brandt")
    path = file(tmp_path, "name: Anna Brandt", "name: A. Brandt", dumped(capsys))
    assert "Kept" not in said(capsys, "load", path)
    assert "Anna Brandt" not in dumped(capsys)


def test_the_same_dump_may_be_edited_and_loaded_again_and_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = dumped(capsys)
    for name in ("Anna", "Berta", "Clara"):
        said(capsys, "load", file(tmp_path, "name: A. Brandt", f"name: {name}", text))
    assert "Clara" in dumped(capsys)


def test_a_dump_of_another_installation_is_a_file_like_any_other(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    on_the_site("+8619000000021", "+8619000000029")
    foreign = "# organisation, version 2 0123456789ab\n" + DEMO.read_text("utf-8")
    said(capsys, "load", file(tmp_path, "name: A. Brandt", "name: Anna", foreign))
    assert "+8619000000029" in dumped(capsys)
