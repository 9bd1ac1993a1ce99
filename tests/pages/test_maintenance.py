"""The page of planned maintenance, and how what it holds back is shown everywhere else."""

from __future__ import annotations

from typing import Any

import pytest

from incident.desk.watch import Watch
from tests.web.place import Place

HERE = {"origin": "http://127.0.0.1:8000"}
FORM = {
    "name": "Core switch",
    "reason": "new firmware",
    "owner": "charlie",
    "timezone": "UTC",
    "start": "2026-11-23T01:00",
    "end": "2026-11-23T04:00",
    "product": "cloud",
}


def planned(place: Place, **fields: str) -> Any:
    headers = {**place.session("charlie"), **HERE}
    return place.client.post("/maintenance", data={**FORM, **fields}, headers=headers)


def page(place: Place, path: str = "/maintenance", by: str = "charlie") -> str:
    answer = place.client.get(path, headers=place.session(by))
    assert answer.status_code == 200
    return answer.text


def held(place: Place) -> str:
    assert planned(place).status_code == 303
    return str(place.reported(level="high", kind="network_cut")["id"])


def test_a_window_is_planned_with_a_form_and_listed(place: Place):
    assert "No maintenance is planned." in page(place)
    assert planned(place).status_code == 303
    text = page(place)
    assert "Under way" in text
    assert "Core switch" in text
    assert "product cloud" in text
    windows = place.client.get("/api/maintenance", headers=place.key("viewer")).json()["windows"]
    assert [(w["id"], w["products"], w["weekly"]) for w in windows] == [("core-switch", ["cloud"], False)]


def test_a_second_one_of_the_same_name_and_one_in_chinese_get_ids_of_their_own(place: Place):
    for name in ("Core switch", "Core switch", "核心交换机"):
        assert planned(place, name=name).status_code == 303
    windows = place.client.get("/api/maintenance", headers=place.key("viewer")).json()["windows"]
    assert [w["id"] for w in windows] == ["core-switch", "core-switch-2", "window-2026-11-23-01-00"]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"end": "2026-11-23T00:30"}, "must end after it starts"),
        ({"product": ""}, "say what it is about"),
        ({"label": "env"}, "Write it as name=value"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
    ],
)
def test_what_makes_no_sense_is_said_and_what_was_typed_is_kept(place: Place, fields: dict[str, str], said: str):
    answer = planned(place, **fields)
    assert answer.status_code == 422
    assert said in answer.text
    assert 'value="new firmware"' in answer.text


def test_what_it_holds_back_is_calm_and_marked_on_every_screen(place: Place):
    incident = held(place)
    assert "NOBODY HAS IT" not in page(place, "/")
    assert "Maintenance: Core switch" in page(place, "/")
    wall = page(place, "/wall")
    assert "Core switch until 04:00" in wall
    assert "Maintenance: Core switch" in wall
    shown = page(place, f"/incidents/{incident}")
    assert "nobody is paged before 04:00:00" in shown
    assert "new firmware · Charlie" in shown
    assert "Page now" in shown
    assert "Nobody is paged before 04:00:00: planned maintenance" in shown
    assert f'href="/incidents/{incident}"' in page(place)
    view = place.client.get(f"/api/incidents/{incident}", headers=place.key("viewer")).json()
    assert view["maintenance"]["held"] is True
    assert "page-now" in view["allowed"]
    facts = place.client.get("/wall/facts", headers=place.session("vera")).json()
    assert facts["maintenance"] == ["Core switch until 04:00"]


def test_ended_now_it_pages_and_the_mark_stays(place: Place):
    incident = held(place)
    answer = place.client.post("/maintenance/core-switch/end", headers={**place.session("charlie"), **HERE})
    assert answer.status_code == 303
    assert Watch(place.house.desk, place.house.engine, place.clock).reconsider() == 1
    assert "NOBODY HAS IT" in page(place, "/")
    shown = page(place, f"/incidents/{incident}")
    assert "Reported during the planned maintenance" in shown
    assert "Page now" not in shown
    again = place.client.post("/maintenance/core-switch/end", headers={**place.session("charlie"), **HERE})
    assert again.status_code == 409
    assert "is not under way now" in again.text
    assert "ended early" in page(place)


def test_a_person_pages_it_with_one_button(place: Place):
    incident = held(place)
    place.act(incident, "page-now", "alice")
    assert "NOBODY HAS IT" in page(place, "/")


def test_a_window_is_changed_under_its_id_and_keeps_what_the_form_does_not_show(place: Place):
    body = {**FORM, "id": "core", "products": ["cloud", "router"], "labels": {"env": "prod", "tier": "1"}}
    body.pop("product")
    assert place.client.post("/api/maintenance", json=body, headers=place.key("commander")).status_code == 201
    fields = {**FORM, "label": "env=prod", "end": "2026-11-23T05:00", "weekly": "yes", "until": "2026-12-31"}
    answer = place.client.post("/maintenance/core", data=fields, headers={**place.session("charlie"), **HERE})
    assert answer.status_code == 303
    [window] = place.client.get("/api/maintenance", headers=place.key("viewer")).json()["windows"]
    assert (window["id"], window["weekly"], window["until"]) == ("core", True, "2026-12-31")
    assert window["products"] == ["cloud", "router"]
    assert window["labels"] == {"env": "prod", "tier": "1"}
    assert "every week until 2026-12-31" in page(place)


def test_the_document_is_replaced_only_if_nobody_has_saved_since(place: Place):
    url, key = "/api/maintenance", place.key("commander")
    tag = place.client.get(url, headers=key).headers["etag"]
    body = {**FORM, "id": "core", "products": ["cloud"]}
    body.pop("product")
    assert place.client.put(url, json={"windows": [body]}, headers={**key, "if-match": tag}).json() == {"version": 1}
    assert place.client.put(url, json={"windows": []}, headers={**key, "if-match": tag}).status_code == 409
    stranger = {**body, "owner": "nobody", "units": ["moon"]}
    refused = place.client.put(url, json={"windows": [stranger]}, headers=key)
    assert refused.status_code == 422
    assert {e["detail"] for e in refused.json()["errors"]} == {
        "There is no person named nobody.",
        "There is no unit named moon.",
    }


def test_who_only_answers_may_look_and_not_plan(place: Place):
    planned(place)
    text = page(place, by="alice")
    assert "Core switch" in text
    assert "End now" not in text
    assert place.client.post("/maintenance", data=FORM, headers={**place.session("alice"), **HERE}).status_code == 403


def test_the_figures_leave_out_what_fell_into_maintenance(place: Place):
    held(place)
    place.reported(title="Elsewhere", product="lift")
    figures = place.client.get("/api/statistics", headers=place.key("viewer")).json()
    assert figures["period"]["incidents"] == 1
    assert figures["excluded"]["maintenance"] == 1
