"""The page that says whether the next Critical would be answered, and asks people beforehand."""

from __future__ import annotations

import json

import pytest

from incident.cli import main
from tests.web.place import Place


def test_it_names_everybody_on_call_and_sends_a_test_page_that_is_answered_like_a_real_one(place: Place) -> None:
    seen = place.client.get("/readiness", headers=place.session("dora")).text
    assert "A Critical would be answered." in seen
    assert "Never answered a test page." in seen
    sent = place.client.post("/readiness/alice/test-page", headers=place.session("dora"), follow_redirects=False)
    assert sent.status_code == 303
    place.deliver()
    (text,) = place.client.get("/api/phones/+12025550101", headers=place.key("admin")).json()["messages"]
    assert text["body"].startswith("[TEST] C1: test page, nothing has happened.")
    place.client.post("/api/phones/+12025550101/messages", headers=place.key("admin"), json={"body": "1"})
    tested = place.client.get("/api/test-pages", headers=place.key("viewer")).json()["items"]
    alice = next(one for one in tested if one["person"] == "alice")
    assert (alice["became"], alice["via"]) == ("answered", "sms")
    assert place.client.get("/api/incidents", headers=place.key("viewer")).json()["items"] == []


def test_the_page_behind_the_link_of_a_test_page_asks_for_an_answer_and_nothing_else(place: Place) -> None:
    place.client.post("/api/people/alice/test-page", headers=place.key("commander"), json={})
    place.deliver()
    body = place.client.get("/api/phones/+12025550101", headers=place.key("admin")).json()["messages"][0]["body"]
    path = "/a/" + body.rpartition("/a/")[2].split()[0]
    page = place.client.get(path).text
    assert "Test page: nothing has happened." in page
    assert "Pages reach me" in page
    place.client.post(f"{path}/acknowledge")
    answered = place.client.get(path)
    assert "Your answer has been kept." in answered.text
    assert '<form method="post" action="/a/' not in answered.text


def test_one_may_test_oneself_a_commander_anybody_and_an_admin_all(place: Place) -> None:
    def status(who: str, path: str) -> int:
        return place.client.post(path, headers=place.session(who), follow_redirects=False).status_code

    assert status("alice", "/readiness/alice/test-page") == 303
    assert status("alice", "/readiness/bob/test-page") == 403
    assert status("charlie", "/readiness/bob/test-page") == 303
    assert status("charlie", "/readiness/test-pages") == 403
    assert status("dora", "/readiness/test-pages") == 303


def test_who_has_no_way_is_refused_with_the_reason(place: Place) -> None:
    found = place.client.post("/api/people/dora/test-page", headers=place.key("commander"), json={})
    assert found.status_code == 409
    assert "Nothing can be sent to Dora" in found.json()["detail"]


def test_the_command_says_the_same_and_ends_with_one_only_when_nobody_would_answer(
    place: Place, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INCIDENT_DEFAULT_LOCALE", "en")
    data = str(place.house.settings.data)
    assert main(["doctor", "--data", data]) == 0
    assert "A Critical would be answered." in capsys.readouterr().out
    organisation = place.client.get("/api/organisation", headers=place.key("admin")).json()
    for roster in organisation["rosters"]:
        for layer in roster.get("layers", []):
            layer["rotation"] = []
        roster.pop("rotation", None)
    saved = place.client.put("/api/organisation", headers=place.key("admin"), json=organisation)
    assert saved.status_code == 200, saved.text
    assert main(["doctor", "--json", "--data", data]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["answerable"] is False
    assert {one["name"] for one in found["findings"] if one["rule"] == "unanswerable"} == {"hq", "field"}
    assert main(["test-page", "--data", data]) == 2


def test_who_names_people_to_a_test_of_everybody_pages_nobody(place: Place) -> None:
    def asked() -> object:
        return place.client.get("/api/test-pages", headers=place.key("viewer")).json()

    before = asked()
    named = place.client.post("/api/test-pages", json={"people": ["alice"]}, headers=place.key("admin"))
    assert named.status_code == 422
    assert named.json()["errors"][0]["pointer"] == "/people"
    assert asked() == before
    assert place.client.post("/api/test-pages", headers=place.key("admin")).status_code == 200
    assert asked() != before
