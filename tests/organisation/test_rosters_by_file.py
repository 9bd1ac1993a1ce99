"""Rosters as a file: what is dumped is read back, and what is wrong is told with its line and column."""

from __future__ import annotations

import pytest

from incident.organisation.reader import dump_organisation, parse_organisation
from incident.source import BadSource
from tests.pages.test_layers import LAYERS
from tests.web.place import organisation

NIGHT = {"start": "2026-03-28T22:00:00Z", "end": "2026-03-29T05:00:00Z"}
FILE = """
units:
  - {id: hq, name: {en: HQ, zh: 总部}, tier: hq, timezone: Europe/Berlin}
people:
  - {id: anna, name: Anna, timezone: Europe/Berlin, unit: hq}
  - {id: ben, name: Ben, timezone: Europe/Berlin, unit: hq}
rosters:
  - id: hq-response
    name: {en: HQ, zh: 总部}
    unit: hq
    timezone: Europe/Berlin
    layers:
      - id: days
        rotation: [anna, ben]
        start: 2026-01-05
        restrictions:
          - {days: [monday], start: "09:00", end: "17:00"}
    swaps:
      - {start: 2026-03-28T00:00:00+01:00, end: 2026-03-30T00:00:00+02:00, giver: anna, taker: ben}
"""


def test_everything_that_is_edited_on_the_site_goes_through_a_file() -> None:
    document = organisation().model_dump(mode="json")
    document["rosters"][0] |= {
        "layers": LAYERS,
        "overrides": [
            {"start": "2026-03-28T22:00:00Z", "end": "2026-03-29T05:00:00Z", "person": "bob", "reason": "x: y"}
        ],
        "swaps": [
            {
                "start": "2026-03-28T22:00:00Z",
                "end": "2026-03-29T05:00:00Z",
                "giver": "alice",
                "taker": "bob",
                "note": "。",
            }
        ],
    }
    document["people"][0]["time_off"] = [NIGHT]
    made = type(organisation()).model_validate(document)
    text = dump_organisation(made)
    assert parse_organisation(text, "organisation.yaml") == made
    assert dump_organisation(parse_organisation(text, "organisation.yaml")) == text


@pytest.mark.parametrize(
    ("right", "wrong", "place", "says"),
    [
        ("rotation: [anna, ben]", "rotation: [anna, bem]", "14:26", "bem"),
        ("giver: anna", "giver: ana", "19:83", "ana"),
        ("taker: ben", "taker: anna", "19:9", "two people"),
        ("end: 2026-03-30T00:00:00+02:00", "end: 2026-03-27T00:00:00+01:00", "19:9", "end after it starts"),
        ('end: "17:00"', 'end: "25:00"', "17:51", "end"),
        ("start: 2026-01-05", "begin: 2026-01-05", "15:9", "begin"),
        ("[monday]", "[munday]", "17:21", "monday"),
    ],
)
def test_a_fault_is_told_with_its_line_and_column(right: str, wrong: str, place: str, says: str) -> None:
    with pytest.raises(BadSource) as bad:
        parse_organisation(FILE.replace(right, wrong), "organisation.yaml")
    told = [str(fault) for fault in bad.value.faults]
    assert any(line.startswith(f"organisation.yaml:{place}:") and says in line for line in told), told
