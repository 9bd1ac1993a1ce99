"""People, rosters, overrides, plans and statistics over HTTP."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from incident.clock import iso
from incident.ids import hashed
from incident.store import keys
from incident.store.engine import changing, open_engine
from incident.store.migrations import migrate
from tests.web.place import NUMBERS, START, Place, opened, organisation, person, secret


def get(place: Place, path: str, role: str = "viewer") -> Any:
    answer = place.client.get(path, headers=place.key(role))
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_numbers_are_for_responders_only(place: Place) -> None:
    seen = get(place, "/api/people")["items"]
    assert [one["id"] for one in seen] == ["alice", "bob", "charlie", "dora", "vera"]
    assert NUMBERS["alice"] not in str(seen)
    assert "example.com" not in str(seen)
    assert get(place, "/api/people", "responder")["items"][0]["ways"][0]["address"] == NUMBERS["alice"]


def test_who_is_on_call_now_and_at_a_time(place: Place) -> None:
    lines = {line["roster"]: line for line in get(place, "/api/on-call")["items"]}
    assert lines["field-response"]["primary"] == {"person": "alice", "name": "Alice"}
    assert lines["field-response"]["until"] == "2026-11-29T08:00:00.000Z"
    because = lines["field-response"]["why"]
    assert (because["key"], because["params"]["until"]) == ("roster.rotation", "2026-11-29 08:00")
    assert lines["field-response"]["why_second"]["key"] == "roster.secondary"
    later = {line["roster"]: line for line in get(place, "/api/on-call?at=2026-11-30T00:00:00Z")["items"]}
    assert later["field-response"]["primary"]["person"] == "bob"
    bad = place.client.get("/api/on-call?at=noon", headers=place.key("viewer"))
    assert bad.json()["errors"][0]["pointer"] == "/query/at"


def test_a_stand_in_takes_the_shift_and_can_be_taken_back(place: Place) -> None:
    override = {
        "start": "2026-11-23T00:00:00Z",
        "end": "2026-11-23T12:00:00Z",
        "person": "bob",
        "reason": "dentist",
    }
    path, commander = "/api/rosters/field-response/overrides", place.key("commander")
    for _ in range(2):
        assert place.client.post(path, json=override, headers=commander).status_code == 201
    assert len(get(place, "/api/rosters")["items"][0]["overrides"]) == 1
    assert get(place, "/api/on-call")["items"][0]["primary"]["person"] == "bob"
    backward = {**override, "end": "2026-11-22T12:00:00Z"}
    assert place.client.post(path, json=backward, headers=commander).status_code == 422
    unknown = place.client.post(path, json={**override, "person": "zoe"}, headers=commander)
    assert unknown.status_code == 422
    assert unknown.json()["errors"][0]["pointer"].startswith("/rosters/0/overrides/1")
    query = {"start": "2026-11-23T00:00:00Z", "person": "bob"}
    assert place.client.delete(path, params=query, headers=commander).status_code == 204
    assert place.client.delete(path, params=query, headers=commander).status_code == 404
    assert get(place, "/api/on-call")["items"][0]["primary"]["person"] == "alice"


def test_people_come_change_and_go(place: Place) -> None:
    admin = place.key("admin")
    new = person("erik", "hq", "responder")
    assert place.client.post("/api/people", json=new, headers=admin).status_code == 201
    assert place.client.post("/api/people", json=new, headers=admin).status_code == 409
    changed = {**new, "name": "Erik the Second"}
    assert place.client.put("/api/people/erik", json=changed, headers=admin).json()["name"] == "Erik the Second"
    assert place.client.put("/api/people/bob", json=changed, headers=admin).status_code == 422
    assert place.client.delete("/api/people/erik", headers=admin).status_code == 204
    named = place.client.delete("/api/people/alice", headers=admin)
    assert named.status_code == 422
    assert "alice" in [one["id"] for one in get(place, "/api/people")["items"]]


def test_the_whole_document_is_taken_whole_and_never_over_a_newer_one(place: Place) -> None:
    admin = place.key("admin")
    answer = place.client.get("/api/organisation", headers=admin)
    version, document = answer.headers["etag"], answer.json()
    document["people"][0]["name"] = "Alice the Second"
    saved = place.client.put("/api/organisation", json=document, headers=admin | {"if-match": version})
    assert saved.status_code == 200
    late = place.client.put("/api/organisation", json=document | {"rosters": []}, headers=admin | {"if-match": version})
    assert late.status_code == 409
    document["people"][0]["unit"] = "moon"
    bad = place.client.put("/api/organisation", json=document, headers=admin)
    assert bad.status_code == 422
    assert bad.json()["errors"][0]["pointer"] == "/people/0/unit"
    assert get(place, "/api/people")["items"][0]["name"] == "Alice the Second"
    assert organisation().person("alice").name == "Alice"  # type: ignore[union-attr]


def test_the_plans_can_be_read(place: Place) -> None:
    playbooks = get(place, "/api/playbooks")["items"]
    assert len(playbooks) >= 12
    one = get(place, f"/api/playbooks/{playbooks[0]['id']}")
    assert one["steps"][0]["text"].keys() == {"en", "zh", "zh_hant"}
    assert "it-emergency" in [policy["id"] for policy in get(place, "/api/policies")["items"]]
    missing = place.client.get("/api/playbooks/nothing", headers=place.key("viewer"))
    assert missing.status_code == 404


def test_statistics_count_what_was_answered_and_what_still_waits(place: Place) -> None:
    for minutes in (4, 10):
        code = place.reported()["code"]
        place.clock.move(timedelta(minutes=minutes))
        place.act(code, "acknowledge")
    place.reported()
    found = get(place, "/api/statistics")
    assert found["open"] == {"critical": 3, "high": 0, "medium": 0, "low": 0}
    assert found["phases"] == {"handling": 2, "activated": 1}
    assert found["period"]["answered"] == {"n": 2, "waiting": 1, "median_s": 240.0, "p90_s": 600.0}
    assert found["period"]["restored"]["waiting"] == 3
    old = get(place, f"/api/statistics?until={iso(START - timedelta(minutes=1))}")
    assert old["period"]["incidents"] == 0
    backward = place.client.get(
        "/api/statistics?since=2026-11-24T00:00:00Z&until=2026-11-23T00:00:00Z", headers=place.key("viewer")
    )
    assert backward.status_code == 422


def test_a_house_without_an_organisation_asks_the_sender_to_come_again(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'incident.db'}")
    migrate(engine)
    engine.dispose()
    with opened(tmp_path, None) as place:
        with changing(place.house.engine) as connection:
            keys.add(connection, hashed=hashed(secret("responder")), name="r", role="responder", now=START)
        answer = place.client.post("/api/incidents", json={"title": "x"}, headers=place.key("responder"))
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "30"
        assert "incident load" in answer.json()["detail"]


def test_somebody_who_is_written_back_as_shown_keeps_their_time_off_and_their_waivers(place: Place) -> None:
    admin = place.key("admin")
    document = get(place, "/api/organisation", "admin")
    (bob,) = (person for person in document["people"] if person["id"] == "bob")
    bob["time_off"] = [{"start": "2026-12-24T00:00:00Z", "end": "2027-01-02T00:00:00Z", "reason": ""}]
    bob["skills"] = [{"name": "gas", "until": "2026-11-01", "waiver": "exam on Friday"}, "storage"]
    assert place.client.put("/api/organisation", json=document, headers=admin).status_code == 200
    (shown,) = (person for person in get(place, "/api/people", "admin")["items"] if person["id"] == "bob")
    assert shown["skills_until"] == {"gas": "2026-11-01"}
    assert place.client.put("/api/people/bob", json=shown, headers=admin).status_code == 200

    def kept() -> tuple[object, object]:
        (now,) = (person for person in get(place, "/api/organisation", "admin")["people"] if person["id"] == "bob")
        return now["time_off"], [skill["waiver"] for skill in now["skills"]]

    assert kept() == (bob["time_off"], ["exam on Friday", None])
    bare = {**shown, "time_off": [], "skills": [{"name": "gas", "until": "2026-11-01", "waiver": None}]}
    del bare["skills_until"]
    assert place.client.put("/api/people/bob", json=bare, headers=admin).status_code == 200
    assert kept() == ([], [None])
