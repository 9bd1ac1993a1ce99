"""How often one phone may ring, and when alarms are a flood."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.notify.limits import LIMITS, Allowed, Held, allow, chattering, flooded, flooding
from incident.organisation.people import WayKind
from incident.rates import Limit, read
from incident.words import words_for

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
SMS, VOICE = LIMITS[WayKind.SMS], LIMITS[WayKind.VOICE]


def ago(*minutes: float) -> list[datetime]:
    return [NOON - timedelta(minutes=m) for m in minutes]


def test_the_sixth_text_in_a_quarter_of_an_hour_waits_for_the_first_to_age() -> None:
    assert allow(ago(14, 5, 4, 3), SMS, NOON) == Allowed()
    held = allow(ago(14, 5, 4, 3, 2), SMS, NOON)
    assert isinstance(held, Held)
    assert held.until == NOON + timedelta(minutes=1)
    assert allow(ago(14, 5, 4, 3, 2), SMS, held.until) == Allowed()
    assert words_for("en").reason(held.reason) == "held: at most 5 messages to one contact in 15 min"


def test_the_twelfth_in_an_hour_waits_though_the_quarter_is_free() -> None:
    spread = ago(59, 55, 50, 45, 40, 35, 30, 25, 20, 12, 6)
    held = allow(spread, SMS, NOON)
    assert isinstance(held, Held)
    assert held.until == NOON + timedelta(minutes=1)
    assert allow(spread[1:], SMS, NOON) == Allowed()


def test_calls_have_limits_of_their_own() -> None:
    assert isinstance(allow(ago(14, 2, 1), VOICE, NOON), Held)
    assert isinstance(allow(ago(55, 50, 45, 40, 35, 20, 16), VOICE, NOON), Held)
    assert allow(ago(55, 50, 45, 40, 35, 20), VOICE, NOON) == Allowed()


def test_the_first_page_of_a_critical_is_never_held() -> None:
    assert allow(ago(*range(30)), SMS, NOON, never_held=True) == Allowed()


def test_a_clock_that_was_set_back_holds_nobody_longer_than_one_span() -> None:
    held = allow([NOON + timedelta(days=1)] * 5, SMS, NOON)
    assert isinstance(held, Held)
    assert held.until == NOON + timedelta(minutes=15)


@given(st.lists(st.integers(0, 7200), max_size=40), st.permutations(range(40)))
def test_until_is_the_first_moment_at_which_it_may_go(seconds: list[int], order: list[int]) -> None:
    history = [NOON - timedelta(seconds=s) for s in seconds]
    shuffled = [history[i] for i in order if i < len(history)]
    answer = allow(history, SMS, NOON)
    assert allow(shuffled, SMS, NOON) == answer
    if isinstance(answer, Held):
        assert answer.until > NOON
        assert allow(history, SMS, answer.until) == Allowed()
        assert isinstance(allow(history, SMS, answer.until - timedelta(microseconds=1)), Held)


@pytest.mark.parametrize(
    ("arrivals", "before", "flood"), [(10, False, False), (11, False, True), (5, True, True), (4, True, False)]
)
def test_a_flood_begins_above_ten_and_ends_below_five(arrivals: int, before: bool, flood: bool) -> None:
    times = ago(*[9.5] * arrivals) + ago(10, 11, 12)  # ten minutes ago is no longer within
    assert flooded(times, NOON, before=before) is flood


def test_three_from_one_source_in_a_minute_are_chatter() -> None:
    assert chattering(ago(0, 0.5, 0.9), NOON)
    assert not chattering(ago(0, 0.5, 1), NOON)


@given(st.lists(st.integers(0, 90 * 60), max_size=60), st.integers(0, 90 * 60))
def test_a_flood_is_told_from_the_arrivals_alone_as_if_somebody_had_looked_at_every_second(
    seconds: list[int], now_s: int
) -> None:
    arrivals = sorted(NOON + timedelta(seconds=s) for s in seconds if s <= now_s)
    now, before = NOON + timedelta(seconds=now_s), False
    for second in range(now_s + 1):
        moment = NOON + timedelta(seconds=second)
        before = flooded([at for at in arrivals if at <= moment], moment, before=before)
    assert flooding(arrivals[::-1], now) is before


def test_a_flood_that_is_further_back_than_one_looks_is_none() -> None:
    assert not flooding(ago(1, 2, 3, 4, 5, 6), NOON)
    assert flooding(ago(1, 2, 3, 4, 5, *[9.5] * 6), NOON)
    assert flooding(ago(*[1] * 4), NOON, above=3)


def test_limits_are_read_as_people_write_them() -> None:
    assert read("5/15m, 11/1h") == SMS
    assert read("OFF") == ()
    assert read("2/90s") == (Limit(2, timedelta(seconds=90)),)


@pytest.mark.parametrize("text", ["", "5", "0/15m", "5/15", "5/15d", "5/25h", "-1/15m", "5/15m;3/1h", "none"])
def test_what_is_no_limit_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no limit"):
        read(text)
