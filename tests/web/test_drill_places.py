"""The unit that plays a drill and the profile that scores it are chosen by whoever starts it: page and API."""

from __future__ import annotations

import pytest

from drills import keeping
from drills.calendar import centre_of
from incident.store.engine import reading
from tests.web.place import Place, organisation
from tests.web.test_tabletop import SCRIPT, acts, played_through


def test_the_page_names_whom_it_pages_at_the_unit_that_was_chosen(place: Place):
    usual = place.client.get(f"/drills/start?script={SCRIPT}", headers=place.session("dora")).text
    chosen = place.client.get(f"/drills/start?script={SCRIPT}&unit=field", headers=place.session("dora")).text
    assert 'name="unit"' not in usual
    assert 'name="unit" value="field"' in chosen
    assert usual.split("This pages")[1] != chosen.split("This pages")[1]


def test_a_live_drill_is_the_chosen_units(place: Place):
    for name in ("hq", "field"):  # the same script at the same time, elsewhere
        form = {"script": SCRIPT, "unit": name, "profile": "first-hour"}
        begun = place.client.post("/drills/start", data=form, headers=place.session("dora"))
        assert begun.status_code == 303
        drill = begun.headers["location"].split("/")[2]
        incident = place.client.get(f"/api/drills/{drill}/console", headers=place.session("dora")).json()["incident"]
        found = place.client.get(f"/api/incidents/{incident}", headers=place.key("viewer")).json()
        assert found["unit"] == name
    again = place.client.post("/api/drills", json=form, headers=place.session("dora"))
    assert again.status_code == 409


def test_a_tabletop_counts_for_the_centre_of_its_unit_by_its_profile(place: Place):
    body = {"script": SCRIPT, "unit": "field", "profile": "first-hour"}
    name = place.client.post("/api/tabletops", json=body, headers=place.session("dora")).json()["name"]
    played_through(place, name)
    assert acts(place, name, act="end") == 200
    with reading(place.house.engine) as connection:
        (kept,) = keeping.listed(connection)
    assert (kept.row.unit, kept.row.profile) == ("field", "first-hour")
    assert kept.row.total == pytest.approx(100)
    assert centre_of(organisation(), kept.row.unit) == "hq"


@pytest.mark.parametrize("more", [{"unit": "moon"}, {"profile": "kind"}])
@pytest.mark.parametrize("path", ["/api/drills", "/api/tabletops"])
def test_what_nobody_knows_starts_nothing_and_is_named(place: Place, path: str, more: dict[str, str]):
    answer = place.client.post(path, json={"script": SCRIPT, **more}, headers=place.session("dora"))
    assert answer.status_code == 422
    assert next(iter(more)) in answer.json()["errors"][0]["pointer"]
    assert place.client.get("/api/incidents", headers=place.key("viewer")).json()["items"] == []


def test_the_calendar_leads_to_the_drill_that_a_centre_lacks(place: Place):
    page = place.client.get("/drills", headers=place.session("dora")).text
    assert "&amp;unit=hq" in page
    assert "&amp;unit=hq" not in place.client.get("/drills", headers=place.key("viewer")).text
