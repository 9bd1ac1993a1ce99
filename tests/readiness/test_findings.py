"""The doctor: what stands in the way of the next page is known before it is needed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from incident.organisation import Organisation
from incident.organisation.reach import Fact
from incident.readiness import Finding, Site, Weight, findings
from tests.core.house import START, Shelf, organisation

REAL = Site(simulated=False, public_url="https://ic.example", deadman=True)


def confirmed(house: Organisation) -> Organisation:
    """Everybody has proved each of their ways."""
    ways = [(p.id, way.kind, way.digest) for p in house.people for way in p.ways]
    return house.knowing(dict.fromkeys(ways, Fact(confirmed_at=START, confirmed_by="code")))


def changed(person: str = "", *absent: str, **fields: Any) -> Organisation:
    sheet = organisation(*absent).model_dump()
    for one in sheet["people"]:
        if one["id"] == person:
            one.update(fields)
    return Organisation.model_validate(sheet)


def look(house: Organisation, *, site: Site = REAL, now: datetime = START, **tested: datetime) -> list[Finding]:
    proved = dict.fromkeys((p.id for p in house.people), now - timedelta(days=1)) | tested
    return list(findings(house, Shelf(), site, proved, now))


def rules(found: list[Finding], name: str | None = None) -> list[str]:
    return [one.rule for one in found if name in (None, one.name)]


def two_ways(house: Organisation) -> Organisation:
    """Everybody also has mail, so that nothing hangs on one number, and the region has somebody to stand in."""
    sheet = house.model_dump()
    for one in sheet["rosters"]:
        for layer in one["layers"]:
            layer["rotation"] = ["charlie", "walk-in"] if layer["rotation"] == ("charlie",) else layer["rotation"]
    for one in sheet["people"]:
        one["ways"] = [*one["ways"], {"kind": "mail", "address": f"{one['id']}@house.example"}]
    return Organisation.model_validate(sheet)


def test_a_sound_house_is_ready() -> None:
    assert look(confirmed(two_ways(organisation()))) == []


def test_a_house_where_nobody_is_on_duty_is_not_ready_in_any_unit() -> None:
    found = look(confirmed(organisation("field", "region", "hq")))
    assert [one.name for one in found if one.rule == "unanswerable"] == ["field", "hq", "region"]
    assert {one.weight for one in found if one.rule == "unanswerable"} == {Weight.BLOCKS}


def test_a_rung_that_nobody_holds_is_a_weakness_and_not_a_wall() -> None:
    found = look(confirmed(two_ways(organisation("region"))))
    assert "unanswerable" not in rules(found)
    (rung,) = [one for one in found if one.rule == "unheld_rung" and one.name == "field"]
    assert dict(rung.said.params)["tier"] == "region"
    assert rung.because is not None
    assert "gap" in rules(found, "region-response")


def test_who_never_answered_a_test_page_or_long_ago_is_untested() -> None:
    house = confirmed(two_ways(organisation()))
    assert look(house, alice=START - timedelta(days=31)) == []
    assert rules(look(house, alice=START - timedelta(days=32)), "alice") == ["untested"]
    found = list(findings(house, Shelf(), REAL, {}, START))
    assert {one.said.key for one in found} == {"doctor.never_tested"}
    assert {one.name for one in found} == {"alice", "bob", "charlie", "dora", "erik", "walk-in"}, (
        "those on duty, and only those"
    )


def test_one_number_for_everything_fails_together() -> None:
    assert rules(look(confirmed(organisation())), "alice") == ["one_way"]


def test_ways_that_nobody_confirmed_and_no_way_at_all() -> None:
    assert "unproven_ways" in rules(look(two_ways(organisation())), "alice")
    assert rules(look(confirmed(two_ways(changed()))), "alice") == []
    nothing = changed("alice", ways=[])
    assert rules(look(confirmed(nothing)), "alice") == ["unreachable"]


def test_a_broken_way_beside_a_good_one_is_named() -> None:
    house = two_ways(organisation())
    alice = house.person("alice")
    assert alice is not None
    facts = {
        (p.id, way.kind, way.digest): Fact(confirmed_at=START, confirmed_by="code")
        for p in house.people
        for way in p.ways
    }
    sms = alice.ways[0]
    facts["alice", sms.kind, sms.digest] = Fact(confirmed_at=START, confirmed_by="code", broken_at=START)
    assert "broken_way" in rules(look(house.knowing(facts)), "alice")


def test_a_certificate_that_runs_out_is_announced_and_then_held_against_its_holder() -> None:
    until = (START + timedelta(days=30)).date()
    house = confirmed(two_ways(changed("alice", skills=[{"name": "gas", "until": until}])))
    assert [(f.rule, f.weight) for f in look(house)] == [("skill", Weight.SOON)]
    assert look(house, now=START - timedelta(days=1)) == []
    late = look(house, now=START + timedelta(days=31))
    assert [(f.rule, f.weight) for f in late] == [("skill", Weight.WEAK)]


def test_an_old_playbook_is_named_without_hiding_anything_graver() -> None:
    late = datetime(2029, 1, 1, tzinfo=UTC)
    found = look(confirmed(two_ways(organisation("field", "region", "hq"))), now=late)
    assert found[0].weight is Weight.BLOCKS
    assert "old_playbook" in rules(found)


def test_the_installation_itself_is_looked_at() -> None:
    house = confirmed(two_ways(organisation()))
    assert rules(look(house, site=Site(True, "http://127.0.0.1:8000", False))) == ["no_deadman", "simulated"]
    assert rules(look(house, site=Site(False, "http://127.0.0.1:8000", True))) == ["local_url"]
    assert rules(look(house, site=Site(False, "https://ic.example", True, "timed out"))) == ["deadman_unheard"]
