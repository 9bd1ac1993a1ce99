"""A code typed into the board's search, for whoever can neither reply nor open a link."""

from tests.web.place import Place


def test_a_code_leads_to_its_incident(place: Place) -> None:
    incident = place.reported()["id"]
    answer = place.client.get("/?q=c1", headers=place.session("alice"), follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/incidents/{incident}")
    assert place.client.get("/?q=C99", headers=place.session("alice"), follow_redirects=False).status_code == 200
