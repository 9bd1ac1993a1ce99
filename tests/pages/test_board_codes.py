"""The board: a code typed into its search, for whoever can neither reply nor open a link; pages that have emptied."""

import json

from sqlalchemy import select, update

from incident.store.engine import changing
from incident.store.tables import board
from tests.web.place import Place, secret


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


def test_a_page_that_has_emptied_shows_what_is_left_and_calls_nothing_quiet(place: Place) -> None:
    """Given the second page of a storm that is over, when it is looked at again, then it is the last page there is."""
    code = place.reported()["code"]
    seen = place.client.get("/?page=2", headers=place.session("vera")).text
    assert code in seen
    assert "1 to 1 of 1" in seen
    assert "No incident is open" not in seen


def test_what_recovered_by_itself_says_on_the_board_too_that_nobody_had_it(place: Place) -> None:
    body = {"title": "Hot", "level": "high", "dedup_key": "k"}
    for more in ({}, {"status": "resolved"}):
        place.client.post(f"/hooks/generic/{secret('integration')}", json=body | more)
    assert "Solved, nobody had it" in place.client.get("/", headers=place.session("vera")).text


def test_of_whom_nothing_is_heard_is_named_on_the_board_as_on_the_wall(place: Place) -> None:
    """Given a commander who has fallen silent, when the wall names them, then the board does not say that nobody is."""
    incident = place.reported()["id"]
    place.act(incident, "acknowledge")
    for _ in range(30):
        place.later(minutes=4)
    seen = {path: place.client.get(path, headers=place.session("vera")).text for path in ("/", "/wall")}
    assert all("Alice: NOTHING HEARD" in text for text in seen.values())
    assert "NOBODY HAS IT" not in seen["/"]
