"""Calendar feeds behind secret links: what they show, to whom, and that a wrong one is told nothing."""

from __future__ import annotations

import re
from typing import Any

import recurring_ical_events
from icalendar import Calendar
from sqlalchemy import text

from incident.ical.feed import AHEAD, BACK
from incident.ids import hashed, new_key
from incident.roster import shifts
from incident.store.engine import reading
from tests.web.place import START, Place


def made(place: Place, by: str, subject: str) -> str:
    """The path of a new link, as the page shows it once."""
    headers = {"accept": "text/html", "accept-language": "en"} | place.session(by)
    answer = place.client.post("/on-call/me/feeds", data={"subject": subject}, headers=headers)
    assert answer.status_code == 200, answer.text
    (path,) = re.findall(r"/calendar/[\w-]{43}\.ics", answer.text)
    return str(path)


def people(body: bytes) -> list[tuple[Any, Any, str]]:
    found = recurring_ical_events.of(Calendar.from_ical(body)).between(START - BACK, START + AHEAD)
    return sorted((one.start, one.end, str(one["UID"]).split(".")[1]) for one in found)


def test_a_link_needs_no_sign_in_and_shows_the_roster(place: Place) -> None:
    answer = place.client.get(made(place, "vera", "roster:field-response"))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    house = place.house.directory.organisation()
    wanted = shifts(house.rosters[0], START - BACK, START + AHEAD, house.absent)
    assert people(answer.content) == sorted((one.start, one.end, one.person) for one in wanted)


def test_ones_own_feed_holds_ones_own_shifts_of_all_rosters(place: Place) -> None:
    body = place.client.get(made(place, "alice", "person")).content
    assert {person for _, _, person in people(body)} == {"alice"}
    unit = place.client.get(made(place, "alice", "unit:field")).content
    assert {person for _, _, person in people(unit)} == {"alice", "bob"}


def test_a_feed_speaks_its_owners_language_and_bears_no_number(place: Place) -> None:
    body = place.client.get(made(place, "bob", "person")).content
    assert "值班" in body.decode()
    assert b"+1202" not in body
    assert b"@example.com" not in body


def test_who_asks_again_is_told_that_nothing_is_new(place: Place) -> None:
    path = made(place, "alice", "person")
    first = place.client.get(path)
    again = place.client.get(path, headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert first.headers["cache-control"] == "private, max-age=900"


def test_a_new_link_makes_the_old_one_worthless_and_one_taken_back_is_gone(place: Place) -> None:
    old = made(place, "alice", "person")
    new = made(place, "alice", "person")
    assert place.client.get(old).status_code == 404
    assert place.client.get(new).status_code == 200
    gone = place.client.post("/on-call/me/feeds/remove", data={"subject": "person"}, headers=place.session("alice"))
    assert gone.status_code == 303
    assert place.client.get(new).status_code == 404


def test_a_wrong_link_a_revoked_one_and_one_of_somebody_who_left_are_answered_alike(place: Place) -> None:
    left = made(place, "vera", "roster:field-response")
    revoked = made(place, "alice", "person")
    place.client.post("/on-call/me/feeds/remove", data={"subject": "person"}, headers=place.session("alice"))
    assert place.client.delete("/api/people/vera", headers=place.key("admin")).status_code == 204
    wrong = [f"/calendar/{new_key()}.ics", "/calendar/x.ics", f"/calendar/{'a' * 500}.ics", left, revoked]
    answers = [place.client.get(path) for path in wrong]
    assert {answer.status_code for answer in answers} == {404}
    bodies = [{k: v for k, v in answer.json().items() if k != "instance"} for answer in answers]
    assert all(body == bodies[0] for body in bodies)


def test_guessing_is_slowed_and_a_right_link_passes_all_the_same(place: Place) -> None:
    right = made(place, "alice", "person")
    answers = [place.client.get(f"/calendar/{new_key()}.ics").status_code for _ in range(40)]
    assert (answers[0], answers[-1]) == (404, 429)
    assert place.client.get(right).status_code == 200


def test_only_the_hash_is_kept(place: Place) -> None:
    token = made(place, "alice", "person").rpartition("/")[2].removesuffix(".ics")
    with reading(place.house.engine) as connection:
        kept = connection.execute(text("SELECT * FROM feeds")).all()
    assert [row.hash for row in kept] == [hashed(token)]
    assert token not in str(kept)


def test_nobody_makes_or_takes_back_the_link_of_another_but_an_admin(place: Place) -> None:
    path = made(place, "alice", "person")
    about = {"subject": "person", "person": "alice"}
    refused = place.client.post("/on-call/me/feeds/remove", data=about, headers=place.session("charlie"))
    assert refused.status_code == 403
    assert place.client.get(path).status_code == 200
    done = place.client.post("/on-call/me/feeds/remove", data=about, headers=place.session("dora"))
    assert done.status_code == 303
    assert place.client.get(path).status_code == 404


def test_a_link_to_what_is_not_there_is_not_made(place: Place) -> None:
    for subject in ("roster:nowhere", "unit:nowhere", "people", "", "person:bob"):
        answer = place.client.post("/on-call/me/feeds", data={"subject": subject}, headers=place.session("alice"))
        assert answer.status_code == 404, subject


def test_a_change_of_the_roster_is_in_the_very_next_answer(place: Place) -> None:
    path = made(place, "alice", "roster:field-response")
    before = place.client.get(path)
    body = {"start": "2026-11-24T00:00:00Z", "end": "2026-11-25T00:00:00Z", "person": "charlie", "reason": "ill"}
    place.client.post("/api/rosters/field-response/overrides", json=body, headers=place.key("commander"))
    after = place.client.get(path, headers={"if-none-match": before.headers["etag"]})
    assert after.status_code == 200
    assert "charlie" in {person for _, _, person in people(after.content)}
