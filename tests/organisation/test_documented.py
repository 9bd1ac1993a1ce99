"""What docs/rosters.md shows can be loaded, word for word."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

from pydantic import TypeAdapter

from incident.organisation import Organisation, parse_organisation
from incident.organisation.skills import skilled
from incident.playbooks.rungs import Rung
from incident.source import read_yaml

TEXT = (Path(__file__).parents[2] / "docs" / "rosters.md").read_text("utf-8")
SHORT, LAYERED, SKILLS, TEAM, LADDER = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
NOON = datetime(2026, 11, 25, 4, tzinfo=UTC)  # twelve on a Wednesday in Beijing

UNITS = """\
units:
  - {id: hq, name: {en: HQ, zh: 总部}, tier: hq, timezone: UTC}
  - {id: hamburg, name: {en: Hamburg, zh: 汉堡}, tier: field, parent: hq, timezone: Europe/Berlin}
people:
"""
PERSON = "  - {{id: {0}, name: {0}, timezone: Europe/Berlin, unit: hamburg}}\n"
PEOPLE = ("petersen", "krueger", "fischer", "hoffmann", "li-wei", "wang-jun")


def organisation(rosters: str) -> Organisation:
    return parse_organisation(UNITS + "".join(map(PERSON.format, PEOPLE)) + rosters, "docs/rosters.md")


def test_the_short_form() -> None:
    (line,) = organisation(SHORT).on_call(NOON)
    assert line.primary in ("petersen", "krueger")


def test_the_layers_in_place_of_the_one_rotation() -> None:
    head = SHORT[: SHORT.index("    timezone:")]
    by_day, by_night = (organisation(head + LAYERED).on_call(NOON.replace(hour=hour))[0] for hour in (4, 20))
    assert by_day.primary in ("li-wei", "wang-jun")
    assert by_night.primary in ("fischer", "hoffmann")


def test_the_skills() -> None:
    person = "  - id: petersen\n    name: Petersen\n    timezone: Europe/Berlin\n    unit: hamburg\n"
    (petersen,) = parse_organisation(UNITS + person + SKILLS, "docs/rosters.md").people
    assert [skilled(petersen, name, NOON) for name in ("Electrical safety", "gas", "crane", "welding")] == [
        True,
        True,
        True,
        False,
    ]
    assert not skilled(petersen, "gas", NOON.replace(month=12))


def test_the_team() -> None:
    units = UNITS.removesuffix("people:\n").removesuffix("}\n") + f", {TEAM.strip()}}}\n"
    hamburg = parse_organisation(units, "docs/rosters.md").units[1]
    assert hamburg.team is not None
    assert (hamburg.team.people, hamburg.team.skills) == (5, {"gas": 2, "electrical safety": 1})


def test_the_ladder() -> None:
    rungs = TypeAdapter(list[Rung]).validate_python(read_yaml(LADDER, "docs/rosters.md").data["ladder"])
    assert [rung.who for rung in rungs] == ["primary", "people", "skilled", "post", "all", "all"]
