"""A drill is planned ahead: listed, changed, cancelled, and started from its plan with all that was chosen."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from drills.cli import main
from drills.script.reader import open_script
from incident.store import drill_plans, live
from incident.store.engine import reading
from incident.store.tables import outbox
from tests.web.place import Place, opened, settle

pytestmark = pytest.mark.long

SCRIPT = "data-centre-outage"
PLAN = {
    "script": SCRIPT,
    "form": "tabletop",
    "unit": "field",
    "profile": "first-hour",
    "start": "2026-12-01T09:00",
    "timezone": "Asia/Shanghai",
    "place": "Hall 3",
    "players": "Alice, bob",
    "controllers": "dora",
    "evaluators": "charlie",
}


def planned(place: Place, **fields: object) -> dict[str, Any]:
    answer = place.client.post("/api/drill-plans", json=PLAN | fields, headers=place.session("dora"))
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def put(site: Place, plan: str, act: str, by: str = "dora", **body: object) -> Any:
    return site.client.post(f"/api/drill-plans/{plan}/{act}", json=body, headers=site.session(by))


def shown(place: Place, path: str, by: str = "dora", lang: str = "en") -> str:
    answer = place.client.get(
        f"{path}{'&' if '?' in path else '?'}lang={lang}", headers={"accept": "text/html", **place.session(by)}
    )
    assert answer.status_code == 200
    return answer.text


def pages(place: Place) -> list[Any]:
    found: list[Any] = place.client.get("/api/incidents", headers=place.key("viewer")).json()["items"]
    return found


def test_a_plan_says_when_where_who_and_what_for_and_pages_nobody(place: Place):
    plan = planned(place)
    assert plan["starts_at"] == "2026-12-01T01:00:00.000Z"
    assert plan["players"] == ["alice", "bob"]
    assert "A person has it within 15 minutes" in plan["expected"]
    for path in ("/drills", f"/drills/plans/{plan['id']}"):
        assert "2026-12-01 09:00 Asia/Shanghai" in shown(place, path)
    place.later(days=9)  # its time has come and gone: nobody started it
    place.deliver()
    assert pages(place) == []
    with reading(place.house.engine) as connection:
        assert connection.scalar(select(func.count()).select_from(outbox)) == 0


@pytest.mark.parametrize("lang", ["en", "zh-Hans", "zh-Hant"])
def test_no_player_reads_an_inject_in_it(place: Place, lang: str):
    plan = planned(place)
    page = shown(place, f"/drills/plans/{plan['id']}", "alice", lang)
    script = open_script(SCRIPT)
    for inject in script.injects:
        for text in (inject.text, inject.expected):
            assert text.en[:30] not in page
            assert text.zh[:12] not in page
    assert "<textarea" not in page
    assert '/start"' not in page


def test_in_another_language_it_says_what_the_script_says_there(place: Place):
    plan = planned(place, aim="Our own aim")
    page = shown(place, f"/drills/plans/{plan['id']}", "bob", "zh-Hans")
    assert "Our own aim" in page
    assert "15 分钟内有人接手并指挥" in page


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("start", "2026-11-01T09:00"),
        ("unit", "moon"),
        ("players", "Nobody"),
        ("controllers", "alice"),  # who plays sees no script
        ("script", "/etc/passwd"),
        ("profile", "none"),
        ("timezone", "Nowhere/Else"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(place: Place, field: str, value: str):
    answer = place.client.post("/api/drill-plans", json=PLAN | {field: value}, headers=place.session("dora"))
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == f"/{field}"


@pytest.mark.parametrize("start", ["tomorrow", "2026-12-01T09:00+08:00", "2026-12-01T09:00Z"])
def test_a_time_that_is_no_time_on_the_clock_of_its_zone_says_what_is_wanted(place: Place, start: str):
    answer = place.client.post("/api/drill-plans", json=PLAN | {"start": start}, headers=place.session("dora"))
    (fault,) = answer.json()["errors"]
    assert fault["pointer"] == "/start"
    assert "without an offset" in fault["detail"]


def test_an_hour_that_the_clocks_leave_out_is_refused(place: Place):
    lost = PLAN | {"start": "2027-03-28T02:30", "timezone": "Europe/Berlin"}
    assert place.client.post("/api/drill-plans", json=lost, headers=place.session("dora")).status_code == 422


def test_it_is_changed_by_who_has_read_the_last_change(place: Place):
    plan = planned(place)["id"]
    assert put(place, plan, "change", **PLAN | {"place": "Hall 4", "seen": 0}).json()["place"] == "Hall 4"
    assert put(place, plan, "change", **PLAN | {"place": "Hall 5", "seen": 0}).status_code == 409
    assert "Hall 4" in shown(place, f"/drills/plans/{plan}")


def test_what_is_cancelled_starts_no_more(place: Place):
    plan = planned(place)["id"]
    assert put(place, plan, "cancel", reason="Flood").json()["state"] == "cancelled"
    assert put(place, plan, "start").status_code == 409
    assert put(place, plan, "change", **PLAN).status_code == 409
    assert "Flood" in shown(place, f"/drills/plans/{plan}")
    assert f"/drills/plans/{plan}" not in shown(place, "/drills")


def test_a_tabletop_starts_with_all_that_was_chosen_and_once(place: Place):
    plan = planned(place)["id"]
    first, again = (put(place, plan, "start").json() for _ in "12")
    assert first["drill"] == again["drill"]
    with reading(place.house.engine) as connection:
        (row,) = live.tables(connection)
    assert row.profile == "first-hour"
    assert '"unit": "field"' in row.script or '"unit":"field"' in row.script
    path = f"/api/tabletops/{first['drill']}"
    assert place.client.get(path, headers=place.session("dora")).json()["participants"] == ["Alice", "Bob"]


def test_who_plays_by_the_plan_never_sees_the_console_of_a_live_drill(place: Place):
    plan = planned(place, form="live", players="charlie", evaluators=None)["id"]
    drill = put(place, plan, "start").json()["drill"]
    assert put(place, plan, "start").json()["drill"] == drill
    assert len(pages(place)) == 1
    path = f"/api/drills/{drill}/console"
    assert place.client.get(path, headers=place.session("charlie")).status_code == 403
    assert place.client.get(path, headers=place.session("dora")).status_code == 200


def test_who_evaluates_by_the_plan_finds_their_page_and_is_not_taken_for_a_player_when_told_of_it(place: Place):
    plan = planned(place, form="live", players="alice")["id"]
    drill = put(place, plan, "start").json()["drill"]
    place.deliver()
    page = shown(place, f"/drills/plans/{plan}", "charlie")  # headquarters: told of each Critical
    (observe,) = set(re.findall(rf'href="(/drills/{drill}/observe[^"]+)"', page))
    for path in (unescape(observe), f"/drills/{drill}/console"):
        assert place.client.get(path, headers=place.session("charlie")).status_code == 200
    assert observe not in shown(place, f"/drills/plans/{plan}", "dora")


def test_who_plays_by_the_plan_is_led_to_no_page_that_turns_them_away(place: Place):
    plan = planned(place, form="live", players="charlie", evaluators="alice")["id"]
    drill = put(place, plan, "start").json()["drill"]
    assert f"/drills/{drill}/" not in shown(place, f"/drills/plans/{plan}", "charlie")


def test_the_report_says_what_was_planned(place: Place):
    plan = planned(place)["id"]
    drill = put(place, plan, "start").json()["drill"]
    acts, by = f"/api/tabletops/{drill}/acts", place.session("dora")
    for body in ({"act": "read", "inject": 1}, {"act": "judge", "inject": 1, "done": "done"}, {"act": "end"}):
        assert place.client.post(acts, json=body, headers=by).status_code == 200
    kept = place.client.get("/api/drills", headers=by).json()["items"][0]["id"]
    page = shown(place, f"/drills/{kept}/report")
    assert "Planned for 2026-12-01 09:00 Asia/Shanghai, Hall 3." in page
    assert "Control: Dora." in page
    with reading(place.house.engine) as connection:
        row = drill_plans.of_kept(connection, kept)
    assert row is not None
    assert row.id == plan


def test_it_is_planned_and_started_on_the_page(place: Place):
    page = shown(place, f"/drills/plans/new?script={SCRIPT}&unit=field")
    assert "Nobody is paged" in page
    by = place.session("dora")
    wrong = place.client.post("/drills/plans", data=PLAN | {"place": ""}, headers=by)
    assert wrong.status_code == 422
    made = place.client.post("/drills/plans", data=PLAN, headers=by)
    assert made.status_code == 303
    there = made.headers["location"]
    changed = place.client.post(there, data=PLAN | {"place": "Hall 9", "seen": "0"}, headers=by)
    assert changed.status_code == 303
    assert "Hall 9" in shown(place, there)
    started = place.client.post(f"{there}/start", data={}, headers=by)
    assert started.headers["location"].endswith("/tabletop")
    assert started.headers["location"] in shown(place, there)


def test_who_plays_cannot_start_it_and_see_its_script(place: Place):
    plan = planned(place, players="charlie", evaluators=None)["id"]
    assert put(place, plan, "start", by="charlie").status_code == 403
    page = shown(place, f"/drills/plans/{plan}", "charlie")
    assert "somebody else has to start it" in page
    assert "/start" not in page
    place.later(days=9)
    assert "its time is past, not started" in shown(place, "/drills")


def test_it_is_planned_briefed_and_started_on_postgresql_too(tmp_path: Path, postgres_url: str):
    settle(postgres_url)
    with opened(tmp_path, None, database_url=postgres_url) as place:
        plan = planned(place, form="live")["id"]
        assert put(place, plan, "briefing").status_code == 200
        assert put(place, plan, "acknowledge", by="alice", seen=0).status_code == 200
        assert put(place, plan, "change", **PLAN | {"form": "live", "players": "alice"}).status_code == 200
        started = put(place, plan, "start").json()
        assert started["drill"] == put(place, plan, "start").json()["drill"]
        assert [one["person"] for one in started["briefing"]] == ["alice", "dora", "charlie"]
        assert len(pages(place)) == 1
        by = place.session("dora")
        assert place.client.get("/api/drill-plans/%00", headers=by).status_code == 404


def test_the_terminal_plans_one_and_shows_it_in_the_calendar(
    place: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    at, people = ["--at", "2099-12-01T09:00", "--place", "Hall 3"], ["--players", "Alice,bob", "--controllers", "dora"]
    data = ["--data", str(tmp_path)]
    assert main(["plan", "add", SCRIPT, *at, *people, "--unit", "hq", "--json", *data]) == 0
    (plan,) = json.loads(capsys.readouterr().out)
    assert "Planned by the terminal" in shown(place, f"/drills/plans/{plan['id']}")
    assert main(["plan", "send", plan["id"], *data]) == 0
    assert "alice" in capsys.readouterr().out
    main(["calendar", "--json", *data])
    (centre,) = json.loads(capsys.readouterr().out)
    assert [one["id"] for one in centre["planned"]] == [plan["id"]]
    main(["calendar", *data])
    assert plan["id"] in capsys.readouterr().out
    assert main(["plan", "cancel", plan["id"], "--reason", "Flood", *data]) == 0
    assert main(["plan", "list", "--json", *data]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1]) == []
    assert pages(place) == []
