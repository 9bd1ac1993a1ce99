"""Two releases at once: a process of this one goes on beside entries that only the next one can read.

"The next release" is made by hand: its entries are appended to the log as it would append them, in a kind or a version
that this one does not know.
"""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from incident.commands import Tick
from incident.desk.requests import Act
from incident.desk.watch import Watch
from incident.events import Entry, Noted
from incident.store import chain, codec, log
from incident.store.codec import Encoded, decode
from incident.store.engine import reading, writing
from incident.store.log import Line
from incident.store.tables import board
from tests.store.samples import SAMPLES
from tests.web.place import Place
from tests.web.test_stream import entries, listening, until

UNKNOWN_KIND = Encoded("evacuated", 1, '{"hall":"3"}')
NEWER_NOTE = Encoded("noted", 2, '{"text":"by the next release","colour":"red"}')


def write(place: Place, incident: str, encoded: Encoded) -> None:
    """What the next release's desk does in its one transaction: the entry, and the board row."""
    with writing(place.house.engine) as connection:
        row, seq = connection.execute(select(board.c.row, board.c.seq).where(board.c.incident == incident)).one()
        head = log.head(connection)
        entry = Entry(head.position + 1, incident, seq + 1, place.clock.now(), "person:dora", Noted("-"))
        shown = json.dumps({**json.loads(row), "a_column_of_later": [1, 2]})
        log.append(connection, head, [Line(entry, encoded, None, shown)])
        wake = place.clock.now() + timedelta(minutes=1)
        connection.execute(
            update(board)
            .where(board.c.incident == incident)
            .values(seq=seq + 1, position=entry.position, row=shown, wake_at=wake)
        )


@pytest.mark.parametrize("event", SAMPLES, ids=lambda event: type(event).__name__)
def test_a_field_that_the_next_release_adds_is_passed_over_in_every_kind(event: object) -> None:
    kind, version, body = codec.encode(event)  # type: ignore[arg-type]
    assert decode(kind, version, json.dumps({**json.loads(body), "of_later": {"deep": [1]}})) == event


@pytest.fixture(params=[UNKNOWN_KIND, NEWER_NOTE], ids=["an unknown kind", "a newer version"])
def beyond(place: Place, request: pytest.FixtureRequest) -> tuple[str, str]:
    """An incident that the next release has written to, and one that it has not."""
    theirs, ours = place.reported()["id"], place.reported(title="Second")["id"]
    write(place, theirs, request.param)
    return theirs, ours


def test_only_that_incident_refuses_commands_and_says_why(place: Place, beyond: tuple[str, str]) -> None:
    theirs, ours = beyond
    note = {"text": "x"}
    asked = [
        place.house.desk.submit(Act(one, Tick(), "system")) for one in (ours, theirs, ours)
    ]  # in one transaction, if it comes to that
    assert [type(future.exception(10)).__name__ for future in asked] == ["NoneType", "UnreadableEntry", "NoneType"]
    assert (
        place.client.post(f"/api/incidents/{ours}/note", json=note, headers=place.key("responder")).status_code == 200
    )
    for method, path in (("POST", f"/api/incidents/{theirs}/note"), ("GET", f"/api/incidents/{theirs}")):
        answer = place.client.request(method, path, json=note, headers=place.key("responder"))
        assert (answer.status_code, answer.json()["type"]) == (503, "urn:incident:problem:newer-release")
        assert "retry-after" in answer.headers
    assert place.reported(title="Third")["code"] == "C3"


def test_what_shows_many_incidents_goes_on_without_that_one(place: Place, beyond: tuple[str, str]) -> None:
    theirs, _ = beyond
    for path in ("/api/incidents", "/", "/wall", "/readyz", "/metrics"):
        answer = place.client.get(path, headers={**place.session("dora"), "accept": "text/html, application/json"})
        assert answer.status_code == 200, path
    assert theirs in place.client.get("/api/incidents", headers=place.key("viewer")).text


def test_walls_show_what_the_next_release_writes(place: Place) -> None:
    incident = place.reported()["id"]
    with listening(place) as stream:
        snapshot = next(stream)
        write(place, incident, UNKNOWN_KIND)
        place.reported(title="Second")
        found = until(stream, "evacuated") + until(stream, "paged")
    assert entries(found)[:2] == [int(snapshot.id) + 1, int(snapshot.id) + 2]


def test_the_watch_sets_it_aside_with_a_word_and_takes_it_up_again_when_it_can_read_it(
    place: Place, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    theirs, ours = place.reported()["id"], place.reported(title="Second")["id"]
    write(place, theirs, NEWER_NOTE)
    place.clock.move(timedelta(minutes=6))
    watch = Watch(place.house.desk, place.house.engine, place.clock)
    assert watch.run_due(place.clock.now()) == 2
    assert set(watch.aside) == {theirs}
    assert "noted version 2 was written by a newer release" in watch.aside[theirs].error
    assert f"incident {theirs} cannot be looked at" in caplog.text
    pages = place.client.get(f"/api/incidents/{ours}/log", headers=place.key("viewer")).json()["items"]
    assert "escalated" in [entry["kind"] for entry in pages], "the other one climbed its ladder"

    monkeypatch.setattr(
        codec, "VERSIONS", {**codec.VERSIONS, "noted": 2}
    )  # this process is exchanged for one of the next release
    place.clock.move(timedelta(minutes=6))
    watch.run_due(place.clock.now())
    assert watch.aside == {}
    pages = place.client.get(f"/api/incidents/{theirs}/log", headers=place.key("viewer")).json()["items"]
    assert {"noted", "escalated"} <= {entry["kind"] for entry in pages}
    with reading(place.house.engine) as connection:
        assert chain.verify(connection).holds
