"""The watch looks when it is time, at all that is due, whatever one of them does."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from incident.clock import FastClock, MovedClock, monotonic
from incident.commands import Tick
from incident.deadlines import wake_at
from incident.desk import draft
from incident.desk.desk import Desk
from incident.desk.requests import StoreDown
from incident.desk.watch import Watch
from incident.state import Incident
from incident.store import log
from incident.store.engine import reading
from tests.desk.house import START, opened_desk, report

STEP = timedelta(minutes=5)


@pytest.fixture
def watch(desk: Desk, settled: Engine, clock: MovedClock) -> Watch:
    return Watch(desk, settled, clock)


def opened(desk: Desk, count: int = 1) -> list[Incident]:
    outcomes = [future.result(10) for future in [desk.submit(report()) for _ in range(count)]]
    return [outcome.state for outcome in outcomes if outcome.state]


def kinds(engine: Engine, incident: str) -> list[str]:
    with reading(engine) as connection:
        return [line.kind for line in log.of(connection, incident)]


def poison(monkeypatch: pytest.MonkeyPatch, incident: str) -> None:
    real = draft.decide

    def poisoned(state: Any, command: Any, moment: Any) -> Any:
        if isinstance(command, Tick) and state.id == incident:
            raise ZeroDivisionError("deep in the core")
        return real(state, command, moment)

    monkeypatch.setattr(draft, "decide", poisoned)


def test_silence_climbs_when_its_time_has_come_and_not_before(
    watch: Watch, desk: Desk, settled: Engine, clock: MovedClock
) -> None:
    (state,) = opened(desk)
    assert watch.next_wake() == wake_at(state) == START + STEP
    assert watch.run_due(clock.move(STEP - timedelta(seconds=1))) == 0
    assert watch.run_due(clock.move(timedelta(seconds=1))) == 1
    assert kinds(settled, state.id).count("paged") == 2
    assert watch.run_due(clock.now()) == 0


def test_two_hours_of_outage_climb_one_rung(watch: Watch, desk: Desk, settled: Engine, clock: MovedClock) -> None:
    (state,) = opened(desk)
    assert watch.run_due(clock.move(timedelta(hours=2))) == 1
    assert kinds(settled, state.id).count("paged") == 2
    assert watch.lateness == timedelta(hours=2) - STEP


def test_two_watches_that_race_climb_once(desk: Desk, settled: Engine, clock: MovedClock) -> None:
    states = opened(desk, 20)
    now = clock.move(STEP)
    with opened_desk(settled, clock) as other:
        watches = [Watch(desk, settled, clock), Watch(other, settled, clock)]
        threads = [threading.Thread(target=watch.run_due, args=(now,)) for watch in watches]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [watch.aside for watch in watches] == [{}, {}]
    assert [kinds(settled, state.id).count("paged") for state in states] == [2] * 20


def test_a_poison_incident_is_set_aside_and_the_others_go_on(
    watch: Watch, desk: Desk, settled: Engine, clock: MovedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, *good = opened(desk, 4)
    poison(monkeypatch, bad.id)
    now = clock.move(STEP)
    assert watch.run_due(now, limit=1) == 1
    assert watch.aside[bad.id].error == "ZeroDivisionError: deep in the core"
    assert sum(watch.run_due(now, limit=1) for _ in range(5)) == 3  # it does not take the place of the others
    assert [kinds(settled, state.id).count("paged") for state in good] == [2, 2, 2]
    assert watch.next_wake() != bad.alarm.next_at


def test_it_is_tried_again_later_each_time_and_well_when_it_is_well(
    watch: Watch, desk: Desk, settled: Engine, clock: MovedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    (bad,) = opened(desk)
    with monkeypatch.context() as patched:
        poison(patched, bad.id)
        tries = [watch.run_due(clock.move(timedelta(seconds=1))) for _ in range(int(STEP.total_seconds()) + 8)]
        assert sum(tries) == 4  # at once, then after 1, 2 and 4 seconds
        assert watch.aside[bad.id].failures == 4
    assert watch.run_due(clock.move(timedelta(minutes=1))) == 1
    assert watch.aside == {}
    assert kinds(settled, bad.id).count("paged") == 2


def test_a_store_that_is_down_is_not_the_incidents_fault(
    watch: Watch, desk: Desk, clock: MovedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(desk)
    monkeypatch.setattr(desk, "_commit", _raises(StoreDown()))
    with pytest.raises(StoreDown):
        watch.run_due(clock.move(STEP))
    assert watch.aside == {}


def _raises(error: Exception) -> Callable[..., None]:
    def fail(*args: Any) -> None:
        raise error

    return fail


def test_the_loop_sleeps_to_the_moment_wakes_and_survives(settled: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = FastClock(START, 3000.0)  # five minutes are a tenth of a second
    with opened_desk(settled, clock) as desk:
        (state,) = opened(desk)
        watch, stop = Watch(desk, settled, clock), threading.Event()
        real, failures = watch.run_due, [OSError("no database"), OSError("still none")]

        def flaky(now: Any) -> int:
            if failures:
                raise failures.pop()
            return real(now)

        monkeypatch.setattr(watch, "run_due", flaky)
        thread = threading.Thread(target=watch.run, args=(stop,))
        thread.start()
        until = monotonic() + 30
        while kinds(settled, state.id).count("paged") < 3:
            watch.nudge()
            assert monotonic() < until
        stop.set()
        watch.nudge()
        thread.join(30)
        assert not thread.is_alive()
