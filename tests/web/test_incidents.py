"""Reports, lists, reading and commands over HTTP."""

from __future__ import annotations

from threading import current_thread
from typing import Any

import pytest

from tests.web.place import Place
from web.acts import COMMANDS
from web.api import incidents


def pointers(answer: object) -> list[str]:
    return [fault["pointer"] for fault in answer.json()["errors"]]  # type: ignore[attr-defined]


def test_a_report_opens_an_incident_with_its_level_explained(place: Place) -> None:
    body = {"title": "Locks do not open", "kind": "platform_down", "impact": "high", "urgency": "high"}
    answer = place.client.post("/api/incidents", json=body, headers=place.key("responder"))
    assert answer.status_code == 201
    found = answer.json()
    assert answer.headers["location"] == f"/api/incidents/{found['id']}"
    assert found["created"] is True
    assert found["level"] == "critical"
    assert "impact high" in found["level_reason"]
    assert found["code"] == "C1"
    assert found["phase"] == "activated"
    response = next(clock for clock in found["clocks"] if clock["name"] == "response")
    assert response == {
        "name": "response",
        "due": "2026-11-23T02:27:00.000Z",
        "met_at": None,
        "verdict": "running",
        "assumed": False,
    }
    assert found["playbook"]
    assert found["policy"] == "it-emergency"
    assert [step["status"] for step in found["steps"]] == ["waiting"] * len(found["steps"])


def test_the_answer_is_the_same_where_something_must_be_read_for_it(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[str] = []
    seen = incidents.view

    def view(*given: Any) -> Any:
        threads.append(current_thread().name)
        return seen(*given)

    monkeypatch.setattr(incidents, "view", view)
    monkeypatch.setattr(incidents, "view_at_hand", lambda *_: True)
    at_once = place.reported(dedup_key="db-1")
    monkeypatch.setattr(incidents, "view_at_hand", lambda *_: False)
    headers, body = place.key("responder"), {"title": "again", "level": "low", "dedup_key": "db-1"}
    read = place.client.post("/api/incidents", json=body, headers=headers).json()
    assert read == at_once | {"created": False}
    assert threads[0] != threads[1]  # what blocks is not done where everybody waits for it


def test_the_reason_comes_in_the_language_of_who_asks(place: Place) -> None:
    incident = place.reported()
    headers = place.key("viewer") | {"accept-language": "zh-CN,en;q=0.5"}
    found = place.client.get(f"/api/incidents/{incident['id']}", headers=headers).json()
    assert "紧急" in found["level_reason"]


def test_a_repeat_is_folded_and_answered_with_200(place: Place) -> None:
    first = place.reported(dedup_key="db-1")
    body = {"title": "again", "dedup_key": "db-1", "level": "low"}
    answer = place.client.post("/api/incidents", json=body, headers=place.key("responder"))
    assert answer.status_code == 200
    assert answer.json()["id"] == first["id"]
    assert answer.json()["created"] is False
    seen = place.client.get(f"/api/incidents/{first['code']}", headers=place.key("viewer")).json()
    assert seen["repeats"] == 1


def test_another_key_s_dedup_key_is_another_incident(place: Place) -> None:
    first = place.reported(dedup_key="db-1")
    body = {"title": "mine", "dedup_key": "db-1"}
    answer = place.client.post("/api/incidents", json=body, headers=place.key("integration"))
    assert answer.status_code == 201
    assert answer.json()["id"] != first["id"]


def test_a_batch_is_taken_whole_or_not_at_all(place: Place) -> None:
    good = [{"title": f"alert {n}", "dedup_key": f"k{n % 2}"} for n in range(4)]
    answer = place.client.post("/api/incidents", json=good, headers=place.key("integration"))
    assert answer.status_code == 201
    assert [item["created"] for item in answer.json()["items"]] == [True, True, False, False]
    bad = place.client.post("/api/incidents", json=[{"title": "x"}, {"titel": "x"}], headers=place.key("integration"))
    assert bad.status_code == 422
    assert pointers(bad) == ["/1/title", "/1/titel"]
    listed = place.client.get("/api/incidents", headers=place.key("viewer")).json()
    assert len(listed["items"]) == 2


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/title"),
        ({"title": "x", "color": "red"}, "/color"),
        ({"title": "x", "level": "catastrophic"}, "/level"),
        ({"title": "x", "policy": "no-such"}, "/policy"),
        ({"title": "x", "unit": "mars"}, "/unit"),
        ({"title": "x" * 201}, "/title"),
        ({"title": "x", "at": "yesterday"}, "/at"),
        ({"title": "x", "links": ["javascript:alert(1)"]}, "/links/0"),
    ],
)
def test_bad_input_is_pointed_at_and_nothing_is_stored(place: Place, body: dict[str, object], pointer: str) -> None:
    answer = place.client.post("/api/incidents", json=body, headers=place.key("responder"))
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert pointers(answer) == [pointer]
    assert answer.json()["status"] == 422
    assert place.client.get("/api/incidents", headers=place.key("viewer")).json()["items"] == []


def test_what_is_no_json_is_a_problem_that_echoes_nothing(place: Place) -> None:
    answer = place.client.post("/api/incidents", content=b'{"title": hunter2', headers=place.key("responder"))
    assert answer.status_code == 422
    assert "hunter2" not in answer.text


def test_a_person_at_a_desk_is_asked_for_the_elements_unless_it_is_critical(place: Place) -> None:
    body = {"title": "no picture", "channel": "phone", "level": "medium", "product": "tv"}
    answer = place.client.post("/api/incidents", json=body, headers=place.key("responder"))
    assert answer.status_code == 422
    assert pointers(answer) == ["/place", "/symptom", "/scope"]
    fire = {"title": "smoke", "channel": "phone", "kind": "fire_or_shock"}
    answer = place.client.post("/api/incidents", json=fire, headers=place.key("responder"))
    assert answer.status_code == 201
    assert answer.json()["report"]["missing"] == ["place", "product", "symptom", "scope"]


def test_lists_are_filtered_and_paged_without_a_gap(place: Place) -> None:
    for number, name in enumerate(("alpha", "beta", "gamma", "delta", "机房断电")):
        place.reported(title=name, level="high" if number % 2 else "critical")
    get = place.client.get
    viewer = place.key("viewer")
    first = get("/api/incidents?limit=2", headers=viewer).json()
    second = get(f"/api/incidents?limit=2&before={first['next']}", headers=viewer).json()
    third = get(f"/api/incidents?limit=2&before={second['next']}", headers=viewer).json()
    assert [row["code"] for page in (first, second, third) for row in page["items"]] == ["C5", "C4", "C3", "C2", "C1"]
    assert third["next"] is None
    assert [row["code"] for row in get("/api/incidents?level=high", headers=viewer).json()["items"]] == ["C4", "C2"]
    assert [row["code"] for row in get("/api/incidents?q=delta", headers=viewer).json()["items"]] == ["C4"]
    assert [row["code"] for row in get("/api/incidents?q=断电", headers=viewer).json()["items"]] == ["C5"]
    assert get("/api/incidents?phase=closed", headers=viewer).json()["items"] == []
    assert len(get("/api/incidents?phase=open&drill=false", headers=viewer).json()["items"]) == 5
    bad = get("/api/incidents?phase=asleep&colour=red", headers=viewer)
    assert bad.status_code == 422
    assert set(pointers(bad)) >= {"/query/colour"}


def test_the_log_names_each_fact_and_who_said_it(place: Place) -> None:
    incident = place.reported()
    place.act(incident["id"], "acknowledge")
    viewer = place.key("viewer")
    log = place.client.get(f"/api/incidents/{incident['id']}/log", headers=viewer).json()
    kinds = [entry["kind"] for entry in log["items"]]
    assert kinds[:2] == ["reported", "graded"]
    assert kinds[-2:] == ["acknowledged", "command_taken"]
    assert [entry["seq"] for entry in log["items"]] == list(range(1, len(kinds) + 1))
    last = log["items"][-1]
    assert last["by"] == "person:alice"
    assert last["by_name"] == "Alice"
    assert last["fields"]["person_name"] == "Alice"
    rest = place.client.get(f"/api/incidents/{incident['id']}/log?after={last['seq'] - 1}", headers=viewer).json()
    assert [entry["kind"] for entry in rest["items"]] == ["command_taken"]


def test_the_whole_way_to_a_verified_end(place: Place) -> None:
    incident = place.reported()["id"]
    taken = place.act(incident, "acknowledge")
    assert [entry["kind"] for entry in taken["entries"]] == ["acknowledged", "command_taken"]
    assert taken["incident"]["commander"] == {"person": "alice", "name": "Alice"}
    for step in taken["incident"]["steps"]:
        if step["weight"] == "critical":
            for before in step["after"]:
                place.client.post(
                    f"/api/incidents/{incident}/finish-step", json={"step": before}, headers=place.session("alice")
                )
            place.act(incident, "finish-step", step=step["id"], result="done")
    place.act(incident, "update", text="Power is back in hall 3", restored_percent=80)
    place.act(incident, "record-findings", cause="breaker", measure="replaced")
    place.act(incident, "resolve")
    early = place.client.post(f"/api/incidents/{incident}/close", json={}, headers=place.session("alice"))
    assert early.status_code == 409
    place.act(incident, "verify", by="bob", test="all racks answer")
    refused = place.client.post(f"/api/incidents/{incident}/close", json={}, headers=place.session("alice"))
    assert refused.status_code == 409
    assert all(fault["detail"] for fault in refused.json()["errors"])
    seen = place.client.get(f"/api/incidents/{incident}", headers=place.key("viewer")).json()
    for item in seen["closeout"]:
        place.act(incident, "tick-closeout", item=item["id"])
    closed = place.act(incident, "close", summary="breaker replaced")
    assert closed["incident"]["phase"] == "closed"
    assert closed["incident"]["to_close"] == []


def test_who_commands_may_close_and_offer_without_the_role(place: Place) -> None:
    incident = place.reported()["id"]
    place.act(incident, "acknowledge", by="alice")
    other = place.client.post(
        f"/api/incidents/{incident}/offer-command", json={"to": "bob"}, headers=place.session("bob")
    )
    assert other.status_code == 403
    offered = place.act(incident, "offer-command", by="alice", to="bob", briefing="all said")
    assert offered["incident"]["offered_to"]["person"] == "bob"
    assert place.act(incident, "accept-command", by="bob")["incident"]["commander"]["person"] == "bob"


def test_a_key_names_the_person_it_speaks_for(place: Place) -> None:
    incident = place.reported()["id"]
    path = f"/api/incidents/{incident}/acknowledge"
    responder = place.key("responder")
    assert pointers(place.client.post(path, json={}, headers=responder)) == ["/person"]
    assert pointers(place.client.post(path, json={"person": "nobody"}, headers=responder)) == ["/person"]
    answer = place.client.post(path, json={"person": "alice"}, headers=responder)
    assert answer.status_code == 200
    assert answer.json()["entries"][0]["by"] == "key:responder-key"
    assert answer.json()["incident"]["commander"]["person"] == "alice"


def test_a_signed_in_person_acts_as_nobody_else(place: Place) -> None:
    incident = place.reported()["id"]
    answer = place.client.post(
        f"/api/incidents/{incident}/acknowledge", json={"person": "bob"}, headers=place.session("alice")
    )
    assert answer.status_code == 422
    assert pointers(answer) == ["/person"]


def test_an_idempotency_key_makes_a_retry_safe(place: Place) -> None:
    headers = place.key("responder") | {"idempotency-key": "abc"}
    body = {"title": "once", "level": "high"}
    first = place.client.post("/api/incidents", json=body, headers=headers)
    again = place.client.post("/api/incidents", json=body, headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["id"] == again.json()["id"]
    other = place.client.post("/api/incidents", json={"title": "other"}, headers=headers)
    assert other.status_code == 422
    assert len(place.client.get("/api/incidents", headers=place.key("viewer")).json()["items"]) == 1


def test_a_note_with_a_key_of_its_own_is_written_once(place: Place) -> None:
    incident = place.reported()["id"]
    headers = place.session("alice") | {"idempotency-key": "n1"}
    answers = [
        place.client.post(f"/api/incidents/{incident}/note", json={"text": "seen"}, headers=headers) for _ in range(3)
    ]
    assert [answer.json()["entries"] for answer in answers] == [answers[0].json()["entries"]] * 3
    log = place.client.get(f"/api/incidents/{incident}/log", headers=place.key("viewer")).json()["items"]
    assert [entry["kind"] for entry in log].count("noted") == 1


def test_merging_writes_both_logs_at_once(place: Place) -> None:
    one, other = place.reported(), place.reported(title="the same thing")
    place.act(one["id"], "acknowledge")
    answer = place.client.post(
        f"/api/incidents/{other['id']}/merge", json={"into": one["code"]}, headers=place.session("charlie")
    )
    assert answer.status_code == 200, answer.text
    assert answer.json()["incident"]["merged_into"] == one["id"]
    seen = place.client.get(f"/api/incidents/{one['id']}", headers=place.key("viewer")).json()
    assert seen["absorbed"] == [other["id"]]
    itself = place.client.post(
        f"/api/incidents/{one['id']}/merge", json={"into": one["id"]}, headers=place.session("charlie")
    )
    assert pointers(itself) == ["/into"]


def test_an_id_is_as_good_as_a_code_and_gives_no_more_rights(place: Place) -> None:
    found = place.reported()
    place.act(found["code"], "note", text="Hall 3 smells of smoke")
    noted = place.act(found["id"], "note", text="The smoke is gone")
    assert noted["entries"][0]["seq"] > 1
    for name in (found["id"], found["code"]):
        refused = place.client.post(
            f"/api/incidents/{name}/close", json={"summary": "ok"}, headers=place.session("bob")
        )
        assert refused.status_code == 403, name


def test_what_is_not_there_is_404(place: Place) -> None:
    incident = place.reported()["id"]
    for method, path in (
        ("GET", "/api/incidents/C99"),
        ("POST", f"/api/incidents/{incident}/explode"),
        ("GET", "/api/nothing"),
        ("GET", "/api/incidents/C99/log"),
        ("POST", "/api/incidents/C99/page-now"),
        ("POST", f"/api/incidents/{'0' * 26}/page-now"),
    ):
        answer = place.client.request(method, path, json={}, headers=place.key("admin"))
        assert answer.status_code == 404, path
        assert answer.headers["content-type"] == "application/problem+json"


def test_what_nobody_sees_is_dropped_from_a_report_and_an_override_turns_nothing_round(place: Place) -> None:
    body = {
        "title": "Locks\x00 do \u202enot open",
        "dedup_key": "a\x00b",
        "labels": {"ho\x00st": "x\x07y"},
        "symptom": "a\r\nb",
    }
    found = place.client.post("/api/incidents", json=body, headers=place.key("responder")).json()
    assert found["title"] == "Locks do not open"
    assert found["report"]["dedup_key"].endswith("ab")
    assert found["report"]["labels"] == {"host": "xy"}
    assert found["report"]["symptom"] == "a\nb"


@pytest.mark.parametrize("path", ["/api/incidents/%00", "/api/incidents/C1%00/log", "/a/%07", "/incidents/%00"])
def test_nothing_has_a_name_with_a_control_character(place: Place, path: str) -> None:
    place.reported()
    assert place.client.get(path, headers=place.key("viewer")).status_code == 404


def test_a_phase_that_is_none_is_one_fault_that_lists_them_all(place: Place) -> None:
    answer = place.client.get("/api/incidents?phase=foo", headers=place.key("viewer"))
    assert pointers(answer) == ["/query/phase"]
    assert "open, reported, graded" in answer.json()["errors"][0]["detail"]


def test_what_is_allowed_is_what_can_be_asked_for(place: Place) -> None:
    """Given what an incident says is allowed, when a program asks for it by name, then there is such an address."""
    place.reported()
    for command, more in (("acknowledge", {}), ("resolve", {}), ("verify", {"by": "bob", "test": "tried"}), ("", {})):
        seen = place.client.get("/api/incidents/C1", headers=place.key("viewer")).json()
        assert seen["allowed"]
        assert set(seen["allowed"]) <= set(COMMANDS), seen["phase"]
        if command:
            place.act("C1", command, **more)


def test_who_takes_command_by_a_program_is_not_counted_as_on_the_site(place: Place) -> None:
    place.reported()
    place.reported(dedup_key="b")
    body = {"person": "alice"}
    asked = [
        place.client.post("/api/incidents/C1/take-command", json=body, headers=place.key("responder")).json(),
        place.act("C2", "take-command"),
    ]
    assert [one["entries"][0]["fields"]["via"] for one in asked] == ["api", "web"]
