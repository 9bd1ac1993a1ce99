"""A team that is smaller than asked, or in which too few hold a certificate, now or within 30 days."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from incident.organisation import Organisation
from incident.readiness import Weight
from incident.readiness.teams import findings
from tests.core.house import START, organisation

SOON = (START + timedelta(days=29)).date().isoformat()
LATER = (START + timedelta(days=30)).date().isoformat()


def ruled(rule: dict[str, Any], **skills: list[Any]) -> Organisation:
    """The field team (alice, bob and ten helpers) under a rule; headquarters' people hold everything."""
    sheet = organisation().model_dump()
    next(one for one in sheet["units"] if one["id"] == "field")["team"] = rule
    for one in sheet["people"]:
        one["skills"] = skills.get(one["id"], []) if one["unit"] == "field" else ["gas"]
    return Organisation.model_validate(sheet)


def looked(house: Organisation) -> list[tuple[str, Weight, str, dict[str, str]]]:
    return [(one.rule, one.weight, one.name, dict(one.said.params)) for one in findings(house, START)]


def test_nothing_is_asked_of_a_team_without_a_rule_or_with_enough_people() -> None:
    assert looked(organisation()) == []
    assert looked(ruled({"people": 12})) == []


def test_a_team_that_is_too_small_counts_neither_viewers_nor_other_units() -> None:
    assert looked(ruled({"people": 13})) == [("team", Weight.WEAK, "field", {"held": "12", "asked": "13"})]
    sheet = ruled({"people": 12}).model_dump()
    next(one for one in sheet["people"] if one["id"] == "helper-1")["role"] = "viewer"
    assert looked(Organisation.model_validate(sheet)) == [("team", Weight.WEAK, "field", {"held": "11", "asked": "12"})]


def test_a_certificate_that_too_few_hold_now_is_a_weakness_and_a_waiver_is_no_certificate() -> None:
    over = {"name": "gas", "until": "2026-01-01", "waiver": "exam is on Friday"}
    found = looked(ruled({"skills": {"Gas": 2}}, alice=["gas"], bob=[over]))
    assert found == [("team_skill", Weight.WEAK, "field", {"skill": "Gas", "held": "1", "asked": "2"})]


def test_one_that_runs_out_within_30_days_is_said_before_and_the_last_day_counts() -> None:
    rule = {"skills": {"gas": 2}}
    assert looked(ruled(rule, alice=["gas"], bob=[{"name": "gas", "until": LATER}])) == []
    found = looked(ruled(rule, alice=["gas"], bob=[{"name": "gas", "until": SOON}]))
    assert found == [("team_skill", Weight.SOON, "field", {"skill": "gas", "held": "1", "asked": "2"})]
    spare = {"helper-1": [{"name": "gas", "until": LATER}]}
    assert looked(ruled(rule, alice=["gas"], bob=[{"name": "gas", "until": SOON}], **spare)) == []
