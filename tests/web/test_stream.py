"""Live streams: exactly what was missed, each entry once, to many walls."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx2
import pytest

from tests.web.place import Place


@contextmanager
def listening(place: Place, path: str = "/api/stream", **headers: str) -> Iterator[Iterator[Any]]:
    """The events of a stream as a browser gets them."""
    with place.client.stream("GET", path, headers=place.key("viewer") | headers) as answer:
        assert answer.status_code == 200
        yield iter(httpx2.EventSource(answer))


def until(stream: Iterator[Any], kind: str) -> list[Any]:
    """Everything up to the first entry of a kind (or event of a name), that one last."""
    found = []
    for event in stream:
        found.append(event)
        if event.event == kind or (event.event == "entry" and event.json()["kind"] == kind):
            return found
    raise AssertionError(f"the stream ended before {kind}")


def entries(found: list[Any]) -> list[int]:
    return [int(event.id) for event in found if event.event == "entry"]


def test_a_first_visit_gets_the_board_and_then_what_happens(place: Place) -> None:
    first = place.reported()
    with listening(place) as stream:
        board = next(stream)
        assert board.event == "snapshot"
        assert [row["code"] for row in board.json()["items"]] == ["C1"]
        assert board.json()["open"]["critical"] == 1
        beat = next(stream)
        assert beat.event == "heartbeat"
        assert set(beat.json()) >= {"position", "at", "watch_lag_ms", "oldest_unsent_s"}
        place.act(first["id"], "acknowledge")
        found = until(stream, "command_taken")
    assert entries(found) == [int(board.id) + 1, int(board.id) + 2]
    last = found[-1].json()
    assert {"position", "incident", "seq", "at", "kind", "drill", "row"} <= set(last)
    assert last["incident"] == first["id"]
    assert last["row"]["commander_name"] == "Alice"
    assert last["position"] == int(found[-1].id)


def test_after_a_cut_exactly_what_was_missed(place: Place) -> None:
    incident = place.reported()["id"]
    with listening(place) as stream:
        seen = int(next(stream).id)
    place.act(incident, "acknowledge")
    place.act(incident, "note", text="one")
    place.act(incident, "note", text="two")
    for headers, path in (({"last-event-id": str(seen)}, "/api/stream"), ({}, f"/api/stream?after={seen}")):
        with listening(place, path, **headers) as stream:
            found = until(stream, "noted") + until(stream, "noted")
        assert "snapshot" not in [event.event for event in found]
        assert entries(found) == list(range(seen + 1, seen + 5))


def test_one_incident_s_stream_holds_nothing_of_another(place: Place) -> None:
    one, other = place.reported(), place.reported(title="other")
    with listening(place, f"/api/incidents/{one['code']}/stream") as stream:
        board = next(stream)
        assert [row["code"] for row in board.json()["items"]] == ["C1"]
        place.act(other["id"], "acknowledge")
        place.act(one["id"], "acknowledge")
        found = until(stream, "command_taken")
    assert {event.json()["incident"] for event in found if event.event == "entry"} == {one["id"]}


def test_a_position_from_another_life_gets_a_fresh_board(place: Place) -> None:
    place.reported()
    with listening(place, **{"last-event-id": "999999"}) as stream:
        assert next(stream).event == "snapshot"


@pytest.mark.parametrize("given", ["abc", "-1", "1e3", "9" * 30])
def test_what_is_no_position_is_refused(place: Place, given: str) -> None:
    answer = place.client.get("/api/stream", headers=place.key("viewer") | {"last-event-id": given})
    assert answer.status_code == 422


def test_an_unknown_incident_has_no_stream(place: Place) -> None:
    assert place.client.get("/api/incidents/C9/stream", headers=place.key("viewer")).status_code == 404


def test_the_stream_says_good_bye(place: Place) -> None:
    with listening(place) as stream:
        until(stream, "heartbeat")
        place.client.portal.call(place.app.state.hub.stop)  # type: ignore[union-attr]
        assert [event.event for event in stream] == ["bye"]


def test_head_is_answered_without_a_stream(place: Place) -> None:
    answer = place.client.head("/api/stream", headers=place.key("viewer"))
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["cache-control"] == "no-store"
    assert place.app.state.hub.walls == 0


def test_a_filter_that_there_is_not_is_refused_and_not_passed_over(place: Place) -> None:
    answer = place.client.get("/api/stream?level=critical", headers=place.key("viewer"))
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/query/level"]
