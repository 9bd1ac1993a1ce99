"""A code typed into the board's search, for whoever can neither reply nor open a link."""

import json

from sqlalchemy import select, update

from incident.store.engine import changing
from incident.store.tables import board
from tests.web.place import Place


def test_a_code_leads_to_its_incident(place: Place) -> None:
    incident = place.reported()["id"]
    answer = place.client.get("/?q=c1", headers=place.session("alice"), follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/incidents/{incident}")
    assert place.client.get("/?q=C99", headers=place.session("alice"), follow_redirects=False).status_code == 200


def test_a_row_that_the_release_before_wrote_is_shown(place: Place) -> None:
    """It knew nothing of pausing; the row stays as it is until something happens to the incident."""
    code = place.reported()["code"]
    with changing(place.house.engine) as connection:
        written = connection.scalar(select(board.c.row))
        assert written is not None
        fields = {name: value for name, value in json.loads(written).items() if name != "paused"}
        fields["commander"], fields["phase"] = "alice", "handling"
        connection.execute(update(board).values(row=json.dumps(fields)))
    answer = place.client.get("/", headers=place.session("vera"))
    assert answer.status_code == 200
    assert code in answer.text
