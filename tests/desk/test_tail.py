"""The tail sees every entry once and in order, however many write, and says when it is blind."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import Engine, event

from incident.clock import MovedClock, monotonic
from incident.commands import Note
from incident.desk.desk import Desk
from incident.desk.requests import Act
from incident.desk.tail import OFFERED_MOST, Tail
from incident.store import log
from incident.store.engine import reading
from incident.store.log import Stored
from tests.desk.house import KEY, opened_desk, report


class Seen:
    """A subscriber that keeps what it got, and waits without sleeping."""

    def __init__(self) -> None:
        self.batches: list[list[Stored]] = []
        self._more = threading.Condition()

    def __call__(self, lines: Sequence[Stored]) -> None:
        with self._more:
            self.batches.append(list(lines))
            self._more.notify_all()

    @property
    def positions(self) -> list[int]:
        return [line.position for batch in self.batches for line in batch]

    def until(self, position: int) -> None:
        with self._more:
            assert self._more.wait_for(lambda: self.positions[-1:] >= [position], 10)


def test_every_entry_is_seen_once_and_in_order_while_writers_race(settled: Engine, clock: MovedClock) -> None:
    seen, tail = Seen(), Tail(settled, poll_s=0.002, limit=7)
    with opened_desk(settled, clock, tell=tail.offer) as one, opened_desk(settled, clock) as other:
        tail.start(seen, 0)

        def write(desk: Desk) -> None:
            for _ in range(8):
                state = desk.submit(report()).result(30).state
                assert state is not None
                desk.submit(Act(state.id, Note("x"), KEY)).result(30)

        threads = [threading.Thread(target=write, args=(desk,)) for desk in (one, other, one, other)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    with reading(settled) as connection:
        last = log.last_position(connection)
    seen.until(last)
    tail.close()
    assert seen.positions == list(range(1, last + 1))
    assert tail.position == last
    assert tail.blind_s == 0.0


def test_a_decision_is_never_cut_in_two(desk: Desk, settled: Engine) -> None:
    for _ in range(5):
        desk.submit(report()).result(10)
    seen, tail = Seen(), Tail(settled, limit=3)
    tail.start(seen, 0)
    with reading(settled) as connection:
        seen.until(log.last_position(connection))
    tail.close()
    assert all(batch[-1].row is not None for batch in seen.batches)
    assert len(seen.batches) > 1


def test_it_begins_where_it_is_told(desk: Desk, settled: Engine) -> None:
    first = desk.submit(report()).result(10).entries[-1].position
    seen, tail = Seen(), Tail(settled, poll_s=0.002)
    tail.start(seen, first)
    last = desk.submit(report()).result(10).entries[-1].position
    seen.until(last)
    tail.close()
    assert seen.positions == list(range(first + 1, last + 1))


def test_what_the_own_desk_commits_is_handed_on_as_it_lies_in_the_log(settled: Engine, clock: MovedClock) -> None:
    seen, tail = Seen(), Tail(settled, poll_s=600)
    with opened_desk(settled, clock, tell=tail.offer) as desk:
        before = desk.submit(report()).result(10).entries[-1].position
        tail.start(seen, before)
        state = desk.submit(report("x", place="机房 3")).result(10).state
        assert state is not None
        last = desk.submit(Act(state.id, Note("看过了"), KEY)).result(10).entries[-1].position
        seen.until(last)
    tail.close()
    with reading(settled) as connection:
        assert [line for batch in seen.batches for line in batch] == log.after(connection, before)


def test_an_offer_after_a_gap_waits_for_what_others_have_written(settled: Engine, clock: MovedClock) -> None:
    seen, tail = Seen(), Tail(settled, poll_s=600)
    with opened_desk(settled, clock, tell=tail.offer) as own, opened_desk(settled, clock) as other:
        tail.start(seen, 0)
        seen.until(own.submit(report()).result(10).entries[-1].position)
        for _ in range(3):
            other.submit(report()).result(10)
        last = own.submit(report()).result(10).entries[-1].position
        seen.until(last)
    tail.close()
    assert seen.positions == list(range(1, last + 1))


def test_offers_that_nobody_could_take_are_read_from_the_log(settled: Engine, clock: MovedClock) -> None:
    begun, go_on = threading.Event(), threading.Event()
    seen = Seen()

    def slow(lines: Sequence[Stored]) -> None:
        begun.set()
        assert go_on.wait(30)
        seen(lines)

    tail = Tail(settled, poll_s=600)
    with opened_desk(settled, clock, tell=tail.offer) as desk:
        tail.start(slow, 0)
        state = desk.submit(report()).result(10).state
        assert state is not None
        assert begun.wait(30)
        for _ in range(OFFERED_MOST + 5):
            last = desk.submit(Act(state.id, Note("x"), KEY)).result(10).entries[-1].position
        go_on.set()
        seen.until(last)
    tail.close()
    assert seen.positions == list(range(1, last + 1))


def test_while_the_database_is_away_it_is_blind_says_so_and_misses_nothing(desk: Desk, settled: Engine) -> None:
    away = threading.Event()
    away.set()
    failed = threading.Event()

    def fail(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if away.is_set() and "FROM log" in statement and threading.current_thread().name == "tail":
            failed.set()
            raise OSError("the database is away")

    event.listen(settled, "before_cursor_execute", fail)
    seen, tail = Seen(), Tail(settled, poll_s=0.002)
    tail.start(seen, 0)
    assert failed.wait(30)
    last = desk.submit(report()).result(10).entries[-1].position
    until = monotonic() + 30
    while tail.blind_s == 0.0:
        assert monotonic() < until
    assert seen.positions == []
    away.clear()
    seen.until(last)
    while tail.blind_s > 0.0:
        assert monotonic() < until
    tail.close()
    event.remove(settled, "before_cursor_execute", fail)
    assert seen.positions == list(range(1, last + 1))


def test_a_subscriber_that_fails_gets_the_same_again(desk: Desk, settled: Engine) -> None:
    last = desk.submit(report()).result(10).entries[-1].position
    seen, failures = Seen(), [RuntimeError("first"), RuntimeError("second")]

    def flaky(lines: Sequence[Stored]) -> None:
        if failures:
            raise failures.pop()
        seen(lines)

    tail = Tail(settled, poll_s=0.002)
    tail.start(flaky, 0)
    seen.until(last)
    tail.close()
    assert seen.positions == list(range(1, last + 1))


def test_a_tail_has_one_subscriber_and_closes_twice(settled: Engine) -> None:
    tail = Tail(settled)
    tail.start(Seen(), 0)
    with pytest.raises(RuntimeError):
        tail.start(Seen(), 0)
    tail.close()
    tail.close()
