"""The hub: each wall gets each entry once, many walls the same bytes, and one wall's trouble is its own."""

from __future__ import annotations

from typing import Any

import anyio
import pytest

from tests.web.walls import Book, Browser, line, parsed, running
from web.frames import framed
from web.hub import BATCH, GAP_LIMIT, SLICE
from web.ring import PORTION
from web.wall import STUCK_S

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(params=[True, False], ids=["our server", "another server"])
def direct(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


async def opened(browser: Browser, tasks: Any, seen: int | None, *more: Any) -> None:
    """It listens and has had its first heartbeat."""
    tasks.start_soon(browser.listen, seen, *more)
    while not any(name == "heartbeat" for name, _ in parsed(await browser.take())):
        pass


async def test_a_reader_who_is_behind_the_ring_is_served_from_the_store(direct: bool) -> None:
    length = 2 * BATCH + 50
    async with running(Book(length)) as (hub, tasks):
        browser = Browser(hub, direct=direct)
        tasks.start_soon(browser.listen, 10)
        assert await browser.until(length) == list(range(11, length + 1))
        hub.source.write(3)  # type: ignore[attr-defined]
        assert await browser.until(length + 3) == [length + 1, length + 2, length + 3]
        browser.leaves.set()
        await browser.rest()
    assert hub.walls == 0


async def test_too_large_a_gap_is_a_snapshot_made_once_for_all_walls(direct: bool) -> None:
    book = Book(GAP_LIMIT + 10)
    async with running(book) as (hub, tasks):
        for _ in range(5):
            browser = Browser(hub, direct=direct)
            tasks.start_soon(browser.listen, 3)
            assert await browser.take() == b"retry: 1000\n"
            assert parsed(await browser.take())[0][0] == "snapshot"
    assert book.snapshots == 1


async def test_walls_get_all_that_waits_as_the_same_bytes_and_their_tasks_sleep_on() -> None:
    book = Book()
    async with running(book) as (hub, tasks):
        walls = [Browser(hub, direct=True) for _ in range(200)]
        for wall in walls:
            await opened(wall, tasks, 0)
        chunks = []
        for wall in walls:
            wall.connection.write = chunks.append  # type: ignore[method-assign]
        last, told = Browser(hub, direct=True), [wall.rests for wall in walls]
        await opened(last, tasks, 0)
        for _ in range(20):
            book.write(5)
        assert await last.until(100) == list(range(1, 101))
        assert [wall.rests for wall in walls] == told
    assert len(chunks) == 200
    assert len(set(map(id, chunks))) == 1


@pytest.mark.long
async def test_a_round_of_many_walls_gives_way_and_what_comes_in_it_is_missed_by_none() -> None:
    """Given a loop that always has something to do, and an entry in the middle of a round."""
    book, turn = Book(), 0

    async def others() -> None:
        nonlocal turn
        while True:
            turn += 1
            await anyio.lowlevel.checkpoint()

    async with running(book) as (hub, tasks):
        walls = [Browser(hub, direct=True) for _ in range(2 * SLICE + 50)]
        for wall in walls:
            await opened(wall, tasks, 0)
        tasks.start_soon(others)
        written: list[int] = []
        for wall in walls:
            came = wall.came

            def hears(data: bytes, came: Any = came) -> None:
                came(data)
                written.append(turn)
                if len(written) == SLICE + 20:
                    book.write(1)

            wall.came = hears  # type: ignore[method-assign]
        book.write(1)
        for wall in walls:
            assert await wall.until(2) == [1, 2]
    assert len(walls) < len(written) <= 2 * len(walls)
    assert max(written.count(one) for one in set(written)) <= SLICE


async def test_nobody_has_two_turns_while_another_waits_for_one() -> None:
    """Given entries that keep coming in the middle of rounds."""
    book, count, each = Book(), 120, 50
    async with running(book) as (hub, tasks):
        walls = [Browser(hub, direct=True) for _ in range(count)]
        for wall in walls:
            await opened(wall, tasks, 0)
        turns: list[int] = []
        for number, wall in enumerate(walls):

            def hears(data: bytes, came: Any = wall.came, number: int = number) -> None:
                came(data)
                turns.append(number)
                if len(turns) % each == 0 and len(book.lines) < 30:
                    book.write(1)

            wall.came = hears  # type: ignore[method-assign]
        book.write(1)
        for wall in walls:
            assert await wall.until(30) == list(range(1, 31))
    last: dict[int, int] = {}
    for at, number in enumerate(turns):
        between = turns[last.get(number, at) : at]
        assert len(between) == len(set(between))
        last[number] = at


async def test_more_than_a_portion_comes_in_order_and_once(direct: bool) -> None:
    book = Book()
    async with running(book) as (hub, tasks):
        browser = Browser(hub, direct=direct)
        await opened(browser, tasks, 0)
        book.write(3 * PORTION)
        assert await browser.until(3 * PORTION) == list(range(1, 3 * PORTION + 1))


async def test_one_incident_s_wall_is_told_of_no_other(direct: bool) -> None:
    book = Book()
    async with running(book) as (hub, tasks):
        browser = Browser(hub, direct=direct, incident="i2")
        await opened(browser, tasks, 0)
        book.write(4, "i1")
        book.write(2, "i2")
        assert await browser.until(6) == [5, 6]


async def test_who_does_not_read_is_passed_over_and_delays_nobody() -> None:
    book = Book()
    async with running(book) as (hub, tasks):
        slow, quick = Browser(hub, direct=True), Browser(hub, direct=True)
        for browser in (slow, quick):
            await opened(browser, tasks, 0)
        slow.connection.reads = False
        book.write(1)
        assert await slow.until(1) == [1]
        for count in range(2, 40):
            book.write(1)
            assert await quick.until(count) == ([1, 2] if count == 2 else [count])
        assert slow.inbox.empty()
        slow.connection.reads, slow.connection.left = True, 0
        assert await slow.until(39) == list(range(2, 40))


async def test_who_takes_nothing_for_long_is_cut_off() -> None:
    async with running(Book()) as (hub, tasks):
        browser = Browser(hub, direct=True)
        await opened(browser, tasks, 0)
        browser.connection.left = 900
        assert not browser.wall.ready(100.0)
        browser.connection.left = 800
        assert not browser.wall.ready(100.0 + 2 * STUCK_S)  # it has taken something
        assert not browser.connection.aborted
        assert not browser.wall.ready(101.0 + 3 * STUCK_S)
        assert browser.connection.aborted
        await browser.rest()
    assert hub.walls == 0


async def test_one_wall_s_failure_is_its_own() -> None:
    book = Book()
    async with running(book) as (hub, tasks):
        broken, sound = Browser(hub, direct=True), Browser(hub, direct=True)
        for browser in (broken, sound):
            await opened(browser, tasks, 0)
        broken.connection.broken = True
        book.write(1)
        assert await sound.until(1) == [1]
        book.write(1)
        assert await sound.until(2) == [2]


async def test_the_heart_beats_while_the_database_is_away(direct: bool) -> None:
    book = Book(1)
    async with running(book, beat_s=0.01) as (hub, tasks):
        browser = Browser(hub, direct=direct)
        await opened(browser, tasks, 1)
        book.fails = True
        beats = [parsed(await browser.take())[0] for _ in range(4)]
    assert beats[-1][0] == "heartbeat"
    assert beats[-1][1]["watch_lag_ms"] is None
    assert beats[-1][1]["position"] == 1


async def test_every_wall_is_told_while_nothing_can_be_written_and_for_a_while_after_a_refusal(direct: bool) -> None:
    book = Book(1)
    async with running(book, beat_s=0.05) as (hub, tasks):
        browser = Browser(hub, direct=direct)
        await opened(browser, tasks, 1)

        async def told(what: bool) -> bool:
            with anyio.fail_after(10):
                while parsed(await browser.take())[-1][1].get("refusing") is not what:
                    pass
            return True

        assert await told(False)
        book.full = True
        assert await told(True)
        book.full = False
        assert await told(False)
        hub.refused()
        assert await told(True)
        assert await told(False)


async def test_a_stream_ends_when_its_visitor_may_listen_no_more(direct: bool) -> None:
    async def no() -> bool:
        return False

    async with running(Book(1), beat_s=0.005) as (hub, tasks):
        browser = Browser(hub, direct=direct)
        tasks.start_soon(browser.listen, 1, no)
        assert set(await browser.rest()) == {"heartbeat"}
        assert browser.ended


async def test_a_stop_is_a_good_bye_to_every_wall(direct: bool) -> None:
    async with running(Book(1)) as (hub, tasks):
        browsers = [Browser(hub, direct=direct) for _ in range(3)]
        for browser in browsers:
            await opened(browser, tasks, 1)
        hub.stop()
        for browser in browsers:
            assert await browser.rest() == ["bye"]
            assert browser.ended
    assert hub.walls == 0


async def test_what_was_written_while_nobody_looked_is_not_lost(direct: bool) -> None:
    """Entries that come between a wall's first portion and its rest."""
    book = Book(5)
    async with running(book) as (hub, tasks):
        browser = Browser(hub, direct=direct)
        tasks.start_soon(browser.listen, 5)
        for _ in range(50):
            book.write(1)
            await anyio.lowlevel.checkpoint()
        assert await browser.until(55) == list(range(6, 56))


async def test_lines_of_one_decision_share_the_row_after_it() -> None:
    lines = [line(1, row=None), line(2, "i2", '{"code":"C2"}'), line(3), line(4, "i2", None)]
    rows = [parsed(frame.data)[0][1]["row"] for frame in framed(lines)]
    assert rows == [{"code": "C1"}, {"code": "C2"}, {"code": "C1"}, None]
