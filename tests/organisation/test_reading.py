"""The organisation's file: every disagreement at its line, and back out again."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from incident.errors import BadInput
from incident.organisation import Organisation, demo_organisation, dump_organisation, parse_organisation
from incident.organisation.checks import faults
from incident.organisation.model import Sheet
from incident.posts import Tier
from incident.source import BadSource, read_yaml
from incident.words import LOCALES, words_for

SMALL = """\
units:
  - {id: hq, name: {en: HQ, zh: 总部}, tier: hq, timezone: UTC}
  - {id: north, name: {en: North, zh: 北}, tier: region, parent: hq, timezone: UTC}
  - {id: team, name: {en: Team, zh: 队}, tier: field, parent: north, timezone: UTC}
people:
  - {id: li, name: Li, timezone: UTC, unit: team, ways: [{kind: sms, address: "+49 171 3920001"}]}
  - {id: chen, name: Chen, timezone: UTC, unit: team, ways: [{kind: sms, address: "+49 171 3920002"}]}
rosters:
  - {id: one, name: {en: One, zh: 一}, unit: team, timezone: UTC, rotation: [li, chen], start: 2026-01-05}
"""

# What is spoilt, how, the text at which the fault points, and what it says.
FAULTS = [
    ("tier: region, parent: hq", "tier: region, parent: sea", "sea,", "There is no unit named sea."),
    ("tier: region, parent: hq", "tier: region, parent: team", "region,", "north stands in a higher tier"),
    ("id: north,", "id: hq,", "hq, name: {en: North", "The id hq is used twice"),
    ("tier: hq,", "tier: region,", "region, timezone", "hq is the root, so its tier must be hq."),
    (", parent: north", "", "{id: team", "team has no parent, but hq is the root already"),
    ("id: chen,", "id: li,", "li, name: Chen", "The id li is used twice"),
    ("unit: team, ways", "unit: sea, ways", "sea, ways", "There is no unit named sea."),
    ("3920002", "3920001", '"+49 171 3920001"}]}\nrosters', "+491713920001 belongs to li already"),
    ("Chen, ", "Chen, role: viewer, ", "chen], start", "chen may only look on"),
    ("[li, chen]", "[li, wang]", "wang]", "There is no person named wang."),
    ("unit: team, timezone", "unit: sea, timezone", "sea, timezone", "There is no unit named sea."),
    ("rotation:", "function: catering, rotation:", "catering,", "team does not have the function catering"),
    ("3920002", "112", '"+49 171 112"', "address: no such number exists"),
    ('"+49 171 3920002"', '"112"', '"112"', "112 is an emergency number"),
    ("start: 2026-01-05", "start: soon", "soon", "start: Input should be a valid date"),
    ("Chen, ", "Chen, nickname: C, ", "nickname: C", "'nickname' is not known here"),
    (
        "name: {en: One, zh: 一}",
        "name: [One]",
        "[One]",
        "name: write keys with their values here: {en: Name, zh: 名称}",
    ),
    ("start: 2026-01-05", "start: 2026-01-05, handover: 9:00", "9:00", 'handover: write the time as in "09:00"'),
]
IDS = [f"{index}-{said}" for index, (*_, said) in enumerate(FAULTS)]


def read(text: str) -> list[str]:
    with pytest.raises(BadSource) as caught:
        parse_organisation(text, "org.yaml")
    return [str(fault) for fault in caught.value.faults]


def test_the_small_one_is_sound() -> None:
    assert parse_organisation(SMALL, "org.yaml").root == "hq"


def test_a_name_of_one_word_is_the_name_in_every_language() -> None:
    found = parse_organisation(SMALL.replace("{en: One, zh: 一}", "One"), "org.yaml")
    assert [found.rosters[0].name.for_locale(locale) for locale in LOCALES] == ["One"] * 3
    assert parse_organisation(dump_organisation(found), "dumped.yaml") == found


def test_a_list_is_not_called_empty_for_what_is_wrong_in_it() -> None:
    (only,) = read(SMALL.replace("tier: hq, ", "tier: moon, ").partition("\n  - {id: north")[0] + "\npeople: []\n")
    assert "tier: " in only
    assert "units: at least one is needed" in read("units: []\npeople: []\n")[0]


@pytest.mark.parametrize(("old", "new", "place", "said"), FAULTS, ids=IDS)
def test_a_disagreement_is_named_at_line_and_column(old: str, new: str, place: str, said: str) -> None:
    text = SMALL.replace(old, new, 1)
    assert text.count(place) == 1
    before = text[: text.index(place)]
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    found = [fault for fault in read(text) if said in fault]
    assert found
    assert found[0].startswith(f"org.yaml:{line}:{column}: ")


def test_a_ring_is_found_from_each_of_its_units() -> None:
    ring = SMALL.replace("parent: hq", "parent: other").replace(
        "people:", "  - {id: other, name: {en: O, zh: 他}, tier: region, parent: north, timezone: UTC}\npeople:"
    )
    assert [line.partition(": ")[2] for line in read(ring)] == [
        "north is its own ancestor: break the ring.",
        "other is its own ancestor: break the ring.",
    ]


def test_a_unit_below_a_ring_is_not_blamed_and_reading_ends() -> None:
    ring = SMALL.replace("parent: hq", "parent: north")
    assert [line.partition(": ")[2] for line in read(ring)] == ["north is its own ancestor: break the ring."]


def test_a_tree_without_a_root_is_refused() -> None:
    assert any(
        "No unit is without a parent" in line for line in read(SMALL.replace("tier: hq,", "tier: hq, parent: hq,"))
    )


def test_a_unit_may_keep_two_rosters_for_one_function_and_each_is_asked() -> None:
    twice = SMALL + SMALL.splitlines()[-1].replace("id: one", "id: two").replace("[li, chen]", "[chen, li]") + "\n"
    found = parse_organisation(twice, "org.yaml")
    monday = datetime(2026, 1, 6, tzinfo=UTC)
    assert [h.person for h in found.holders("team", Tier.FIELD, "primary", "response", monday)] == ["li", "chen"]
    assert [line.roster for line in found.on_call(monday)] == ["one", "two"]


@pytest.mark.parametrize(
    ("more", "line", "said"),
    [
        ("swaps: [{start: 2026-02-01T00:00Z, end: 2026-02-02T00:00Z, giver: li, taker: wang}]", 9, "person named wang"),
        ("swaps: [{start: 2026-02-01T00:00Z, end: 2026-02-02T00:00Z, giver: li, taker: li}]", 9, "two people"),
        (
            "swaps: [{start: 2026-02-01T00:00Z, end: 2026-02-03T00:00Z, giver: li, taker: chen, state: accepted},"
            " {start: 2026-02-02T00:00Z, end: 2026-02-04T00:00Z, giver: li, taker: chen, state: accepted}]",
            9,
            "same shifts away in another accepted swap",
        ),
        ("restrictions: [{start: '09:00', end: '09:00'}]", 9, "leaves no hour"),
        ("restrictions: [{days: [caturday]}]", 9, "monday"),
        ("period_minutes: 20", 9, "greater than or equal to 30"),
        ("period_minutes: 60, handover_weekday: monday", 9, "stands alone"),
        ("layers: []", 9, "belongs into a layer"),
    ],
)
def test_what_a_roster_says_against_itself_is_refused_at_its_line(more: str, line: int, said: str) -> None:
    found = read(SMALL.replace("start: 2026-01-05", f"start: 2026-01-05, {more}"))
    assert len(found) == 1
    assert found[0].startswith(f"org.yaml:{line}:")
    assert said in found[0]


LAYERED = (
    SMALL.rpartition("  - {id: one")[0]
    + """\
  - id: one
    name: {en: One, zh: 一}
    unit: team
    timezone: UTC
    layers:
      - {id: low, rotation: [li], start: 2026-01-05}
      - {id: high, rotation: [chen], start: 2026-01-05}
"""
)


def test_a_layer_that_can_never_be_on_duty_is_refused_where_it_stands() -> None:
    found = read(LAYERED)
    assert [line.partition(":")[2].split(":")[0] for line in found] == ["14"]
    assert "Layer low can never be on duty: high stands above it" in found[0]
    for remedy in ("start: 2026-01-05, restrictions: [{end: '12:00'}]}", "start: 2026-02-05}"):
        parse_organisation(LAYERED.replace("[chen], start: 2026-01-05}", f"[chen], {remedy}"), "org.yaml")
    assert any("two layers low" in line for line in read(LAYERED.replace("id: high", "id: low")))


def test_a_stand_in_whom_nobody_knows_is_refused() -> None:
    override = 'overrides: [{start: "2026-02-01T00:00Z", end: "2026-02-02T00:00Z", person: wang, reason: ill}]'
    found = read(SMALL.replace("start: 2026-01-05", f"start: 2026-01-05, {override}"))
    assert [line.partition(": ")[2] for line in found] == ["There is no person named wang."]


def test_all_faults_come_in_one_reading_in_the_files_order() -> None:
    bad = SMALL.replace("unit: team, ways", "unit: sea, ways").replace("[li, chen]", "[li, wang]")
    assert [line.split(":")[1] for line in read(bad)] == ["6", "7", "9"]


def test_one_person_may_have_two_ways_over_one_phone() -> None:
    both = SMALL.replace(
        '[{kind: sms, address: "+49 171 3920001"}]',
        '[{kind: sms, address: "+49 171 3920001"}, {kind: voice, address: "+49 171 39200-01"}]',
    )
    li = parse_organisation(both, "org.yaml").by_number("+491713920001")
    assert li is not None
    assert li.id == "li"


def test_parts_that_disagree_make_no_organisation_and_point_at_the_field() -> None:
    data = demo_organisation().model_dump(mode="json")
    data["rosters"][2]["layers"][0]["rotation"] = ["nobody"]
    with pytest.raises(BadInput) as caught:
        Organisation.model_validate(data)
    assert [(fault.pointer, fault.reason.key) for fault in caught.value.faults] == [
        ("/rosters/2/layers/0/rotation/0", "error.unknown")
    ]


@pytest.mark.parametrize("text", [SMALL, dump_organisation(demo_organisation())], ids=["small", "demo"])
def test_what_is_dumped_is_read_back_as_the_same(text: str) -> None:
    found = parse_organisation(text, "org.yaml")
    again = dump_organisation(found)
    assert parse_organisation(again, "org.yaml") == found
    assert dump_organisation(parse_organisation(again, "org.yaml")) == again


def test_a_dump_is_meant_for_people() -> None:
    text = dump_organisation(demo_organisation())
    assert text.startswith("units:\n- id: headquarters\n  name:\n    en: ")
    assert "北光家居" in text
    assert "overrides" not in text


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize(("old", "new"), [f[:2] for f in FAULTS[:12]], ids=IDS[:12])
def test_every_disagreement_is_a_sentence_in_every_language(locale: str, old: str, new: str) -> None:
    sheet = Sheet.model_validate(read_yaml(SMALL.replace(old, new, 1), "org.yaml").data)
    found = [words_for(locale).reason(reason) for _, reason in faults(sheet)]
    assert found
    assert not any("{" in said or said.startswith("organisation.") for said in found)
