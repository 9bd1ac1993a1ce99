"""The clock of a process while somebody sets the machine's."""

from datetime import UTC, datetime, timedelta

import pytest

from incident.clock import LONGEST_HELD, FastClock, MovedClock, SteadyClock, SystemClock, steady

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


class Machine:
    """A wall clock that can be set, beside one that cannot."""

    def __init__(self) -> None:
        self.wall, self.ticks = NOON, 1000.0

    def passes(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)
        self.ticks += seconds

    def steady(self, written: datetime | None = None) -> SteadyClock:
        return SteadyClock(written, wall=lambda: self.wall, tick=lambda: self.ticks)


@pytest.fixture
def machine() -> Machine:
    return Machine()


def test_a_clock_that_is_right_is_followed_to_the_microsecond(machine: Machine) -> None:
    clock = machine.steady()
    for seconds in (0.0, 0.000_001, 1.0, 3600.0):
        machine.passes(seconds)
        assert clock.now() == machine.wall


def test_set_back_by_a_minute_waits_go_on_a_tenth_slower_until_both_agree(machine: Machine) -> None:
    clock = machine.steady()
    clock.now()
    machine.wall -= MINUTE
    machine.passes(10)
    assert clock.now() == NOON + timedelta(seconds=9)
    machine.passes(589)
    assert machine.wall < clock.now()
    machine.passes(2)
    assert clock.now() == machine.wall


def test_it_never_goes_back_whatever_is_done_to_the_machine_within_the_hour(machine: Machine) -> None:
    clock, before = machine.steady(), NOON
    for step in (-MINUTE, 20 * MINUTE, -30 * MINUTE, 5 * MINUTE, -10 * MINUTE):
        machine.wall += step
        machine.passes(1)
        assert clock.now() >= before
        before = clock.now()


def test_set_forward_it_is_followed_at_once(machine: Machine) -> None:
    clock = machine.steady()
    machine.wall += 90 * MINUTE
    assert clock.now() == machine.wall


def test_an_error_of_more_than_an_hour_is_put_right_at_once(machine: Machine) -> None:
    clock = machine.steady()
    clock.now()
    machine.wall -= LONGEST_HELD + MINUTE
    assert clock.now() == machine.wall


def test_a_process_that_starts_after_the_clock_was_set_back_begins_at_the_last_entry(machine: Machine) -> None:
    clock = machine.steady(NOON + MINUTE)
    machine.passes(10)
    assert clock.now() == NOON + MINUTE + timedelta(seconds=9)


def test_the_demos_fast_clock_stands_on_the_steady_one() -> None:
    fast = FastClock(NOON, 60.0)
    clock = steady(fast, NOON + MINUTE)
    assert clock == fast
    assert isinstance(clock, FastClock)
    assert isinstance(clock.machine, SteadyClock)
    assert isinstance(steady(SystemClock(), None), SteadyClock)


def test_a_clock_that_a_test_moves_may_go_back() -> None:
    moved = MovedClock(NOON)
    assert steady(moved, NOON + MINUTE) is moved
