"""The pages of an incident whose commander is not heard: what each of them is offered, and what the log says."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from incident.store.engine import reading
from incident.store.tables import links
from tests.pages.test_primary import look
from tests.web.place import Place
from web.pages.primary import Primary, primary


def taken(place: Place) -> str:
    incident = str(place.reported()["id"])
    place.act(incident, "acknowledge", "alice")
    return incident


def read(place: Place, incident: str) -> Any:
    return place.client.get(f"/api/incidents/{incident}", headers=place.key("viewer")).json()


def link_of(place: Place, incident: str, person: str) -> str:
    with reading(place.house.engine) as connection:
        wanted = select(links.c.token).where(links.c.incident == incident, links.c.person == person)
        return f"/a/{connection.scalar(wanted)}"


def test_who_was_asked_is_offered_to_keep_it_and_nobody_else_is_bothered(place: Place):
    incident = taken(place)
    place.later(minutes=15)
    now = place.clock.now()
    assert primary(look(place, incident), "alice", now) == Primary("do.keep", "acknowledge")
    assert primary(look(place, incident), "bob", now) != Primary("do.take", "acknowledge")
    page = place.client.get(link_of(place, incident, "alice")).text
    assert "I still have it" in page
    answer = place.client.post(
        f"{link_of(place, incident, 'alice')}/acknowledge", headers={"origin": "http://127.0.0.1:8000"}
    )
    assert answer.status_code == 303
    assert "I still have it" not in place.client.get(link_of(place, incident, "alice")).text


def test_once_it_has_expired_anybody_may_take_it_and_the_command_goes_with_it(place: Place):
    incident = taken(place)
    place.later(minutes=20)
    now = place.clock.now()
    assert primary(look(place, incident), "bob", now) == Primary("do.take", "acknowledge")
    assert primary(look(place, incident), "alice", now) == Primary("do.keep", "acknowledge")
    page = place.client.get(f"/incidents/{incident}", headers=place.session("charlie")).text
    assert "Alice: NOTHING HEARD" in page
    assert "The answer of Alice has expired" in page
    place.act(incident, "acknowledge", "bob")
    assert (
        place.client.get(f"/api/incidents/{incident}", headers=place.key("viewer")).json()["commander"]["person"]
        == "bob"
    )


@pytest.mark.parametrize("minutes", [15, 20])
def test_the_api_says_until_when_the_answer_holds(place: Place, minutes: int):
    incident = taken(place)
    place.later(minutes=minutes)
    quiet = read(place, incident)["quiet"]
    assert quiet["asked"] is (minutes == 15)
    assert quiet["holds_until"] == "2026-11-23T02:32:00.000Z"
    assert (quiet["expired_at"] is not None) is (minutes == 20)


def test_the_board_names_what_is_not_heard_of_first(place: Place):
    incident = taken(place)
    place.reported(title="Somewhat later", level="high", kind="other")
    place.later(minutes=20)
    board = place.client.get("/", headers=place.session("vera")).text
    assert board.index("Data centre down") < board.index("Somewhat later")
    row = next(
        r
        for r in place.client.get("/api/incidents", headers=place.key("viewer")).json()["items"]
        if r["id"] == incident
    )
    assert row["expired"] is True
