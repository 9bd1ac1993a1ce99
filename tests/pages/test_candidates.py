"""Choosing people on the site: what speaks for each, a decision kept as it was then, and whose eyes it is for."""

from __future__ import annotations

from typing import Any

import pytest

from tests.pages.markup import seen
from tests.pages.test_training import holding
from tests.web.place import Place

GAS = "skill:gas"
EXAM = {"person": "alice", "subject": "gas", "held_on": "2026-11-20", "score": "82", "pass_mark": "60"}


@pytest.fixture
def gas(place: Place) -> Place:
    """alice holds the gas certificate, bob does not; alice has passed its exam and taken one incident in time."""
    holding(place, alice=[{"name": "gas", "until": "2027-12-01"}])
    assert recorded(place).status_code == 303
    incident = str(place.reported()["id"])
    place.later(minutes=2)
    place.act(incident, "acknowledge", "alice")
    return place


def recorded(place: Place, by: str = "dora", **fields: str) -> Any:
    headers = place.session(by) | {"accept": "text/html"}
    data = EXAM | {"examiner": "Prof. Gu"} | fields
    return place.client.post("/exams", data=data, headers=headers, follow_redirects=False)


def decided(place: Place, person: str, decision: str = "approved", by: str = "dora", **fields: str) -> Any:
    headers = place.session(by) | {"accept": "text/html"}
    data = {"for": GAS, "person": person, "decision": decision, "reason": "the best we have"} | fields
    return place.client.post("/candidates", data=data, headers=headers, follow_redirects=False)


def kept(place: Place) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = place.client.get("/api/selections", headers=place.key("admin")).json()["items"]
    return found


def test_each_candidate_stands_with_what_is_recorded_and_what_is_not_known(gas: Place) -> None:
    params = {"kind": "skill", "target": "GAS"}
    items = gas.client.get("/api/candidates", params=params, headers=gas.key("admin")).json()["items"]
    assert [one["person"] for one in items] == ["alice", "bob", "charlie", "dora"], "a viewer is no candidate"
    alice, bob = items[:2]
    assert alice["parts"] == {
        "exams": {"points": 82.0, "n": 1},
        "drills": {"points": None, "n": 0},
        "appraisal": {"points": 100.0, "n": 1},
    }
    assert (alice["score"], alice["known"], alice["missing"]) == (89.7, 2, ["drills"])
    assert (bob["score"], bob["known"], alice["lacks"]) == (None, 0, [])
    assert "gas" in bob["lacks"][0]
    page = seen(gas, f"/candidates?for={GAS}").text
    assert "89.7 2 of 3 known" in page
    assert "not known" in page
    assert "has what is asked for" in page


def test_a_decision_is_kept_with_the_score_and_its_parts_as_they_were_then(gas: Place) -> None:
    assert decided(gas, "alice", seen="89.7").status_code == 303
    assert recorded(gas, score="20", held_on="2026-11-22").status_code == 303
    [one] = kept(gas)
    assert (one["person"], one["decision"], one["score"], one["by"]) == ("alice", "approved", 89.7, "person:dora")
    assert one["basis"]["parts"]["exams"] == {"points": 82.0, "n": 1}
    assert one["basis"]["weights"] == {"exams": 0.4, "drills": 0.3, "appraisal": 0.3}
    page = seen(gas, f"/candidates?for={GAS}").text
    assert "latest exam not passed: gas" in page
    assert "the best we have" in page
    rosters = gas.house.directory.organisation().rosters
    assert [roster.id for roster in rosters] == ["field-response", "hq-response"]
    assert decided(gas, "alice", "declined", reason="failed since").status_code == 303
    assert [one["decision"] for one in kept(gas)] == ["declined", "approved"], "both are kept"


def test_a_score_that_has_changed_since_is_not_decided_on(gas: Place) -> None:
    assert recorded(gas, score="20", held_on="2026-11-22").status_code == 303
    answer = decided(gas, "alice", seen="89.7")
    assert answer.status_code == 409
    assert "has changed since you looked" in answer.text
    assert kept(gas) == []


def test_who_lacks_what_is_asked_for_is_approved_only_with_a_written_reason(gas: Place) -> None:
    answer = decided(gas, "bob", in_spite="")
    assert answer.status_code == 422
    assert 'aria-describedby="bob-in_spite-fault"' in answer.text
    assert "the best we have" in answer.text, "nothing that was typed is lost"
    assert decided(gas, "bob", "declined").status_code == 303
    assert decided(gas, "bob", in_spite="sits the exam on Friday, with charlie beside him").status_code == 303
    last = kept(gas)[0]
    assert last["in_spite"] == "sits the exam on Friday, with charlie beside him"
    assert [reason["key"] for reason in last["basis"]["lacks"]] == ["skill.lacks"]
    assert decided(gas, "alice", in_spite="not needed").status_code == 303
    assert kept(gas)[0]["in_spite"] is None, "alice lacks nothing"


def test_no_reason_no_decision_and_the_same_form_sent_twice_is_one(gas: Place) -> None:
    assert decided(gas, "alice", reason=" ").status_code == 422
    assert decided(gas, "alice").status_code == 303
    assert decided(gas, "alice").status_code == 303
    assert len(kept(gas)) == 1


def test_nobody_decides_about_themselves_or_records_their_own_exam(gas: Place) -> None:
    assert decided(gas, "dora", in_spite="I am needed").status_code == 403
    assert kept(gas) == []
    assert recorded(gas, person="dora").status_code == 422


@pytest.mark.parametrize("by", ["alice", "charlie", "vera"])
def test_only_who_manages_people_sees_scores_and_a_person_their_own(gas: Place, by: str) -> None:
    decided(gas, "alice")
    headers = gas.session(by)
    paths = ("/candidates", "/exams", "/api/selections", "/api/exams", "/api/people/bob/selection")
    assert {gas.client.get(path, headers=headers).status_code for path in paths} == {403}
    assert decided(gas, "bob", by=by).status_code == 403
    own = gas.client.get(f"/api/people/{by}/selection", headers=headers).json()
    assert own["standing"]["person"] == by
    assert len(own["decisions"]) == (1 if by == "alice" else 0)
    page = seen(gas, f"/people/{by}/selection", by=by).text
    assert "What speaks for you" in page
    assert ("the best we have" in page) == (by == "alice")


def test_a_roster_asks_what_it_requires_and_a_team_what_its_rule_says(gas: Place) -> None:
    document = gas.house.directory.organisation().model_dump(mode="json")
    document["rosters"][0]["requires"] = ["gas"]
    document["units"][1]["team"] = {"people": None, "skills": {"crane": 1}}
    assert gas.client.put("/api/organisation", json=document, headers=gas.key("admin")).status_code == 200
    for target, lacks in (("roster:field-response", {"alice": 0, "bob": 1}), ("unit:field", {"alice": 1, "bob": 1})):
        kind, _, name = target.partition(":")
        params = {"kind": kind, "target": name}
        items = gas.client.get("/api/candidates", params=params, headers=gas.key("admin")).json()["items"]
        assert {one["person"]: len(one["lacks"]) for one in items} == lacks, "those of the unit"
    wider = gas.client.get("/api/candidates", params=params | {"everybody": "true"}, headers=gas.key("admin"))
    assert len(wider.json()["items"]) == 4
    assert gas.client.get("/candidates?for=roster:none", headers=gas.session("dora")).status_code == 404


def test_a_house_weighs_as_it_likes_and_what_was_decided_keeps_the_weights_of_then(gas: Place) -> None:
    decided(gas, "alice")
    url, admin = "/api/selection-weights", gas.key("admin")
    assert gas.client.get(url, headers=admin).json()["id"] == "standard"
    weights = {"exams": 0.9, "drills": 0, "appraisal": 0.1, "months": 12}
    assert gas.client.put(url, json=weights | {"exams": 1}, headers=admin).status_code == 422, "more than 1 in all"
    own = gas.client.put(url, json=weights, headers=admin).json()
    assert (own["id"], own["version"], own["weights"]["exams"], own["months"]) == ("own", 1, 0.9, 12)
    alice = gas.client.get("/api/people/alice/selection", headers=gas.session("alice")).json()
    assert alice["standing"]["score"] == 83.8
    assert alice["decisions"][0]["score"] == 89.7
    assert alice["decisions"][0]["basis"]["weights"]["exams"] == 0.4
    form = {name: str(weight) for name, weight in weights.items()}
    headers = gas.session("dora") | {"accept": "text/html"}
    data = form | {"for": GAS, "exams": "0.5"}
    answer = gas.client.post("/candidates/weights", data=data, headers=headers, follow_redirects=False)
    assert answer.status_code == 422
    data = data | {"exams": "0.5", "drills": "0.25", "appraisal": "0.25"}
    assert gas.client.post("/candidates/weights", data=data, headers=headers, follow_redirects=False).status_code == 303
    assert "Exams × 0.5" in seen(gas, f"/candidates?for={GAS}").text


def test_an_exam_is_recorded_once_and_what_cannot_be_meant_is_refused(place: Place) -> None:
    assert recorded(place).status_code == 303
    assert recorded(place).status_code == 409
    assert recorded(place, score="120").status_code == 422
    assert recorded(place, held_on="2027-01-01").status_code == 422
    assert recorded(place, person="nobody").status_code == 422
    page = seen(place, "/exams").text
    assert "82 passed, from 60" in page
    assert "Prof. Gu" in page
