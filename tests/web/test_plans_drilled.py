"""A plan says when people last drilled it and how it went, and whether nobody ever did."""

from __future__ import annotations

from drills import keeping
from drills.score import profile
from incident.store.engine import changing
from tests.drills.test_simulate import outside, played
from tests.web.place import Place


def plan_of(place: Place, name: str) -> dict[str, object]:
    items = place.client.get("/api/playbooks", headers=place.key("viewer")).json()["items"]
    (found,) = (one["last_drill"] for one in items if one["id"] == name)
    return found


def test_one_that_nobody_drilled_says_so_and_a_simulation_is_no_drill_of_it(place: Place):
    for form, told in (("simulated", False), ("tabletop", True)):
        with changing(place.house.engine) as connection:
            drill = played(seed=3 if told else 4)
            row = keeping.keep(connection, drill, outside().plans.policy("drill"), profile(), form)
        for path in ("/playbooks", "/playbooks/system-outage"):
            page = place.client.get(path, headers=place.key("viewer")).text
            assert (f"/drills/{row.id}/report" in page) is told
        assert "never drilled by people" in place.client.get("/playbooks/gas-leak", headers=place.key("viewer")).text
        assert (plan_of(place, "system-outage") is not None) is told
    assert plan_of(place, "system-outage")["rating"] == row.rating
    assert plan_of(place, "gas-leak") is None
