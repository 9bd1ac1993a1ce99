"""A flood of alarms and sources that come and go: on the wall, the board, in the heartbeat and the figures."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from incident.words import LOCALES
from tests.web.place import Place
from web.source import StoreSource


def alarms(place: Place, count: int, **fields: object) -> list[dict[str, object]]:
    return [place.reported(title=f"pump {n}", level="medium", kind="other", **fields) for n in range(count)]


def figures(place: Place) -> dict[str, float]:
    text = place.client.get("/metrics").text
    return {name: float(value) for name, value in re.findall(r"^(incident_\w+) (\S+)$", text, re.MULTILINE)}


def board(place: Place) -> str:
    return place.client.get("/", headers=place.session("dora")).text


def test_ten_alarms_in_ten_minutes_are_none_and_the_eleventh_is_a_flood(place: Place):
    alarms(place, 10)
    assert StoreSource(place.house).health().load is None
    assert "ALARM FLOOD" not in board(place)
    alarms(place, 1)
    told = StoreSource(place.house).health().load
    assert told is not None
    assert (told["flood"], told["n"]) == (True, "11")
    assert [unit["n"] for unit in told["units"]] == [11]
    wall = place.client.get("/wall", headers=place.session("dora")).text
    assert "≋ ALARM FLOOD: 11 in 10 min · Field 11 · pages come bundled" in wall
    assert "≋ ALARM FLOOD: 11 in 10 min" in board(place)
    assert figures(place)["incident_flood"] == 1
    assert figures(place)["incident_alarms_10min"] == 11


def test_a_flood_is_over_when_fewer_than_five_came_in_ten_minutes(place: Place):
    alarms(place, 11)
    place.clock.move(timedelta(minutes=6))
    alarms(place, 5)
    place.clock.move(timedelta(minutes=5))
    told = StoreSource(place.house).health().load
    assert told is not None
    assert told["n"] == "5", "five are still a flood once it has begun"
    place.clock.move(timedelta(minutes=5))
    assert StoreSource(place.house).health().load is None


def test_drills_and_test_pages_are_no_alarms(place: Place):
    from incident.desk.requests import OpenReport
    from incident.levels import Kind, Level
    from incident.report import Report

    for n in range(12):
        report = Report(title=f"drill {n}", kind=Kind.OTHER, level=Level.MEDIUM, product="cloud")
        place.house.desk.submit(OpenReport(report, "system", drill="drill-1")).result(10)
    assert StoreSource(place.house).health().load is None


def test_what_planned_maintenance_holds_back_is_no_alarm(place: Place):
    form = {"name": "Pumps", "reason": "seals", "owner": "charlie", "timezone": "UTC", "product": "cloud"}
    form |= {"start": "2026-11-23T01:00", "end": "2026-11-23T04:00"}
    headers = {**place.session("charlie"), "origin": "http://127.0.0.1:8000"}
    assert place.client.post("/maintenance", data=form, headers=headers).status_code == 303
    alarms(place, 12)
    assert StoreSource(place.house).health().load is None


def test_a_report_that_comes_three_times_in_a_minute_chatters(place: Place):
    def comes(key: str) -> None:
        place.client.post(
            "/api/incidents",
            json={"title": "door contact", "kind": "other", "level": "low", "product": "cloud", "dedup_key": key},
            headers=place.key("integration"),
        )

    comes("door")
    comes("door")
    assert StoreSource(place.house).health().load is None
    place.clock.move(timedelta(seconds=59))
    comes("door")
    told = StoreSource(place.house).health().load
    assert told is not None
    assert (told["flood"], told["sources"]) == (False, [["C1", 3]])
    assert "coming and going: C1 ×3" in board(place)
    assert "Repeats folded into:" in board(place)
    for _ in range(3):
        place.clock.move(timedelta(seconds=61))
        comes("door")
    assert StoreSource(place.house).health().load is None, "once a minute is no chatter"


def test_the_board_says_what_is_held(place: Place):
    for _ in range(7):
        alarms(place, 1)
        place.deliver()
    assert "2 messages are held by the limits and will be bundled (people: 1;" in board(place)
    ready = place.client.get("/readyz").json()["checks"]
    assert ready["limits"] == {"ok": True, "detail": "2 messages held for 1 people, oldest 0 s"}
    assert ready["pages"]["ok"]
    assert figures(place)["incident_messages_held"] == 2


@pytest.mark.parametrize("locale", LOCALES)
def test_the_line_stands_in_every_language(place: Place, locale: str):
    alarms(place, 11)
    tag = {"en": "en", "zh_Hans": "zh-Hans", "zh_Hant": "zh-Hant"}[locale]
    shown = place.client.get(f"/wall?lang={tag}", headers=place.session("dora")).text
    line = re.search(r'id="flood">([^<]*)<', shown)
    assert line is not None
    assert line[1].startswith({"en": "≋ ALARM", "zh_Hans": "≋ 报警泛滥", "zh_Hant": "≋ 警報氾濫"}[locale])
    assert "wall.flood" not in line[1]


def test_the_load_of_a_day_is_a_picture_and_figures(place: Place):
    alarms(place, 11)
    place.deliver()
    place.clock.move(timedelta(hours=3))
    place.reported(kind="other")
    place.deliver()
    page = place.client.get("/load", headers=place.session("dora"))
    assert page.status_code == 200
    assert page.text.count('<rect class="is-medium"') == 1
    assert page.text.count('<rect class="is-critical"') == 1
    assert 'role="img" aria-label="12 alarms; the most in ten minutes were 11' in page.text
    assert "style=" not in page.text
    answer = place.client.get("/api/statistics/load", headers=place.key("viewer")).json()
    assert sum(slot["alarms"] for slot in answer["slots"]) == 12
    assert [one["count"] for one in answer["levels"]] == [1, 0, 11, 0]
    first = answer["people"][0]
    assert first["person"] in {"alice", "bob", "charlie"}
    assert first["messages"] >= 1
    assert {"roster", "person", "start", "end", "messages"} == set(answer["shifts"][0])


def test_a_day_without_alarms_says_so(place: Place):
    page = place.client.get("/load", headers=place.session("dora")).text
    assert "No alarm in the last 24 hours" in page
    assert "<rect" not in page
