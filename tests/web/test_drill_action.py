"""One action on the site and by API: who may change it, what is refused, and what everybody can read of it."""

from __future__ import annotations

from typing import Any

from tests.web.place import Place
from tests.web.test_drill_actions import claimed, planned


def act(place: Place, number_: int, verb: str, role: str = "commander", **body: object) -> Any:
    return place.client.post(f"/api/drill-actions/{number_}/{verb}", json=body, headers=place.key(role))


def number(place: Place) -> int:
    _, answer = planned(place)
    return int(answer.json()["items"][0]["id"])


def test_a_commander_reassigns_and_reschedules_and_everybody_reads_what_was(place: Place):
    name = number(place)
    assert act(place, name, "change", "responder", due="2026-12-20").status_code == 403
    answer = act(place, name, "change", owner="bob", due="2026-12-20", reason="Alice is away.", seen=0)
    assert answer.status_code == 200, answer.text
    found = place.client.get(f"/api/drill-actions/{name}", headers=place.key("viewer")).json()
    assert found == answer.json()
    assert (found["owner"], found["due"], found["agreed"]["owner"]) == ("Bob", "2026-12-20", "Alice")
    (change,) = found["changes"]
    assert change["fields"] == {"owner": "Bob", "due": "2026-12-20"}
    assert change["by"].startswith("key:")
    assert claimed(place, name, "alice") == 403  # it is another's now
    assert claimed(place, name, "bob") == 200
    page = place.client.get(f"/drills/actions/{name}", headers=place.session("vera")).text
    for part in ("Alice is away.", "Alice</span> → Bob", "Bob said that it is done"):
        assert part in page
    assert 'action="/drills/actions' not in page


def test_two_who_change_it_at_once_do_not_undo_each_other(place: Place):
    name = number(place)
    assert act(place, name, "change", due="2026-12-20", seen=0).status_code == 200
    late = act(place, name, "change", due="2026-12-24", seen=0)
    assert (late.status_code, "somebody has changed it" in late.json()["detail"]) == (409, True)
    assert act(place, name, "withdraw", reason="Not ours.", seen=0).status_code == 409
    assert act(place, name, "withdraw", reason="Not ours.", seen=1).status_code == 200
    assert act(place, name, "change", due="2026-12-24").status_code == 409


def test_what_is_wrong_is_said_at_its_field(place: Place):
    name = number(place)
    for body, where in (({"owner": "nobody"}, "/owner"), ({"due": "soon"}, "/due"), ({"action": ""}, "/action")):
        answer = act(place, name, "change", **body)
        assert (answer.status_code, [e["pointer"] for e in answer.json()["errors"]]) == (422, [where])
    assert act(place, name, "withdraw", reason=" ").status_code == 422
    assert act(place, 999, "change", due="2026-12-24").status_code == 404


def test_the_page_changes_and_withdraws(place: Place):
    name, charlie = number(place), place.session("charlie")
    path = f"/drills/actions/{name}"
    form = {
        "seen": "0",
        "action": "Label every breaker.",
        "area": "Containment",
        "owner": "alice",
        "start": "",
        "due": "2026-12-20",
        "element": "equipment",
        "measure": "containment",
        "reason": "",
    }
    assert place.client.post(path, data=form, headers=place.session("alice")).status_code == 403
    refused = place.client.post(path, data=form | {"start": "2027-01-01"}, headers=charlie)
    assert refused.status_code == 422
    assert "Label every breaker." in refused.text  # what was typed is kept
    assert place.client.post(path, data=form, headers=charlie).status_code == 303
    stale = place.client.post(path, data=form | {"due": "2026-12-24"}, headers=charlie)
    assert (stale.status_code, "somebody has changed it" in stale.text) == (409, True)
    plan = place.client.get("/drills", headers=charlie).text
    assert f'<a href="{path}">Label every breaker.</a>' in plan
    assert place.client.post(f"{path}/withdraw", data={"seen": "1", "reason": ""}, headers=charlie).status_code == 422
    gone = place.client.post(f"{path}/withdraw", data={"seen": "1", "reason": "Not ours."}, headers=charlie)
    assert gone.status_code == 303
    page = place.client.get(path, headers=charlie).text
    assert "Charlie withdrew it" in page
    assert "Save the change" not in page
    assert "1 was withdrawn." in place.client.get("/drills", headers=charlie).text
