"""Planned maintenance on a real store: the desk reads the windows with its versions, the watch sees what changes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event

from incident.clock import MovedClock
from incident.commands import Merge
from incident.desk.desk import Act, Desk
from incident.desk.watch import Watch
from incident.maintenance import NO_WINDOWS, Window, Windows
from incident.store import board, log, maintenance, sends
from incident.store.engine import changing, reading
from tests.desk.house import START, report

WINDOW = Window.model_validate(
    {
        "id": "cooling",
        "name": "Cooling",
        "reason": "new pumps",
        "owner": "li-wei",
        "timezone": "Asia/Shanghai",
        "start": "2026-03-02T16:00",  # 08:00 UTC
        "end": "2026-03-02T19:00",
        "places": ["hall 3"],
    }
)


def saved(engine: Engine, windows: Windows) -> None:
    with changing(engine) as connection:
        maintenance.save(connection, windows, expected=None, at=START, by="system")


def put(desk: Desk, request: Any) -> Any:
    return desk.submit(request).result(10)


def paged(engine: Engine, incident: str) -> bool:
    with reading(engine) as connection:
        return bool(sends.of_incident(connection, incident))


def kinds(engine: Engine, incident: str) -> list[str]:
    with reading(engine) as connection:
        return [line.kind for line in log.of(connection, incident)]


@pytest.fixture
def held(desk: Desk, settled: Engine) -> str:
    saved(settled, Windows(windows=(WINDOW,)))
    outcome = put(desk, report("k1", level="high", kind="other", place="Hall 3"))
    assert outcome.row["maintenance"] == {
        "window": "cooling",
        "name": "Cooling",
        "until": "2026-03-02T11:00:00.000Z",
        "held": True,
    }
    return str(outcome.state.id)


def test_what_falls_inside_orders_no_message_and_is_woken_at_the_end(
    desk: Desk, settled: Engine, clock: MovedClock, held: str
) -> None:
    assert not paged(settled, held)
    with reading(settled) as connection:
        assert board.next_wake(connection) == START + timedelta(minutes=90)
    clock.move(timedelta(minutes=90))
    assert Watch(desk, settled, clock).run_due(clock.now()) == 1
    assert paged(settled, held)


def test_ended_early_what_is_open_is_paged_by_the_watch_once_and_also_after_a_crash(
    desk: Desk, settled: Engine, clock: MovedClock, held: str
) -> None:
    watch = Watch(desk, settled, clock)
    assert watch.reconsider() == 1  # the window itself was new
    assert watch.reconsider() == 0
    saved(settled, Windows(windows=(WINDOW.model_copy(update={"ended_at": clock.now()}),)))
    assert Watch(desk, settled, clock).reconsider() == 1  # whoever was to do it died: the next one does
    assert kinds(settled, held)[-2:] != ["paging_held"]
    assert kinds(settled, held).count("paging_released") == 1
    assert paged(settled, held)
    assert watch.reconsider() == 0


def test_a_window_that_is_taken_away_pages_what_it_held(
    desk: Desk, settled: Engine, clock: MovedClock, held: str
) -> None:
    saved(settled, NO_WINDOWS)
    Watch(desk, settled, clock).reconsider()
    assert paged(settled, held)


def test_a_change_is_not_noted_before_everything_was_looked_at(
    desk: Desk, settled: Engine, clock: MovedClock, held: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved(settled, NO_WINDOWS)
    watch = Watch(desk, settled, clock)
    with monkeypatch.context() as broken:
        broken.setattr("incident.decide.holding.look_again", lambda *_: 1 / 0)
        assert watch.reconsider() == 1
    assert not paged(settled, held)
    assert watch.reconsider() == 1
    assert paged(settled, held)


def test_a_repeat_folds_and_pages_nobody_unless_it_is_critical_by_its_floor(
    desk: Desk, settled: Engine, held: str
) -> None:
    again = put(desk, report("k1", level="critical", kind="other", place="Hall 3"))
    assert (again.created, again.state.id, again.row["repeats"]) == (False, held, 1)
    assert not paged(settled, held)
    hurt = put(desk, report("k1", level="high", kind="other", place="Hall 3", injury=True))
    assert (hurt.created, hurt.state.id) == (False, held)
    assert paged(settled, held)


def test_what_pages_is_not_silenced_by_merging_it_into_what_is_held(desk: Desk, settled: Engine, held: str) -> None:
    loud = put(desk, report("k2", level="high", kind="other", place="Roof"))
    put(desk, Act(loud.state.id, Merge(held), "person:li-wei"))
    assert paged(settled, held)


def test_the_windows_cost_no_query_of_their_own(desk: Desk, settled: Engine, held: str) -> None:
    asked: list[str] = []

    def hear(*arguments: Any) -> None:
        asked.append(str(arguments[2]))

    event.listen(settled, "before_cursor_execute", hear)
    put(desk, report("k3", level="high", kind="other", place="Hall 3"))
    event.remove(settled, "before_cursor_execute", hear)
    about = [text for text in asked if "directory" in text]
    assert len(about) == 1  # the look-up with which each transaction begins
