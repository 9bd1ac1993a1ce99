"""Reasons as people read them: names in their language, and ids for programs."""

from __future__ import annotations

from typing import Any

from incident.commands import Decline
from incident.errors import why
from incident.organisation import Organisation
from incident.record.naming import named, sentence
from incident.words import words_for
from tests.core.house import Story, organisation, playbooks
from tests.record.test_view import read


def house() -> Organisation:
    """The small organisation, with names that differ by language."""
    body: dict[str, Any] = organisation().model_dump(mode="json")
    body["units"][2]["name"] = {"en": "Cloud team", "zh": "云团队"}
    body["rosters"][0]["name"] = {"en": "Cloud on call", "zh": "云值班"}
    return Organisation.model_validate(body)


def test_a_roster_and_a_unit_are_said_by_name_in_the_reader_s_language() -> None:
    shift = why("roster.rotation", roster="field-response", until="2026-11-23 09:00", zone="UTC")
    assert "Cloud on call" in sentence(shift, house(), words_for("en"))
    assert "云值班" in sentence(shift, house(), words_for("zh_Hant"))
    routed = why("route.product", product="cloud", unit="field")
    assert "云团队" in sentence(routed, house(), words_for("zh_Hans"))


def test_the_pinned_playbook_is_said_by_name() -> None:
    plan = next(p for p in playbooks() if p.id == "system-outage")
    reason = why("playbook.chosen.kind", playbook=plan.id, kind="system_outage", level="critical")
    assert plan.name.zh in sentence(reason, house(), words_for("zh_Hans"), plan)
    assert plan.id in sentence(reason, house(), words_for("zh_Hans"))


def test_what_nobody_knows_keeps_its_id() -> None:
    gone = why("alarm.declined", person="who-left")
    assert named(gone, house(), "en") == gone
    unknown = why("route.unknown_unit", unit="field")
    assert named(unknown, house(), "en") == unknown


def test_a_view_says_names_and_keeps_the_ids_in_the_parameters() -> None:
    alarm = read(Story().opened().does(Decline("bob", "sms")).later(minutes=1)).alarm
    declined = next(p.reason for p in read(Story().opened()).alarm.paged)
    assert declined.params["roster"] == "field-response"
    assert "field-response" not in declined.text
    assert all("field-response" not in page.reason.text for page in alarm.paged)
