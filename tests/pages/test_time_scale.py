"""Places on a bar of time: in order, long silences drawn short and marked, and back again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from web.time_scale import LEFT, RIGHT, SHARE, scale

START = datetime(2026, 11, 24, 2, 12, tzinfo=UTC)
SECONDS = st.lists(st.integers(0, 10**7), min_size=1, max_size=60)


def times(seconds: list[int]) -> list[datetime]:
    return [START + timedelta(seconds=n) for n in seconds]


@given(SECONDS)
def test_later_is_further_to_the_right_and_the_ends_are_the_ends(seconds: list[int]) -> None:
    found = scale(times(seconds))
    assert found.places[0] == LEFT
    assert abs(found.places[-1] - RIGHT) < 0.01
    assert list(found.places) == sorted(found.places)
    assert all(LEFT <= found.x(at) <= RIGHT + 0.01 for at in times(seconds))


@given(SECONDS)
def test_no_silence_takes_more_than_its_share_where_there_are_enough_others(seconds: list[int]) -> None:
    found = scale(times(seconds))
    gaps = [b - a for a, b in zip(found.places, found.places[1:], strict=False)]
    assert max(gaps) <= (RIGHT - LEFT) * max(SHARE, 1 / len(gaps)) + 0.01


@given(SECONDS, st.floats(LEFT, RIGHT))
def test_the_time_at_a_place_stands_there(seconds: list[int], x: float) -> None:
    found = scale(times(seconds))
    assert abs(found.x(found.at(x)) - x) < 0.01


@given(st.lists(st.integers(0, 10**13), min_size=1, max_size=40), st.floats(LEFT, RIGHT))
def test_microseconds_between_days_are_one_place_and_no_fault(micros: list[int], x: float) -> None:
    found = scale(START + timedelta(microseconds=n) for n in micros)
    assert found.times[0] <= found.at(x) <= found.times[-1]
    assert scale([START, START + timedelta(days=2), START + timedelta(days=2, microseconds=3)]).at(RIGHT) > START


def test_a_night_between_minutes_is_cut_and_says_how_long_it_was() -> None:
    found = scale(times([*range(0, 600, 30), 40_000]))
    [cut] = found.cuts
    assert cut.lasted == timedelta(seconds=40_000 - 570)
    assert found.x(START + timedelta(seconds=570)) > 75
    assert scale(times(list(range(0, 600, 30)))).cuts == ()
