"""Several browsers at one table: what is pressed in all of them at once is done once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import cast

from drills import keeping, sitting
from drills.room import Room
from drills.score import profile
from drills.script.reader import open_script
from drills.sitting import Said
from incident.clock import MovedClock
from incident.desk.desk import Desk
from incident.store import drills as table
from incident.store.engine import open_engine, reading
from incident.store.migrations import migrate
from tests.drills.test_simulate import CASE, outside

NAME = f"{CASE}-t"
BY = "person:liu-yang"


def at_once(act: Callable[[], None]) -> None:
    with ThreadPoolExecutor(6) as pool:
        for done in [pool.submit(act) for _ in range(6)]:
            done.result(20)


def test_what_is_pressed_in_many_browsers_at_once_is_done_once(postgres_url: str):
    engine = open_engine(postgres_url)
    try:
        migrate(engine)
        desk = cast(Desk, None)  # a tabletop opens nothing there
        room = Room(desk, engine, MovedClock(datetime(2026, 11, 26, 9, tzinfo=UTC)), outside)
        script = open_script(CASE)
        at_once(
            lambda: sitting.start(room, script, NAME, by=BY, locale="en", judge="standard", present=["wang-jun"]),
        )
        at_once(lambda: sitting.settle(room, NAME, 1, BY, read=True))
        said = Said(script.injects[0].measure, "partly", "they ask twice", "Wang Jun", 1)
        at_once(lambda: sitting.judge(room, NAME, said, BY))
        at_once(lambda: sitting.stop(room, NAME, BY, still=True))
        at_once(lambda: sitting.stop(room, NAME, BY, still=False))
        at_once(lambda: sitting.end(room, NAME, BY))
        found = sitting.sitting(room, NAME)
        assert [act.kind for act in found.acts] == ["present", "sent", "judged", "pause", "resume", "end"]
        with reading(engine) as connection:
            (row,) = table.listed(connection)
            played = keeping.find(connection, row.id, profile())
        assert row.id == found.row.kept
        assert not played.score(profile()).void
        assert len(played.observations.pauses) == 1
    finally:
        engine.dispose()
