"""Shifts, fairness, swaps, time off and whole rosters by program, each in the role that may."""

from __future__ import annotations

from typing import Any

import pytest
from httpx2 import Response

from incident.store import directory
from incident.store.engine import reading
from tests.web.place import Place

FIELD = "/api/rosters/field-response"
NOVEMBER = {"start": "2026-11-01T00:00:00Z", "end": "2026-12-01T00:00:00Z"}
SWAP = {"start": "2026-11-24T00:00:00Z", "end": "2026-11-25T00:00:00Z", "giver": "alice", "taker": "bob"}
DAY = {"start": "2026-11-24T00:00:00Z", "end": "2026-11-25T00:00:00Z"}


def asked(place: Place, path: str, by: str = "viewer", **query: str) -> list[dict[str, Any]]:
    answer = place.client.get(path, params=query, headers=place.key(by))
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


def send(place: Place, path: str, body: dict[str, Any], by: str = "", key: str = "", method: str = "POST") -> Response:
    headers = place.session(by) if by else place.key(key)
    return place.client.request(method, path, json=body, headers=headers)


def people(place: Place) -> list[str | None]:
    return [one["person"] and one["person"]["person"] for one in asked(place, f"{FIELD}/shifts", **DAY)]


def test_shifts_come_with_their_reasons_and_gaps_in_their_place(place: Place) -> None:
    found = asked(place, f"{FIELD}/shifts", **NOVEMBER)
    assert [one["person"] and one["person"]["name"] for one in found[:3]] == [None, "Alice", "Bob"]
    assert (found[0]["start"], found[0]["end"]) == ("2026-11-01T00:00:00.000Z", "2026-11-08T08:00:00.000Z")
    assert found[1]["why"]["text"].startswith("on duty (field) until 2026-11-15 08:00")


def test_fairness_is_told_in_real_hours(place: Place) -> None:
    found = {one["person"]["person"]: one for one in asked(place, f"{FIELD}/fairness", **NOVEMBER)}
    assert {name: one["hours"] for name, one in found.items()} == {"alice": 336.0, "bob": 208.0}
    assert found["alice"]["nights"] == 14
    assert found["alice"]["night_hours"] == 126.0


@pytest.mark.parametrize(
    "period",
    [
        {},
        {"start": "2026-11-01T00:00:00Z"},
        {"start": "2026-11-01", "end": "2026-12-01"},
        {"start": "2026-12-01T00:00:00Z", "end": "2026-11-01T00:00:00Z"},
        {"start": "2026-11-01T00:00:00Z", "end": "2028-11-01T00:00:00Z"},
    ],
)
def test_a_period_has_two_ends_and_a_limit(place: Place, period: dict[str, str]) -> None:
    for path in (f"{FIELD}/shifts", f"{FIELD}/fairness"):
        assert place.client.get(path, params=period, headers=place.key("viewer")).status_code == 422
    assert place.client.get("/api/rosters/none/shifts", params=NOVEMBER, headers=place.key("viewer")).status_code == 404


def test_a_swap_is_asked_by_its_giver_and_accepted_by_its_taker(place: Place) -> None:
    assert send(place, f"{FIELD}/swaps", SWAP, by="bob").status_code == 403
    assert send(place, f"{FIELD}/swaps", SWAP, key="responder").status_code == 403
    assert send(place, f"{FIELD}/swaps", SWAP | {"taker": "alice"}, by="alice").status_code == 422
    assert send(place, f"{FIELD}/swaps", SWAP | {"taker": "vera"}, by="alice").status_code == 422, "she only looks"
    offered = send(place, f"{FIELD}/swaps", SWAP, by="alice")
    assert (offered.status_code, offered.json()["state"]) == (201, "offered")
    assert people(place) == ["alice"]
    answer = {"start": SWAP["start"], "giver": "alice", "taker": "bob", "answer": "accepted"}
    assert send(place, f"{FIELD}/swaps/answer", answer, by="alice").status_code == 403
    assert send(place, f"{FIELD}/swaps/answer", answer, key="admin").status_code == 403
    assert send(place, f"{FIELD}/swaps/answer", answer, by="bob").status_code == 204
    assert people(place) == ["bob"]
    assert send(place, f"{FIELD}/swaps/answer", answer | {"answer": "withdrawn"}, by="alice").status_code == 204
    assert people(place) == ["alice"]
    assert send(place, f"{FIELD}/swaps/answer", answer, by="bob").status_code == 404, "it is gone"


def test_a_declined_swap_changes_nothing(place: Place) -> None:
    send(place, f"{FIELD}/swaps", SWAP, by="alice")
    answer = {"start": SWAP["start"], "giver": "alice", "taker": "bob", "answer": "declined"}
    assert send(place, f"{FIELD}/swaps/answer", answer, by="bob").status_code == 204
    assert people(place) == ["alice"]


def test_time_off_is_ones_own_or_a_commanders_to_give(place: Place) -> None:
    path = "/api/people/alice/time-off"
    assert send(place, path, DAY, by="bob").status_code == 403
    assert send(place, path, DAY | {"end": DAY["start"]}, by="alice").status_code == 422
    assert send(place, path, DAY, by="alice").status_code == 201
    assert people(place) == ["bob"]
    gone = place.client.delete(path, params={"start": DAY["start"]}, headers=place.key("commander"))
    assert gone.status_code == 204
    assert people(place) == ["alice"]
    again = place.client.delete(path, params={"start": DAY["start"]}, headers=place.key("commander"))
    assert again.status_code == 404
    assert send(place, "/api/people/nobody/time-off", DAY, key="commander").status_code == 404


def test_a_responder_stands_in_by_program_for_themselves_only(place: Place) -> None:
    override = DAY | {"person": "bob", "reason": "Alice is ill"}
    assert send(place, f"{FIELD}/overrides", override, by="alice").status_code == 403
    assert send(place, f"{FIELD}/overrides", override, key="responder").status_code == 403
    assert send(place, f"{FIELD}/overrides", override, by="bob").status_code == 201
    assert people(place) == ["bob"]


def test_a_whole_roster_is_put_only_if_nobody_has_saved_it_since(place: Place) -> None:
    listed = place.client.get("/api/rosters", headers=place.key("viewer"))
    (roster,) = [one for one in listed.json()["items"] if one["id"] == "field-response"]
    roster["layers"][0]["rotation"] = ["bob", "alice"]
    assert send(place, FIELD, roster, by="alice", method="PUT").status_code == 403
    assert send(place, FIELD, roster | {"id": "other"}, key="commander", method="PUT").status_code == 422
    send(place, f"{FIELD}/overrides", DAY | {"person": "bob", "reason": "x"}, key="commander")
    headers = place.key("commander") | {"if-match": listed.headers["etag"]}
    assert place.client.put(FIELD, json=roster, headers=headers).status_code == 409
    headers["if-match"] = f'"{place.house.directory.version}"'
    assert place.client.put(FIELD, json=roster, headers=headers).status_code == 200
    assert place.house.directory.organisation().rosters[0].people == ("bob", "alice")
    assert place.house.directory.organisation().rosters[0].overrides == ()


def test_every_change_is_a_version_with_its_author(place: Place) -> None:
    before = place.house.directory.version
    send(place, "/api/people/alice/time-off", DAY, by="alice")
    with reading(place.house.engine) as connection:
        assert directory.version(connection) == before + 1
        assert directory.organisation_at(connection, before).person("alice").time_off == ()  # type: ignore[union-attr]
