"""The console of a live drill: controllers run it from the browser and by program; players never see the script."""

from __future__ import annotations

import re
from typing import Any

import pytest

from incident.desk.clerk import Clerk
from tests.web.place import Place
from web import drilling

SCRIPT = "data-centre-outage"
SECRET = "two nodes both claim"  # of an inject


def begun(place: Place, by: dict[str, str] | None = None) -> str:
    answer = place.client.post("/api/drills", json={"script": SCRIPT}, headers=by or place.session("dora"))
    assert answer.status_code == 201, answer.text
    name: str = answer.json()["name"]
    return name


def seen(place: Place, name: str, by: str = "dora") -> dict[str, Any]:
    answer = place.client.get(f"/api/drills/{name}/console", headers=place.session(by))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def acts(place: Place, name: str, by: str = "dora", **body: object) -> int:
    return place.client.post(f"/api/drills/{name}/acts", json=body, headers=place.session(by)).status_code


def test_the_page_says_whom_it_pages_before_it_does(place: Place):
    page = place.client.get(f"/drills/start?script={SCRIPT}", headers=place.session("dora"))
    assert page.status_code == 200
    assert "This pages" in page.text
    before = place.client.get("/api/incidents", headers=place.key("viewer")).json()["items"]
    assert before == []
    begun_ = place.client.post("/drills/start", data={"script": SCRIPT}, headers=place.session("dora"))
    assert begun_.status_code == 303
    (one,) = place.client.get("/api/incidents", headers=place.key("viewer")).json()["items"]
    assert one["drill"].startswith(SCRIPT)


def test_a_path_or_real_phones_without_a_provider_start_nothing(place: Place):
    for body in ({"script": "/etc/passwd"}, {"script": SCRIPT, "real_phones": True}):
        assert place.client.post("/api/drills", json=body, headers=place.session("dora")).status_code == 422
    assert place.client.get("/api/incidents", headers=place.key("viewer")).json()["items"] == []


def test_a_button_pressed_twice_pages_once(place: Place):
    name = begun(place)
    again = {"json": {"script": SCRIPT}, "headers": place.session("dora")}
    assert place.client.post("/api/drills", **again).status_code == 409
    assert acts(place, name, act="end") == 200
    assert begun(place) != name


def test_players_never_see_the_script(place: Place):
    name = begun(place)
    for who in ("alice", "bob", "vera"):
        for path in (f"/drills/{name}/console", f"/api/drills/{name}/console"):
            assert place.client.get(path, headers=place.session(who)).status_code == 403
    assert place.client.get(f"/drills/{name}/console", headers=place.key("commander")).status_code == 200
    # charlie may control drills, but is told of this one: a player, too
    for path in (f"/drills/{name}/console", f"/api/drills/{name}/console"):
        answer = place.client.get(path, headers=place.session("charlie"))
        assert answer.status_code == 403
        assert SECRET not in answer.text
    assert acts(place, name, "charlie", act="pause") == 403
    assert seen(place, name)["state"] == "running"


def test_a_controller_runs_it_to_its_end(place: Place):
    name = begun(place)
    place.later(minutes=3)
    drilling.look(place.house)
    assert acts(place, name, act="send", inject=2) == 200
    assert acts(place, name, act="send", inject=2) == 409
    page = place.client.get(f"/drills/{name}/console", headers=place.session("dora")).text
    assert 'by Dora · <span class="red">nobody there could be reached' in page, "no second engineer is on duty"
    assert acts(place, name, act="skip", inject=3) == 200
    assert acts(place, name, act="observe", inject=2, done="partly", text="late") == 200
    assert acts(place, name, act="say", text="it rains in") == 200
    page = place.client.get(f"/drills/{name}/console", headers=place.session("dora")).text
    assert re.search(r"<b>Dora</b> ·\s+<b>told the players</b> it rains in", page)
    assert acts(place, name, act="pause") == 200
    place.later(minutes=30)
    view = seen(place, name)
    assert (view["state"], view["elapsed_min"]) == ("paused", 3)
    by = {one["number"]: (one["settled"], one["done"]) for one in view["injects"]}
    assert [one["told"] for one in view["injects"][:2]] == [None, None]
    assert by[2] == ("sent", "partly")
    assert by[3] == ("skipped", None)
    assert acts(place, name, act="resume") == 200
    assert acts(place, name, act="end") == 200
    assert acts(place, name, act="pause") == 409
    kept = seen(place, name)["kept"]
    score = place.client.get(f"/api/drills/{kept}", headers=place.key("viewer")).json()
    assert "total" in score
    page = place.client.get(f"/drills/{name}/console", headers=place.session("dora")).text
    assert f"/drills/{kept}/report" in page
    assert 'class="now"' not in page, "its clock stands still for good"


@pytest.mark.parametrize(
    "body", [{"act": "send"}, {"act": "say"}, {"act": "observe", "inject": 1}, {"act": "shout"}, {"act": "observe"}]
)
def test_half_a_deed_does_nothing(place: Place, body: dict[str, object]):
    name = begun(place)
    assert acts(place, name, **body) == 422


def test_the_page_does_what_the_programs_do(place: Place):
    name = begun(place)
    page = place.client.get(f"/drills/{name}/console", headers=place.session("dora")).text
    assert SECRET in page
    assert 'class="now"' in page
    answer = place.client.post(f"/drills/{name}/console", data={"act": "pause"}, headers=place.session("dora"))
    assert answer.status_code == 303
    assert "Go on" in place.client.get(f"/drills/{name}/console", headers=place.session("dora")).text
    again = place.client.post(f"/drills/{name}/console", data={"act": "pause"}, headers=place.session("dora"))
    assert again.status_code == 409
    assert "stands still already" in again.text
    assert name in place.client.get("/drills", headers=place.session("dora")).text
    assert name not in place.client.get("/drills", headers=place.session("alice")).text


def test_the_board_marks_it_and_the_figures_leave_it_out(place: Place):
    begun(place)
    place.later(minutes=1)
    Clerk(place.house.engine).catch_up()
    figures = place.client.get("/api/statistics", headers=place.key("viewer")).json()
    assert figures["excluded"]["drills"] == 1
    assert not any(figures["open"].values())
    assert figures["period"]["incidents"] == 0
    assert place.client.get("/api/incidents?drill=false", headers=place.key("viewer")).json()["items"] == []
    assert 'class="drill' in place.client.get("/", headers=place.session("vera")).text
