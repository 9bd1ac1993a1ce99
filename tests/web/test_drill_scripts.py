"""A script made of an incident that is over, in the browser: listed as one's own, started as any other, removed."""

from __future__ import annotations

from tests.web.place import Place


def closed(place: Place) -> tuple[str, str]:
    admin = place.key("admin")
    report = {"title": "data centre down", "kind": "system_outage", "level": "critical", "place": "Hall 3"}
    made = place.client.post("/api/incidents", json=report, headers=admin).json()
    for command in ("acknowledge", "resolve"):
        path = f"/api/incidents/{made['id']}/{command}"
        assert place.client.post(path, json={"person": "alice"}, headers=admin).status_code == 200
    return made["id"], made["code"]


def test_it_is_made_on_the_report_and_started_like_any_other(place: Place):
    incident, code = closed(place)
    dora = place.session("dora")
    assert 'action="/drills/scripts"' in place.client.get(f"/incidents/{incident}/report", headers=dora).text
    viewers = place.client.get(f"/incidents/{incident}/report", headers=place.session("vera")).text
    assert 'action="/drills/scripts"' not in viewers
    for _ in "12":  # the same again is the same script
        made = place.client.post("/drills/scripts", data={"incident": incident}, headers=dora)
        assert made.status_code == 303
    name = f"replay-{code.lower()}"
    page = place.client.get("/drills", headers=dora).text
    assert page.count(f"/drills/start?script={name}&") + page.count(f'/drills/start?script={name}"') >= 1
    assert "your own" in page
    start = place.client.get(f"/drills/start?script={name}", headers=dora)
    assert start.status_code == 200
    assert "data centre down" in start.text
    sat = place.client.post("/api/tabletops", json={"script": name}, headers=dora)
    assert sat.status_code == 201
    assert place.client.post(f"/drills/scripts/{name}/remove", headers=dora).status_code == 303
    assert name not in place.client.get("/drills", headers=place.key("viewer")).text
    assert place.client.post("/api/tabletops", json={"script": name}, headers=dora).status_code == 422
    path = f"/api/tabletops/{sat.json()['name']}"
    assert place.client.get(path, headers=dora).json()["script"] == name  # who plays it keeps it


def test_of_what_is_no_incident_none_is_made(place: Place):
    made = place.client.post("/drills/scripts", data={"incident": "nothing"}, headers=place.session("dora"))
    assert made.status_code == 404


def test_a_drills_incident_is_scored_by_its_own_report_only(place: Place):
    dora = place.session("dora")
    name = place.client.post("/api/drills", json={"script": "data-centre-outage"}, headers=dora).json()["name"]
    incident = place.client.get(f"/api/drills/{name}/console", headers=dora).json()["incident"]
    assert place.client.post(f"/api/drills/{name}/acts", json={"act": "end"}, headers=dora).status_code == 200
    page = place.client.get(f"/incidents/{incident}/report", headers=dora).text
    assert "The scorer of the drills" not in page
