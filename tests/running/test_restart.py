"""How long a service that ended waits before it is started again."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from incident.running.restart import LONGEST_WAIT, STEADY_AFTER, Record, fresh


def waits(lives: list[float]) -> list[float]:
    """The wait after each end of a service that lived these many seconds in turn."""
    now, record, found = 100.0, fresh(100.0), []
    for life in lives:
        record = record.started(now)
        now += life
        record = record.ended(now)
        assert record.due is not None
        found.append(round(record.due - now, 6))
        now = record.due
    return found


def test_the_wait_doubles_from_a_tenth_of_a_second_to_five() -> None:
    assert waits([0.0] * 8) == [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0]


def test_ten_seconds_alive_forgive_what_was_before() -> None:
    assert waits([0.0, 0.0, 0.0, STEADY_AFTER, 0.0]) == [0.1, 0.2, 0.4, 0.1, 0.2]


def test_a_service_that_just_missed_ten_seconds_is_not_forgiven() -> None:
    assert waits([0.0, STEADY_AFTER - 0.01]) == [0.1, 0.2]


def test_a_new_service_is_due_at_once_and_a_running_one_never() -> None:
    assert fresh(5.0).is_due(5.0)
    assert not fresh(5.0).started(5.0).is_due(1e9)


@given(st.lists(st.floats(0, 100), max_size=3000 // 10))
def test_it_is_never_given_up_and_never_hammered(lives: list[float]) -> None:
    assert all(0.1 <= wait <= LONGEST_WAIT for wait in waits(lives))


@given(st.integers(0, 10_000), st.floats(0, 1e6))
def test_however_often_it_ended_the_next_start_is_within_five_seconds(ends: int, now: float) -> None:
    due = Record(ends, now, None).ended(now).due
    assert due is not None
    assert due <= now + LONGEST_WAIT
