"""Skills and certificates on the site: renewed where the doctor says that they run out."""

from __future__ import annotations

from typing import Any

from tests.pages.markup import seen
from tests.web.place import Place

ALICE = "/people/alice/skills"


def saved(place: Place, *rows: tuple[str, str, str], by: str = "dora", stamp: str | None = None) -> Any:
    if stamp is None:
        stamp = next(form for form in seen(place, ALICE).forms if form.action == ALICE).fields["seen"]
    data = {"seen": stamp}
    for number, (name, until, waiver) in enumerate(rows):
        data |= {f"skills.{number}.name": name, f"skills.{number}.until": until, f"skills.{number}.waiver": waiver}
    return place.client.post(ALICE, data=data, headers=place.session(by) | {"accept": "text/html"})


def skills(place: Place) -> list[tuple[str, str | None, str | None]]:
    alice = place.house.directory.organisation().person("alice")
    assert alice is not None
    return [(one.name, one.until.isoformat() if one.until else None, one.waiver) for one in alice.skills]


def test_a_certificate_is_added_renewed_waived_and_taken_away(place: Place) -> None:
    assert saved(place, ("gas", "2026-12-15", ""), ("crane", "", "")).status_code == 303
    assert skills(place) == [("gas", "2026-12-15", None), ("crane", None, None)]
    assert "2026-12-15" in seen(place, "/readiness").text, "the doctor counts the days"
    assert ALICE in seen(place, "/readiness").links
    saved(place, ("gas", "2028-12-15", ""), ("", "", ""), ("forklift", "2026-01-01", "exam is on Friday"))
    assert skills(place) == [("gas", "2028-12-15", None), ("forklift", "2026-01-01", "exam is on Friday")]
    saved(place)
    assert skills(place) == []


def test_a_fault_stands_at_its_row_and_nothing_typed_is_lost(place: Place) -> None:
    answer = saved(place, ("gas", "2028-12-15", ""), ("", "", ""), ("", "2027-01-01", ""), ("crane", "soon", ""))
    assert answer.status_code == 422
    assert skills(place) == []
    assert 'aria-describedby="skills.1.name-fault"' in answer.text
    assert 'aria-describedby="skills.2.until-fault"' in answer.text
    assert 'value="gas"' in answer.text


def test_what_somebody_else_saved_meanwhile_is_not_overwritten(place: Place) -> None:
    assert saved(place, ("gas", "", "")).status_code == 303
    late = saved(place, ("crane", "", ""), stamp="0" * 16)
    assert late.status_code == 409
    assert 'value="crane"' in late.text
    assert skills(place) == [("gas", None, None)]


def test_only_an_admin_writes_what_somebody_can_do(place: Place) -> None:
    for by in ("alice", "charlie", "vera"):
        assert saved(place, ("gas", "", ""), by=by, stamp="x").status_code == 403
    assert ALICE in seen(place, "/people").links
    assert ALICE not in seen(place, "/people", by="charlie").links


def test_what_a_team_lacks_leads_from_readiness_to_its_people(place: Place) -> None:
    directory = place.house.directory
    document = directory.organisation().model_dump(mode="json")
    next(one for one in document["units"] if one["id"] == "field")["team"] = {"people": 99, "skills": {"gas": 1}}
    asked = place.client.put("/api/organisation", json=document, headers=place.session("dora"))
    assert asked.status_code == 200, asked.text
    found = seen(place, "/readiness")
    assert "Asked for: 99" in found.text
    assert "/people?unit=field" in found.links
    team = seen(place, "/people?unit=field")
    assert "valid: 0 of 1" in team.text
    assert ALICE in team.links
    assert "/people/dora/skills" not in team.links
    assert place.client.get("/people?unit=nowhere", headers=place.session("dora")).status_code == 404
