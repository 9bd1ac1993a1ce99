"""The page of drills, its report to take away, and the same for programs."""

from __future__ import annotations

from drills import keeping
from drills.score import profile
from incident.store.engine import changing
from tests.drills.test_simulate import outside, played
from tests.web.place import Place


def kept(place: Place) -> str:
    with changing(place.house.engine) as connection:
        return keeping.keep(connection, played(seed=3), outside().plans.policy("drill"), profile()).id


def test_the_page_shows_calendar_coverage_drills_and_scripts(place: Place):
    name = kept(place)
    page = place.client.get("/drills", headers=place.key("viewer")).text
    for part in ("Calendar", "System outage", name[:8], "data-centre-outage", f"/drills/{name}/report"):
        assert part in page
    assert "two nodes both claim" not in page  # players never see the injects
    assert place.client.get("/drills?centre=north-china", headers=place.key("viewer")).status_code == 200
    assert place.client.get("/drills?centre=nowhere", headers=place.key("viewer")).status_code == 200


def test_the_report_is_a_file_of_its_own(place: Place):
    name = kept(place)
    answer = place.client.get(f"/drills/{name}/report", headers=place.key("viewer"))
    assert answer.status_code == 200
    assert answer.headers["content-disposition"].startswith("attachment")
    assert "Timeline against its targets" in answer.text
    assert place.client.get("/drills/nothing/report", headers=place.key("viewer")).status_code == 404


def test_programs_read_the_same(place: Place):
    name = kept(place)
    items = place.client.get("/api/drills", headers=place.key("viewer")).json()["items"]
    assert [item["id"] for item in items] == [name]
    one = place.client.get(f"/api/drills/{name}", headers=place.key("viewer")).json()
    assert one["total"] == items[0]["total"]
    assert all(line["position"] > 0 for item in one["items"] for line in item["lines"])


def test_the_report_of_an_incident_shows_its_score_once_it_is_resolved(place: Place):
    admin = place.key("admin")
    report = {"title": "data centre down", "kind": "system_outage", "level": "critical", "place": "Hall 3"}
    incident = place.client.post("/api/incidents", json=report, headers=admin).json()["id"]
    path = f"/incidents/{incident}/report"
    assert "The scorer of the drills" not in place.client.get(path, headers=admin).text
    act = f"/api/incidents/{incident}"
    assert place.client.post(f"{act}/acknowledge", json={"person": "alice"}, headers=admin).status_code == 200
    assert place.client.post(f"{act}/resolve", json={"person": "alice"}, headers=admin).status_code == 200
    page = place.client.get(path, headers=admin).text
    assert "The scorer of the drills" in page
    assert "Steps done" in page
    assert "Open the bridge call" in page
