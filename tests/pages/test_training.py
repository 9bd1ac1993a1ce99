"""Training on the site: whose skills run out, a session that renews them all at once, and its record."""

from __future__ import annotations

from typing import Any

import pytest

from tests.pages.markup import seen
from tests.web.place import Place

SESSION = {"held_on": "2026-11-23", "topic": "Gas refresher", "skill": "gas", "until": "2028-12-15"}
BOTH = {"attended.alice": "yes", "attended.bob": "yes"}


def sent(place: Place, by: str = "dora", **fields: str) -> Any:
    headers = place.session(by) | {"accept": "text/html"}
    return place.client.post("/training", data=fields, headers=headers, follow_redirects=False)


def skills(place: Place, person: str) -> list[tuple[str, str | None, str | None]]:
    found = place.house.directory.organisation().person(person)
    assert found is not None
    return [(one.name, one.until.isoformat() if one.until else None, one.waiver) for one in found.skills]


def holding(place: Place, **held: list[object]) -> None:
    document = place.house.directory.organisation().model_dump(mode="json")
    for one in document["people"]:
        one["skills"] = held.get(one["id"], [])
    answer = place.client.put("/api/organisation", json=document, headers=place.key("admin"))
    assert answer.status_code == 200, answer.text


def test_whoever_attended_has_it_renewed_and_the_session_is_kept(place: Place) -> None:
    over = {"name": "Gas", "until": "2026-11-01", "waiver": "exam is on Friday"}
    holding(place, alice=[over, "crane"], bob=[], charlie=[{"name": "gas", "until": "2026-12-01"}])
    before = seen(place, "/training").text
    assert "ran out on 2026-11-01" in before
    assert "within 30 days, on 2026-12-01" in before
    assert sent(place, **SESSION, **BOTH).status_code == 303
    assert skills(place, "alice") == [("Gas", "2028-12-15", None), ("crane", None, None)]
    assert skills(place, "bob") == [("gas", "2028-12-15", None)]
    assert skills(place, "charlie") == [("gas", "2026-12-01", None)], "who was not there has nothing renewed"
    after = seen(place, "/training", by="vera").text
    assert "ran out" not in after
    assert "Gas refresher" in after
    assert "2: Alice, Bob" in after
    assert "Dora" in after


def test_the_link_beside_a_skill_opens_the_form_with_those_who_need_it(place: Place) -> None:
    holding(place, alice=[{"name": "gas & water", "until": "2026-12-01"}])
    page = seen(place, "/training")
    [link] = [one for one in page.links if one.startswith("/training?skill=")]
    html = place.client.get(link.partition("#")[0], headers=place.session("dora")).text
    assert 'name="attended.alice" value="yes" checked' in html
    assert 'name="attended.bob" value="yes">' in html
    assert 'value="gas &amp; water"' in html


def test_a_fault_leaves_nothing_behind_and_nothing_typed_is_lost(place: Place) -> None:
    version = place.house.directory.version
    answer = sent(place, **(SESSION | {"until": ""}), **BOTH)
    assert answer.status_code == 422
    assert 'aria-describedby="until-fault"' in answer.text
    assert 'value="Gas refresher"' in answer.text
    assert 'name="attended.bob" value="yes" checked' in answer.text
    assert sent(place, **SESSION).status_code == 422, "a session that nobody attended"
    assert sent(place, **(SESSION | {"held_on": "2026-11-24"}), **BOTH).status_code == 422
    assert place.house.directory.version == version
    assert "No session was recorded yet." in seen(place, "/training").text


def test_the_same_form_sent_twice_is_recorded_once(place: Place) -> None:
    assert sent(place, **SESSION, **BOTH).status_code == 303
    again = sent(place, **SESSION, **BOTH)
    assert again.status_code == 409
    assert "recorded already" in again.text
    assert len(place.client.get("/api/trainings", headers=place.key("viewer")).json()["items"]) == 1


def test_a_session_need_not_renew_anything(place: Place) -> None:
    assert sent(place, **(SESSION | {"skill": "", "until": ""}), **BOTH).status_code == 303
    assert skills(place, "alice") == []
    assert "Gas refresher" in seen(place, "/training").text


@pytest.mark.parametrize("by", ["alice", "charlie", "vera"])
def test_only_an_admin_records_and_sees_the_form(place: Place, by: str) -> None:
    assert sent(place, by, **SESSION, **BOTH).status_code == 403
    assert [form.action for form in seen(place, "/training", by=by).forms if form.action == "/training"] == []


def test_the_api_records_lists_page_by_page_and_tells_what_is_due(place: Place) -> None:
    holding(place, alice=[{"name": "gas", "until": "2026-12-01"}])
    url, admin, viewer = "/api/trainings", place.key("admin"), place.key("viewer")
    due = place.client.get(f"{url}/due", params={"within": 30}, headers=viewer).json()["items"]
    assert due == [{"skill": "gas", "person": "alice", "until": "2026-12-01", "days": 8}]
    body = {"held_on": "2026-11-20", "topic": "Fire drill", "attended": ["alice", "alice"]}
    made = place.client.post(url, json=body | {"skill": "gas", "until": "2028-12-15"}, headers=admin)
    assert made.status_code == 201, made.text
    assert made.json()["attended"] == ["alice"]
    assert place.client.get(f"{url}/due", headers=viewer).json()["items"] == []
    for number in range(51):
        assert place.client.post(url, json=body | {"topic": f"n {number}"}, headers=admin).status_code == 201
    first = place.client.get(url, headers=viewer).json()
    rest = place.client.get(url, params={"after": first["next"]}, headers=viewer).json()
    assert ([len(first["items"]), len(rest["items"])], rest["next"]) == ([50, 2], None)
    assert rest["items"][-1]["topic"] == "Fire drill"
    unknown = place.client.post(url, json=body | {"attended": ["nobody"]}, headers=admin)
    assert (unknown.status_code, unknown.json()["errors"][0]["pointer"]) == (422, "/attended/0")
