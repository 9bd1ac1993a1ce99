"""Live streams: exactly what was missed, each entry once, to many walls."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import anyio
import httpx2
import pytest

from incident.store.log import Stored
from tests.web.place import START, Place
from web.hub import GAP_LIMIT, Health, Hub, Snapshot, framed
from web.stream import events


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


def line(position: int, incident: str = "i1", row: str | None = '{"code":"C1"}') -> Stored:
    return Stored(position, incident, position, START, "system", "noted", 1, "{}", None, row)


class Book:
    """A log in memory, as the hub's source."""

    def __init__(self, length: int = 0) -> None:
        self.lines = [line(n) for n in range(1, length + 1)]
        self.snapshots = 0
        self.fails = False

    def snapshot(self, incident: str | None) -> Snapshot:
        self.snapshots += 1
        return Snapshot(len(self.lines), ['{"code":"C1"}'], {"critical": 1})

    def after(self, position: int, limit: int) -> list[Stored]:
        return self.lines[position : position + limit]

    def health(self) -> Health:
        if self.fails:
            raise OSError("the disk is gone")
        return Health(len(self.lines), 0, 0.0, 0.0)

    def start(self, deliver: Any, after: int) -> None:
        self.deliver = deliver

    def write(self, count: int) -> None:
        new = [line(n) for n in range(len(self.lines) + 1, len(self.lines) + count + 1)]
        self.lines += new
        self.deliver(new)


class Still:
    def now(self) -> Any:
        return START


async def yes() -> bool:
    return True


def parsed(data: bytes) -> list[tuple[str, Any]]:
    found = []
    for block in data.decode().strip().split("\n\n"):
        fields = dict(part.split(": ", 1) for part in block.splitlines())
        found.append((fields["event"], json.loads(fields["data"])))
    return found


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.mark.anyio
async def test_a_reader_who_is_behind_the_ring_is_served_from_the_store() -> None:
    book = Book(50)
    hub = Hub(book, Still(), beat_s=60)
    async with anyio.create_task_group() as tasks:
        await tasks.start(hub.run, book)
        stream = events(hub, 10, None, yes)
        found = parsed(await anext(stream))
        assert [data["position"] for name, data in found if name == "entry"] == list(range(11, 51))
        assert found[-1][0] == "heartbeat"
        book.write(3)
        assert [data["position"] for _, data in parsed(await anext(stream))] == [51, 52, 53]
        await stream.aclose()
        assert hub.walls == 0
        tasks.cancel_scope.cancel()


@pytest.mark.anyio
async def test_too_large_a_gap_is_a_snapshot_made_once_for_all_walls() -> None:
    book = Book(GAP_LIMIT + 10)
    hub = Hub(book, Still(), beat_s=60)
    async with anyio.create_task_group() as tasks:
        await tasks.start(hub.run, book)
        for _ in range(5):
            stream = events(hub, 3, None, yes)
            assert parsed(await anext(stream))[0][0] == "snapshot"
            await stream.aclose()
        assert book.snapshots == 1
        tasks.cancel_scope.cancel()


@pytest.mark.anyio
async def test_walls_are_woken_together_and_get_all_that_waits() -> None:
    book = Book(0)
    hub = Hub(book, Still(), beat_s=60)
    async with anyio.create_task_group() as tasks:
        await tasks.start(hub.run, book)
        walls = [events(hub, 0, None, yes) for _ in range(200)]
        for wall in walls:
            await anext(wall)
        hub._woken_at = 0.0
        book.write(1)
        first = [await anext(wall) for wall in walls]
        assert len(set(map(id, first))) == 1
        for _ in range(20):
            book.write(5)
        rest = await anext(walls[0])
        assert [data["position"] for _, data in parsed(rest)] == list(range(2, 102))
        for wall in walls:
            await wall.aclose()
        tasks.cancel_scope.cancel()


@pytest.mark.anyio
async def test_the_heart_beats_while_the_database_is_away() -> None:
    book = Book(1)
    hub = Hub(book, Still(), beat_s=0.01)
    async with anyio.create_task_group() as tasks:
        await tasks.start(hub.run, book)
        book.fails = True
        stream = events(hub, 1, None, yes)
        await anext(stream)
        beats = [parsed(await anext(stream))[0] for _ in range(3)]
        await stream.aclose()
        tasks.cancel_scope.cancel()
    assert beats[-1][0] == "heartbeat"
    assert beats[-1][1]["watch_lag_ms"] is None
    assert beats[-1][1]["position"] == 1


@pytest.mark.anyio
async def test_a_stream_ends_when_its_visitor_may_listen_no_more() -> None:
    book = Book(1)
    hub = Hub(book, Still(), beat_s=0.005)

    async def no() -> bool:
        return False

    async with anyio.create_task_group() as tasks:
        await tasks.start(hub.run, book)
        with anyio.fail_after(5):
            assert [name async for data in events(hub, 1, None, no) for name, _ in parsed(data)][-1] == "heartbeat"
        tasks.cancel_scope.cancel()


def test_lines_of_one_decision_share_the_row_after_it() -> None:
    lines = [line(1, row=None), line(2, "i2", '{"code":"C2"}'), line(3), line(4, "i2", None)]
    rows = [parsed(frame.data)[0][1]["row"] for frame in framed(lines)]
    assert rows == [{"code": "C1"}, {"code": "C2"}, {"code": "C1"}, None]
