"""What drills left to be done, on the site and by API; overdue centres on the board and the wall."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import func, update

from drills import keeping
from drills.score import profile
from drills.simulate.play import Played
from incident.store.drill_tables import drills
from incident.store.engine import changing
from tests.drills.test_actions import sat
from tests.drills.test_simulate import outside, played
from tests.web.place import START, Place

ACTION = {
    "area": "Containment",
    "action": "Label the breakers.",
    "owner": "alice",
    "due": "2026-12-01",
    "element": "equipment",
    "measure": "containment",
}


def kept(place: Place, drill: Played, form: str = "tabletop") -> str:
    with changing(place.house.engine) as connection:
        return keeping.keep(connection, drill, outside().plans.policy("drill"), profile(), form).id


def planned(place: Place, **more: object) -> tuple[str, Any]:
    """A drill that did not contain it, and the answer to an action for it."""
    name = kept(place, sat("not", START - timedelta(days=7)))
    answer = place.client.post(f"/api/drills/{name}/actions", json=ACTION | more, headers=place.key("commander"))
    return name, answer


def listed(place: Place) -> Any:
    return place.client.get("/api/drill-actions", headers=place.key("viewer")).json()


def claimed(place: Place, action: int, by: str = "alice") -> int:
    return place.client.post(f"/api/drill-actions/{action}/done", headers=place.session(by)).status_code


def test_an_action_goes_from_open_to_done_to_proved(place: Place):
    name, answer = planned(place)
    assert answer.status_code == 201, answer.text
    (one,) = answer.json()["items"]
    assert (one["state"], one["owner"], one["drill"]) == ("open", "Alice", name)
    assert claimed(place, one["id"]) == 200
    assert claimed(place, one["id"]) == 409  # done already
    place.clock.move(timedelta(days=30))
    (one,) = listed(place)["items"]
    assert (one["state"], one["overdue"]) == ("done", False)
    proof = kept(place, sat("done", START + timedelta(days=2)))
    found = listed(place)
    assert (found["items"][0]["state"], found["items"][0]["proved_by"]) == ("proved", proof)
    figures = {"drills": 2, "found_in": 1, "actions": 1, "acted": 1, "proved": 1, "overdue": 0, "withdrawn": 0}
    assert found["closure"] == figures
    assert claimed(place, one["id"]) == 409
    page = place.client.get(f"/drills/{name}/plan", headers=place.session("vera")).text
    assert f"by drill {proof[:8]}" in page
    assert (
        "Left something to be done: 1 of 2 drills. Acted on: 1 of 1 actions. Proved: 1 of 1."
        in place.client.get("/drills", headers=place.session("vera")).text
    )


def test_only_its_owner_says_that_it_is_done(place: Place):
    _, answer = planned(place)
    action = answer.json()["items"][0]["id"]
    assert claimed(place, action, "bob") == 403
    assert claimed(place, action, "dora") == 403
    assert claimed(place, 999) == 404
    assert "It is done" not in place.client.get("/drills", headers=place.session("bob")).text
    assert "It is done" in place.client.get("/drills", headers=place.session("alice")).text
    done = place.client.post(f"/drills/actions/{action}/done", headers=place.session("alice"))
    assert done.status_code == 303
    assert listed(place)["items"][0]["state"] == "done"


def test_what_is_wrong_is_said_at_its_field(place: Place):
    name, answer = planned(place, measure="step.none", start="2026-11-30")
    assert [e["pointer"] for e in answer.json()["errors"]] == ["/measure"]
    for wrong, where in (({"owner": "nobody"}, "/owner"), ({"start": "2026-12-02"}, "/due"), ({"due": "soon"}, "/due")):
        path = f"/api/drills/{name}/actions"
        refused = place.client.post(path, json=ACTION | wrong, headers=place.key("commander"))
        assert (refused.status_code, [e["pointer"] for e in refused.json()["errors"]]) == (422, [where])
    page = place.client.post(f"/drills/{name}/plan", data=ACTION | {"owner": ""}, headers=place.session("charlie"))
    assert page.status_code == 422
    assert "Label the breakers." in page.text  # what was typed is kept
    assert place.client.post(f"/drills/{name}/plan", data=ACTION, headers=place.session("charlie")).status_code == 303
    assert "Label the breakers." in place.client.get(f"/drills/{name}/report", headers=place.session("vera")).text


def test_what_is_overdue_is_marked_and_counted(place: Place):
    planned(place, due="2026-11-24")
    place.clock.move(timedelta(days=3))
    assert listed(place)["closure"]["overdue"] == 1
    page = place.client.get("/drills", headers=place.session("vera")).text
    assert "overdue: 2026-11-24" in page
    assert "1 is overdue." in page


def test_overdue_centres_stand_on_the_board_once_something_has_happened(place: Place):
    vera = place.session("vera")
    assert "overdue for a drill" not in place.client.get("/", headers=vera).text  # nothing has happened here yet
    assert place.client.get("/wall/facts", headers=vera).json()["drill"] == "none held yet"
    place.reported()
    assert "1 centre is overdue for a drill: Headquarters" in place.client.get("/", headers=vera).text
    name = kept(place, sat("done", START))
    with changing(place.house.engine) as connection:
        connection.execute(update(drills).where(drills.c.id == name).values(unit="field"))
    assert "overdue for a drill" not in place.client.get("/", headers=vera).text
    assert place.client.get("/wall/facts", headers=vera).json()["drill"] == "Headquarters, by 2027-03-31"


def test_a_drill_whose_copy_was_changed_is_void_everywhere_and_proves_nothing(place: Place):
    name, answer = planned(place)
    assert claimed(place, answer.json()["items"][0]["id"]) == 200
    proof = kept(place, sat("done", START + timedelta(days=2)))
    assert listed(place)["items"][0]["state"] == "proved"
    with changing(place.house.engine) as connection:
        changed = func.replace(drills.c.body, "drill:control", "drill:nobody")
        connection.execute(update(drills).where(drills.c.id == proof).values(body=changed))
    assert listed(place)["items"][0]["state"] == "done"
    page = place.client.get("/drills?form=all", headers=place.session("vera")).text
    assert "is not the one that was sealed" in page
    assert page.count("heat-1") == 1  # the other one
    items = {one["id"]: one for one in place.client.get("/api/drills", headers=place.key("viewer")).json()["items"]}
    assert items[name]["void"] is None
    assert (items[proof]["void"]["how"], items[proof]["total"], items[proof]["rating"]) == ("copy", None, None)
    one = place.client.get(f"/api/drills/{proof}", headers=place.key("viewer")).json()
    assert (one["void"], one["total"], one["rating"]) == (True, None, None)
    assert "Void" in place.client.get(f"/drills/{proof}/report", headers=place.session("vera")).text
    assert "Headquarters" in place.client.get("/", headers=place.session("vera")).text


def test_coverage_counts_people_and_shows_simulated_drills_apart(place: Place):
    kept(place, played(), "simulated")

    def counted(query: str) -> bool:
        return "heat-1" in place.client.get(f"/drills{query}", headers=place.session("vera")).text

    assert not counted("")
    assert counted("?form=simulated")
    assert counted("?form=all")
    assert not counted("?form=nonsense")
