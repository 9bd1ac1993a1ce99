"""Two start the same live drill in the very same moment: the database lets one of them through."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine

from drills import live
from drills.room import Room
from drills.script.reader import open_script
from drills.simulate.plans import Outside, shipped_plans
from incident.clock import MovedClock
from incident.errors import Refused
from incident.organisation.reader import demo_organisation
from incident.store import live as store
from incident.store.engine import open_engine, reading
from incident.store.live import LiveRow
from incident.store.migrations import migrate
from tests.desk.house import opened_desk, settle_in
from tests.drills.test_live import CASE, START


@pytest.fixture(params=["sqlite", "postgresql"])
def engines(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Engine, Engine]]:
    """The same database by two processes' pools."""
    sqlite = request.param == "sqlite"
    url = f"sqlite:///{tmp_path / 'incident.db'}" if sqlite else request.getfixturevalue("postgres_url")
    one, other = open_engine(url), open_engine(url)
    migrate(one)
    settle_in(one)
    yield one, other
    one.dispose()
    other.dispose()


def test_of_two_in_the_same_moment_one_pages(engines: tuple[Engine, Engine], monkeypatch: pytest.MonkeyPatch):
    looked, meeting = store.unfinished, threading.Barrier(2)

    def both_look(connection: Connection) -> list[LiveRow]:
        """If both can look before either has written, they wait here for each other, and both would pass."""
        found = looked(connection)
        with suppress(threading.BrokenBarrierError):
            meeting.wait(0.5)
        return found

    monkeypatch.setattr(live.live, "unfinished", both_look)
    clock = MovedClock(START)
    with opened_desk(engines[0], clock) as desk, opened_desk(engines[1], clock) as other:
        plans = Outside(demo_organisation(), shipped_plans())
        rooms = [Room(d, e, clock, lambda: plans) for d, e in zip((desk, other), engines, strict=True)]

        def start(number: int) -> bool:
            name = f"{CASE}-{number}"
            try:
                live.start(
                    rooms[number], open_script(CASE), name, by="x", locale="en", judge="standard", real_phones=False
                )
            except Refused as refused:
                return refused.reason.key != "drill.live.already"
            return True

        with ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(start, (0, 1))) == [False, True]
        with reading(engines[0]) as connection:
            (row,) = looked(connection)
        assert row.incident
