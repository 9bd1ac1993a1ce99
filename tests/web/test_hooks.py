"""Monitoring comes in by its own doors."""

from __future__ import annotations

from typing import Any

import pytest

from incident.store import links
from incident.store.engine import reading
from tests.web.place import Place, secret

ALERT = {
    "status": "firing",
    "labels": {"alertname": "Down", "severity": "critical", "instance": "db-1"},
    "annotations": {"summary": "db-1 is down"},
    "startsAt": "2026-11-23T02:11:00Z",
    "endsAt": "0001-01-01T00:00:00Z",
    "generatorURL": "http://prometheus.example/graph",
    "fingerprint": "aa11",
}


def alertmanager(*alerts: dict[str, Any]) -> dict[str, Any]:
    return {
        "version": "4",
        "groupKey": "{}",
        "status": "firing",
        "receiver": "incident",
        "groupLabels": {},
        "commonLabels": {},
        "commonAnnotations": {},
        "externalURL": "http://alertmanager.example",
        "alerts": list(alerts),
    }


def hook(place: Place, body: object, role: str = "integration", form: str = "alertmanager") -> Any:
    return place.client.post(f"/hooks/{form}/{secret(role)}", json=body)


def row(place: Place, code: str) -> dict[str, Any]:
    found: dict[str, Any] = place.client.get(f"/api/incidents/{code}", headers=place.key("viewer")).json()
    return found


def test_a_payload_of_many_alerts_is_answered_by_incident(place: Place) -> None:
    other = {**ALERT, "fingerprint": "bb22", "annotations": {"summary": "db-2 is down"}}
    answer = hook(place, alertmanager(ALERT, other, ALERT))
    assert answer.status_code == 200
    found = answer.json()["incidents"]
    assert [(one["code"], one["created"]) for one in found] == [("C1", True), ("C2", True)]
    again = hook(place, alertmanager(ALERT))
    assert again.json()["incidents"] == [{**found[0], "created": False}]
    assert row(place, "C1")["repeats"] == 2


def test_the_all_clear_resolves_what_nobody_has_taken(place: Place) -> None:
    hook(place, alertmanager(ALERT))
    resolved = {**ALERT, "status": "resolved", "endsAt": "2026-11-23T02:20:00Z"}
    assert hook(place, alertmanager(resolved)).json()["incidents"][0]["code"] == "C1"
    found = row(place, "C1")
    assert found["phase"] == "verifying"
    assert found["recovered_at"] is not None


def test_the_all_clear_leaves_a_person_s_incident_to_the_person(place: Place) -> None:
    hook(place, alertmanager(ALERT))
    place.act("C1", "acknowledge")
    hook(place, alertmanager({**ALERT, "status": "resolved", "endsAt": "2026-11-23T02:20:00Z"}))
    found = row(place, "C1")
    assert found["phase"] == "handling"
    assert found["recovered_at"] is not None


def test_an_all_clear_for_nothing_opens_nothing(place: Place) -> None:
    answer = hook(place, alertmanager({**ALERT, "status": "resolved", "endsAt": "2026-11-23T02:20:00Z"}))
    assert answer.status_code == 200
    assert answer.json()["incidents"] == []
    assert answer.json()["notes"] == ["nothing of this is open here: there was nothing to end"]


@pytest.mark.parametrize("role", ["viewer", "responder", "admin"])
def test_only_an_integration_s_key_stands_in_a_path(place: Place, role: str) -> None:
    assert hook(place, alertmanager(ALERT), role).status_code == 403


def test_an_unknown_key_and_an_unknown_format(place: Place) -> None:
    assert place.client.post("/hooks/alertmanager/nonsense", json={}).status_code == 403
    assert hook(place, {}, form="carrier-pigeon").status_code == 404


def test_a_bad_payload_is_pointed_at_and_none_of_it_taken(place: Place) -> None:
    answer = hook(place, alertmanager(ALERT, {**ALERT, "labels": "none"}))
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/alerts/1/labels"]
    assert place.client.get("/api/incidents", headers=place.key("viewer")).json()["items"] == []


def test_a_key_s_own_mapping_reads_a_foreign_shape(place: Place) -> None:
    mapping = {
        "fields": {
            "title": "monitor.name",
            "level": {"path": "prio", "values": {"1": "critical"}, "otherwise": "medium"},
            "dedup_key": "monitor.url",
        },
        "resolved_when": {"path": "state", "equals": ["up"]},
    }
    body = {"name": "robot", "role": "integration", "mapping": mapping}
    key = place.client.post("/api/keys", json=body, headers=place.key("admin")).json()["key"]
    payload = {"monitor": {"name": "shop is down", "url": "https://shop.example"}, "prio": 1}
    answer = place.client.post(f"/hooks/generic/{key}", json=payload)
    assert answer.json()["incidents"][0]["created"] is True
    assert row(place, "C1")["level"] == "critical"
    assert row(place, "C1")["title"] == "shop is down"


def test_a_bad_mapping_is_refused_at_its_place(place: Place) -> None:
    body = {"name": "robot", "role": "integration", "mapping": {"fields": {"colour": "x"}}}
    answer = place.client.post("/api/keys", json=body, headers=place.key("admin"))
    assert answer.status_code == 422
    assert all(fault["pointer"].startswith("/mapping/fields") for fault in answer.json()["errors"])


def event(action: str = "trigger", **more: object) -> dict[str, object]:
    payload = {"summary": "queue is full", "source": "mq-1", "severity": "critical"}
    return {"routing_key": secret("integration"), "event_action": action, "payload": payload, **more}


def test_pagerduty_s_events_in_its_own_words(place: Place) -> None:
    answer = place.client.post("/v2/enqueue", json=event())
    assert answer.status_code == 202
    key = answer.json()["dedup_key"]
    assert answer.json() == {"status": "success", "message": "Event processed", "dedup_key": key}
    assert row(place, "C1")["level"] == "critical"
    acknowledged = place.client.post("/v2/enqueue", json=event("acknowledge", dedup_key=key))
    assert acknowledged.status_code == 202
    assert row(place, "C1")["alarm"]["ringing"] is True
    assert place.client.post("/v2/enqueue", json=event("resolve", dedup_key=key)).status_code == 202
    assert row(place, "C1")["phase"] == "verifying"


def test_a_bad_event_is_400_as_pagerduty_says_it(place: Place) -> None:
    for body in (event("explode"), {**event(), "routing_key": "nobody"}, {**event(), "payload": {}}):
        answer = place.client.post("/v2/enqueue", json=body)
        assert answer.status_code == 400
        assert answer.json()["status"] == "invalid event"
        assert answer.json()["errors"]


def test_a_monitor_s_own_authorization_header_is_none_of_our_business(place: Place) -> None:
    path = f"/hooks/alertmanager/{secret('integration')}"
    answer = place.client.post(path, json=alertmanager(ALERT), headers={"authorization": "Bearer theirs"})
    assert answer.status_code == 200


def test_which_host_it_is_stands_in_the_page_s_words_and_on_both_pages(place: Place) -> None:
    """Given two alerts of one rule that say the same, when they page, then each is told from the other."""
    for host in ("andromeda", "cygnus"):
        labels = {**ALERT["labels"], "host": host, "rack": f"rack of {host}"}
        hook(place, alertmanager({**ALERT, "fingerprint": host, "labels": labels, "annotations": {"summary": "Hot"}}))
    place.deliver()

    said = place.client.get("/api/incidents/C2/messages", headers=place.key("responder")).json()["items"]
    with reading(place.house.engine) as connection:
        ((_, person), token), *_ = links.of(connection, [row(place, "C2")["id"]]).items()
    own = place.client.get(f"/a/{token}").text
    desk = place.client.get("/incidents/C2", headers=place.session("vera")).text

    assert [row(place, code)["title"] for code in ("C1", "C2")] == ["Hot (andromeda)", "Hot (cygnus)"]
    assert "Hot (cygnus)" in next(message["body"] for message in said if message["person"] == person)
    assert all("rack of cygnus" in page for page in (own, desk))


def test_what_was_over_in_a_minute_is_not_missed_an_hour_later(place: Place) -> None:
    """Given an alert that recovered before its limit to answer, when that has passed, then nothing calls it missed."""
    hook(place, alertmanager(ALERT))
    place.later(minutes=1)
    hook(place, alertmanager({**ALERT, "status": "resolved", "endsAt": "2026-11-23T02:13:00Z"}))
    place.later(hours=2)
    viewer, session = place.key("viewer"), place.session("vera")
    (board,) = place.client.get("/api/incidents", headers=viewer).json()["items"]
    assert (board["deadline"], board["breached"]) == (None, [])
    verdicts = {clock["name"]: clock["verdict"] for clock in row(place, "C1")["clocks"]}
    assert verdicts["response"] == "lapsed"
    for page in ("/", "/wall", "/incidents/C1", "/incidents/C1/report"):
        assert "missed by 1" not in place.client.get(page, headers=session).text, page


def test_what_recovered_after_its_limit_was_missed(place: Place) -> None:
    hook(place, alertmanager(ALERT))
    place.later(hours=2)
    hook(place, alertmanager({**ALERT, "status": "resolved", "endsAt": "2026-11-23T04:13:00Z"}))
    verdicts = {clock["name"]: clock["verdict"] for clock in row(place, "C1")["clocks"]}
    assert verdicts["response"] == "breached"
