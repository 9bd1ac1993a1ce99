"""Whom a report belongs to and whom a rung pages, in the demo organisation."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from incident.errors import why
from incident.levels import Kind
from incident.organisation import Organisation, Routed, Who, demo_organisation
from incident.posts import Tier
from incident.report import Report
from incident.words import LOCALES, words_for

DEMO = demo_organisation()
SUNDAY = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
MONDAY = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # nine in Shanghai, two in Berlin


def report(**fields: object) -> Report:
    return Report.model_validate({"title": "It does not work", **fields})


@pytest.mark.parametrize(
    ("fields", "unit", "rule"),
    [
        ({"unit": "europe", "product": "fridge", "place": "Beijing"}, "europe", "route.named"),
        ({"product": "Storage cluster 4"}, "beijing-it", "route.product"),
        ({"product": "SMART HOME app"}, "berlin-cloud", "route.product"),
        ({"product": "双门冰箱", "place": "北京朝阳"}, "beijing-appliances", "route.product_and_place"),
        ({"product": "Fridge KX-2", "place": "Hamburg-Altona"}, "hamburg-appliances", "route.product_and_place"),
        ({"product": "thermostat", "place": "Beijing", "kind": "gas_leak"}, "berlin-cloud", "route.product"),
        ({"product": "fridge"}, "beijing-appliances", "route.product"),
        ({"place": "Hall 3"}, "beijing-it", "route.place"),
        ({"place": "Hamburg", "kind": "system_outage"}, "hamburg-appliances", "route.place"),
        ({"place": "天津"}, "north-china", "route.place"),
        ({"place": "Beijing", "kind": "gas_leak"}, "beijing-appliances", "route.place"),
        ({"kind": "platform_down"}, "berlin-cloud", "route.kind"),
        ({"product": "hovercraft", "kind": "network_cut"}, "beijing-it", "route.kind"),
        ({"kind": "information_security"}, "headquarters", "route.kind"),
        ({}, "headquarters", "route.headquarters"),
        ({"product": "hovercraft", "place": "Atlantis"}, "headquarters", "route.headquarters"),
    ],
    ids=str,
)
def test_a_report_goes_to_the_unit_that_answers_for_it(fields: dict[str, object], unit: str, rule: str) -> None:
    found = DEMO.route(report(**fields))
    assert (found.unit, found.reason.key, found.notes) == (unit, rule, ())
    assert ("unit", unit) in found.reason.params


def test_every_kind_of_incident_has_a_unit_with_people_or_headquarters() -> None:
    for kind in Kind:
        unit = DEMO.route(report(kind=kind)).unit
        assert DEMO.roster(unit, "response") is not None


def test_the_key_beats_the_report_and_an_unknown_name_is_noted() -> None:
    assert DEMO.route(report(unit="europe"), "beijing-it") == Routed(
        "beijing-it", why("route.pinned", unit="beijing-it")
    )
    found = DEMO.route(report(unit="moon", kind="gas_leak"), "mars")
    assert (found.unit, found.reason.key) == ("beijing-appliances", "route.kind")
    assert found.notes == (why("route.unknown_unit", unit="mars"), why("route.unknown_unit", unit="moon"))


@pytest.mark.parametrize("locale", LOCALES)
def test_every_rule_is_a_sentence(locale: str) -> None:
    words = words_for(locale)
    routed = [
        DEMO.route(report(product="fridge")),
        DEMO.route(report(product="fridge", place="Hamburg")),
        DEMO.route(report(place="Hamburg")),
        DEMO.route(report(kind="gas_leak")),
        DEMO.route(report()),
        DEMO.route(report(unit="europe")),
        DEMO.route(report(), "europe"),
    ]
    reasons = [*(one.reason for one in routed), *DEMO.route(report(unit="moon")).notes]
    for reason in reasons:
        said = words.reason(reason)
        assert said != reason.key
        assert "{" not in said
    assert "gas_leak" not in words.reason(routed[3].reason)


@pytest.mark.parametrize(
    ("unit", "tier", "who", "function", "people"),
    [
        ("beijing-it", Tier.FIELD, "primary", "response", ["li-wei"]),
        ("beijing-it", Tier.FIELD, "secondary", "response", ["wang-jun"]),
        ("beijing-it", Tier.FIELD, "all", "response", ["li-wei", "wang-jun"]),
        ("beijing-it", Tier.REGION, "primary", "response", ["chen-fang"]),
        ("beijing-it", Tier.HQ, "primary", "response", ["zhao-min"]),
        ("beijing-it", Tier.HQ, "all", "management", ["lin-jia", "zhao-min"]),
        ("beijing-it", Tier.HQ, "primary", "service", ["ho-wing-yan"]),
        ("beijing-it", Tier.HQ, "secondary", "service", []),
        ("berlin-cloud", Tier.REGION, "primary", "response", ["a-brandt"]),
        ("europe", Tier.FIELD, "primary", "response", []),
        ("europe", Tier.REGION, "primary", "response", ["a-brandt"]),
        ("headquarters", Tier.REGION, "primary", "response", []),
        ("beijing-it", Tier.REGION, "primary", "management", []),
        ("atlantis", Tier.HQ, "primary", "response", []),
    ],
)
def test_a_rung_is_held_by_the_nearest_unit_on_the_way_up(
    unit: str, tier: Tier, who: Who, function: str, people: list[str]
) -> None:
    assert [holder.person for holder in DEMO.holders(unit, tier, who, function, SUNDAY)] == people


def test_the_reason_for_a_page_names_the_roster_and_when_the_shift_ends() -> None:
    everybody = DEMO.holders("berlin-cloud", Tier.FIELD, "all", "response", SUNDAY)
    until = {"roster": "berlin-cloud-response", "until": "2026-11-23 09:00", "zone": "Europe/Berlin"}
    assert [holder.reason for holder in everybody] == [
        why("roster.rotation", **until),
        why("roster.secondary", **until),
    ]


def test_a_rung_that_no_unit_above_holds_for_the_function_falls_to_the_next_of_its_tier() -> None:
    data = DEMO.model_dump(mode="json")
    data["units"].append(
        {
            "id": "it-division",
            "name": {"en": "IT", "zh": "IT"},
            "tier": "hq",
            "parent": "headquarters",
            "timezone": "UTC",
        }
    )
    for unit in data["units"]:
        if unit["id"] == "north-china":
            unit["parent"] = "it-division"
    found = Organisation.model_validate(data)
    assert found.ancestors("beijing-it") == ("north-china", "it-division", "headquarters")
    assert [h.person for h in found.holders("beijing-it", Tier.HQ, "primary", "response", SUNDAY)] == ["zhao-min"]


def test_the_table_of_who_is_on_call_changes_at_nine_where_the_unit_is() -> None:
    def lines(at: datetime) -> dict[str, tuple[str | None, str | None]]:
        return {line.roster: (line.primary, line.secondary) for line in DEMO.on_call(at)}

    before, after = lines(SUNDAY), lines(MONDAY)
    assert len(before) == len(DEMO.rosters)
    assert before["beijing-it-response"] == ("li-wei", "wang-jun")
    assert after["beijing-it-response"] == ("wang-jun", "li-wei")
    assert before["berlin-cloud-response"] == after["berlin-cloud-response"] == ("t-fischer", "l-hoffmann")
    assert after["hq-service"] == ("ho-wing-yan", None)
    shanghai = next(line for line in DEMO.on_call(SUNDAY) if line.roster == "beijing-it-response")
    assert (shanghai.unit, shanghai.tier, shanghai.function, shanghai.until) == (
        "beijing-it",
        Tier.FIELD,
        "response",
        MONDAY,
    )


def test_an_answer_kept_from_before_is_not_given_after_or_earlier() -> None:
    def person(at: datetime) -> list[str]:
        return [holder.person for holder in DEMO.holders("beijing-it", Tier.FIELD, "primary", "response", at)]

    assert person(MONDAY) == ["wang-jun"]
    assert person(SUNDAY) == ["li-wei"]
    assert person(MONDAY) == ["wang-jun"]
    assert person(datetime(2023, 12, 31, 12, 0, tzinfo=UTC)) == []
    assert person(SUNDAY) == ["li-wei"]


@pytest.mark.parametrize(
    ("tier", "function", "held"),
    [
        (Tier.FIELD, "response", True),
        (Tier.REGION, "response", True),
        (Tier.HQ, "management", True),
        (Tier.HQ, "service", True),
        (Tier.REGION, "management", False),
        (Tier.FIELD, "service", False),
        (Tier.HQ, "catering", False),
    ],
)
def test_a_rung_that_nobody_can_hold_is_known_beforehand(tier: Tier, function: str, held: bool) -> None:
    assert DEMO.can_hold(tier, function) is held


def test_who_has_one_team_only_holds_the_rungs_below_it_as_the_ladder_climbs_them() -> None:
    data = DEMO.model_dump(mode="json")
    for part, unit in (("units", "id"), ("people", "unit"), ("rosters", "unit")):
        data[part] = [one for one in data[part] if one[unit] == "headquarters"]
    alone = Organisation.model_validate(data)
    assert alone.can_hold(Tier.FIELD, "response")
    assert alone.can_hold(Tier.REGION, "response")
    assert alone.has_skill(Tier.FIELD, "customer service")
    assert not alone.can_hold(Tier.FIELD, "catering")


def test_an_empty_roster_holds_nothing() -> None:
    data = DEMO.model_dump(mode="json")
    for roster in data["rosters"]:
        if roster["function"] == "service":
            roster["layers"][0]["rotation"] = []
    found = Organisation.model_validate(data)
    assert not found.can_hold(Tier.HQ, "service")
    assert found.holders("headquarters", Tier.HQ, "all", "service", SUNDAY) == ()


def test_people_are_found_by_id_and_by_phone() -> None:
    li = DEMO.person("li-wei")
    assert li is not None
    assert DEMO.by_number("+8619000000021") is li
    assert DEMO.by_number("+8619000000099") is None
    assert DEMO.person("nobody") is None
    assert DEMO.unit("europe") is not None
    assert DEMO.ancestors("berlin-cloud") == ("europe", "headquarters")
    assert DEMO.ancestors("headquarters") == DEMO.ancestors("atlantis") == ()


def test_the_demo_has_a_dozen_people_in_two_zones_who_read_three_languages() -> None:
    assert 12 <= len(DEMO.people) <= 16
    assert {person.timezone for person in DEMO.people} == {"Asia/Shanghai", "Europe/Berlin"}
    assert {person.locale for person in DEMO.people} == set(LOCALES)
    assert {unit.tier for unit in DEMO.units} == set(Tier)


def test_the_demo_uses_no_number_that_a_german_could_own_and_no_real_domain() -> None:
    for person in DEMO.people:
        assert all(number.startswith(("+4917139200", "+861900000")) for number in person.numbers)
        assert person.email is not None
        assert person.email.endswith(".example")
