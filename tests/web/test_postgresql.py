"""The same web on PostgreSQL: what reads the store by its own queries."""

from __future__ import annotations

from pathlib import Path

from tests.web.place import NUMBERS, opened, settle


def test_from_the_report_to_the_answer_by_phone_and_the_figures(tmp_path: Path, postgres_url: str) -> None:
    settle(postgres_url)
    with opened(tmp_path, None, database_url=postgres_url) as place:
        responder, viewer = place.key("responder"), place.key("viewer")
        place.reported()
        place.reported(title="Second")
        place.deliver()
        phone = f"/api/phones/{NUMBERS['alice']}"
        assert len(place.client.get(phone, headers=responder).json()["messages"]) == 2
        for body, answer in (("1", "C1"), ("1 C1", "C1 is yours"), ("hm?", "Not understood"), ("3", "C1 is marked")):
            said = place.client.post(f"{phone}/messages", json={"body": body}, headers=responder).json()
            assert answer in said["messages"][-1]["body"]
        override = {"start": "2026-11-23T00:00:00Z", "end": "2026-11-24T00:00:00Z", "person": "bob", "reason": "ill"}
        path = "/api/rosters/field-response/overrides"
        assert place.client.post(path, json=override, headers=place.key("commander")).status_code == 201
        assert place.client.get("/api/on-call", headers=viewer).json()["items"][0]["primary"]["person"] == "bob"
        assert place.client.get("/api/statistics", headers=viewer).json()["period"]["answered"]["n"] == 1
        told = place.client.get("/api/statistics/communication", headers=viewer).json()
        assert told["real"]["channels"][0]["answered"]["n"] == 1
        assert told["real"]["figures"]["delivered"]["percent"] == 100
        chosen = place.client.get("/api/candidates?kind=unit&target=field", headers=place.key("admin")).json()
        assert chosen["items"][0]["parts"]["appraisal"] == {"points": 100.0, "n": 1}
        assert "incident_messages_hour" in place.client.get("/metrics").text
        assert place.client.get("/readyz").status_code == 200
        with place.client.stream("GET", "/api/stream?after=1", headers=viewer) as stream:
            assert next(stream.iter_lines()) == "retry: 1000"


def test_a_nul_in_any_door_is_no_fault_of_the_database(tmp_path: Path, postgres_url: str) -> None:
    settle(postgres_url)
    with opened(tmp_path, None, database_url=postgres_url) as place:
        responder = place.key("responder")
        incident = place.reported(title="Se\0cond", dedup_key="a\0b", place="Hall\0 3")
        assert incident["title"] == "Second"
        for command, body in (
            ("note", {"text": "a\0b"}),
            ("amend", {"fields": {"place": "Hall\0 4"}}),
        ):
            path = f"/api/incidents/{incident['id']}/{command}"
            assert place.client.post(path, json=body, headers=responder).status_code == 200
        merge = f"/api/incidents/{incident['id']}/merge"
        assert place.client.post(merge, json={"into": "C\0"}, headers=place.key("commander")).status_code == 422
        for path in ("/api/incidents?q=%00", "/api/incidents?q=a%00"):
            assert place.client.get(path, headers=responder).status_code == 200
        assert place.client.get("/api/incidents/%00", headers=responder).status_code == 404
        place.deliver()
        said = place.client.post(
            f"/api/phones/{NUMBERS['alice']}/messages", json={"body": "1\0"}, headers=responder
        ).json()
        assert "is yours" in said["messages"][-1]["body"]
        assert place.client.post("/login", data={"person": "a\0", "password": "b\0"}).status_code < 500
