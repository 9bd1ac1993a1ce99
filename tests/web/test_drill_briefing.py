"""The briefing of a planned drill: it reaches whoever takes part as news, is acknowledged, and pages nobody."""

from __future__ import annotations

from typing import Any

import pytest

from incident.notify.briefing_news import words_of
from incident.notify.capabilities import Capabilities, capabilities
from incident.notify.sms_parts import count
from incident.organisation import WayKind
from incident.words import LOCALES
from tests.web.place import NUMBERS, Place
from tests.web.test_drill_ahead import PLAN, pages, planned, put, shown

pytestmark = pytest.mark.long


def texts(place: Place, name: str) -> list[str]:
    place.deliver()
    found = place.client.get(f"/api/phones/{NUMBERS[name]}", headers=place.key("admin")).json()
    return [one["body"] for one in found["messages"]]


def standing(place: Place, plan: str) -> dict[str, Any]:
    found = place.client.get(f"/api/drill-plans/{plan}", headers=place.session("dora")).json()
    return {one["person"]: one for one in found["briefing"]}


def test_everybody_who_takes_part_is_told_once_in_their_language_and_nobody_is_paged(place: Place):
    plan = planned(place)["id"]
    assert texts(place, "alice") == []  # planning tells nobody
    for _ in "12":
        assert put(place, plan, "briefing").status_code == 200
    (alice,), (bob,), (charlie,) = (texts(place, name) for name in ("alice", "bob", "charlie"))
    assert alice.startswith("[DRILL] 12-01 01:00, Hall 3: you take part.")
    assert alice.endswith(f"/drills/plans/{plan}")
    assert bob.startswith("【演练】12-01 01:00")
    assert bob.endswith(f"/drills/plans/{plan}")
    assert "you take part" in charlie  # who evaluates is told as well
    assert pages(place) == []
    assert standing(place, plan)["alice"]["told_at"]


def test_it_is_acknowledged_with_one_button_by_who_takes_part(place: Place):
    plan = planned(place)["id"]
    put(place, plan, "briefing")
    there = f"/drills/plans/{plan}"
    assert "I have read it" in shown(place, there, "alice")
    assert "I have read it" not in shown(place, there, "vera")
    said = place.client.post(f"{there}/acknowledge", data={"seen": "0"}, headers=place.session("alice"))
    assert said.status_code == 303
    first = standing(place, plan)["alice"]["acknowledged_at"]
    place.later(minutes=5)
    assert put(place, plan, "acknowledge", by="alice", seen=0).status_code == 200
    assert standing(place, plan)["alice"]["acknowledged_at"] == first
    assert "You acknowledged it" in shown(place, there, "alice")
    assert put(place, plan, "acknowledge", by="vera").status_code == 409
    key = place.client.post(f"/api{there.replace('/drills/', '/drill-')}/acknowledge", headers=place.key("admin"))
    assert key.status_code == 409
    assert not standing(place, plan)["bob"]["acknowledged"]


def test_who_was_told_hears_of_a_change_and_reads_it_again(place: Place):
    plan = planned(place)["id"]
    put(place, plan, "briefing")
    place.deliver()
    put(place, plan, "acknowledge", by="alice", seen=0)
    assert put(place, plan, "change", **PLAN | {"place": "Hall 4", "players": "alice"}).status_code == 200
    assert texts(place, "alice")[-1].startswith("[DRILL] Changed: 12-01 01:00, Hall 4.")
    assert "不再参加" in texts(place, "bob")[-1]
    assert not standing(place, plan)["alice"]["acknowledged"]
    assert "has been changed since you read it" in shown(place, f"/drills/plans/{plan}", "alice")
    assert put(place, plan, "acknowledge", by="alice", seen=0).status_code == 409  # that is not what stands there now
    assert put(place, plan, "acknowledge", by="alice", seen=1).status_code == 200
    assert standing(place, plan)["alice"]["acknowledged"]


def test_who_was_told_hears_that_it_is_cancelled(place: Place):
    plan = planned(place)["id"]
    put(place, plan, "briefing")
    place.deliver()
    put(place, plan, "cancel", reason="Flood")
    assert "cancelled" in texts(place, "alice")[-1]
    assert put(place, plan, "briefing").status_code == 409
    assert put(place, plan, "acknowledge", by="alice").status_code == 409


def test_nobody_hears_of_a_plan_that_was_never_sent(place: Place):
    plan = planned(place)["id"]
    put(place, plan, "change", **PLAN | {"place": "Hall 4"})
    put(place, plan, "cancel", reason="Flood")
    assert texts(place, "alice") == []


def test_nobody_is_told_more_than_five_times_an_hour(place: Place):
    plan = planned(place)["id"]
    put(place, plan, "briefing")
    for number in range(8):
        put(place, plan, "change", **PLAN | {"place": f"Hall {number}0"})
    assert len(texts(place, "alice")) == 5
    place.later(hours=2)
    put(place, plan, "briefing")  # who missed the last change is told of it now
    assert "Hall 70" in texts(place, "alice")[-1]


def test_starting_says_who_has_not_acknowledged_and_refuses_nothing(place: Place):
    plan = planned(place)["id"]
    put(place, plan, "briefing")
    put(place, plan, "acknowledge", by="alice", seen=0)
    page = shown(place, f"/drills/plans/{plan}")
    assert "Not acknowledged by: Bob, Dora, Charlie." in page
    started = put(place, plan, "start").json()
    assert [one["person"] for one in started["briefing"] if not one["acknowledged"]] == ["bob", "dora", "charlie"]
    acts, by = f"/api/tabletops/{started['drill']}/acts", place.session("dora")
    for body in ({"act": "read", "inject": 1}, {"act": "judge", "inject": 1, "done": "done"}, {"act": "end"}):
        assert place.client.post(acts, json=body, headers=by).status_code == 200
    kept = place.client.get("/api/drills", headers=by).json()["items"][0]["id"]
    report = shown(place, f"/drills/{kept}/report")
    assert "Briefing acknowledged by: Alice (2026-11-23 02:12)." in report
    assert "Briefing not acknowledged by: Bob, Dora, Charlie." in report


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("about", ["asked", "changed", "cancelled", "without"])
@pytest.mark.parametrize("room", ["Hall 3", "二楼应急指挥中心多功能会议室东侧二号门旁边的小会议室三零一号房间西区"])
def test_a_text_is_one_part_and_bears_the_mark(locale: str, about: str, room: str):
    facts = {"about": about, "when": "12-01 09:00", "place": room, "plan": "abcd1234"}
    able: Capabilities = capabilities("twilio", "+12025550101")
    _, text = words_of(facts, WayKind.SMS, locale, able, site="https://pager.example.com")
    assert count(text).parts == 1
    assert text.startswith("[DRILL]" if locale == "en" else "【演")
    assert text.endswith("https://pager.example.com/drills/plans/abcd1234")
