"""Laws of the roster, against an oracle that walks the clock on the wall."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from incident.roster import Override, Roster, Weekday, duty, shifts
from incident.text import Text
from tests.roster.oracle import STEP, handovers, on_duty

# Each has a clock change in the days below: by an hour, by half an hour, at midnight, and none for comparison.
ZONES = [
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/Santiago",
    "Africa/Cairo",
    "Asia/Shanghai",
    "Pacific/Chatham",
]
CHANGES = [date(2026, 3, 8), date(2026, 3, 29), date(2026, 4, 5), date(2026, 9, 6), date(2026, 10, 4)]
CHANGES += [date(2026, 10, 25), date(2026, 10, 29), date(2026, 11, 1), date(2026, 4, 24)]
PEOPLE = ("li", "chen", "brandt", "wang")


@st.composite
def rosters(draw: st.DrawFn) -> tuple[Roster, datetime]:
    """A roster that hands over near a clock change, and the midnight of that change."""
    change = draw(st.sampled_from(CHANGES))
    weekday = draw(st.none() | st.sampled_from(list(Weekday)))
    middle = datetime.combine(change, time(), UTC)
    quarters = st.integers(-6 * 96, 6 * 96)
    overrides = tuple(
        Override(
            start=middle + draw(quarters) * STEP,
            end=middle + (600 + draw(st.integers(0, 600))) * STEP,
            person=draw(st.sampled_from(PEOPLE)),
            reason="ill",
        )
        for _ in range(draw(st.integers(0, 3)))
    )
    roster = Roster(
        id="field",
        name=Text(en="Field", zh="现场"),
        unit="field",
        timezone=draw(st.sampled_from(ZONES)),
        rotation=tuple(draw(st.lists(st.sampled_from(PEOPLE), max_size=4))),
        start=change - timedelta(days=draw(st.integers(0, 20))),
        handover=time(draw(st.integers(0, 23)), draw(st.sampled_from([0, 15, 30, 45]))),
        handover_weekday=weekday,
        period_days=draw(st.sampled_from([7, 14] if weekday else [1, 2, 7])),
        overrides=overrides,
    )
    return roster, middle


@given(rosters(), st.lists(st.integers(-8 * 96, 8 * 96), min_size=1, max_size=12))
@settings(max_examples=150, deadline=None)
def test_the_same_person_is_on_duty_as_by_the_clock_on_the_wall(
    made: tuple[Roster, datetime], quarters: list[int]
) -> None:
    roster, middle = made
    changes = handovers(roster, middle + timedelta(days=9))
    for at in (middle + n * STEP for n in quarters):
        found = duty(roster, at).primary
        assert (found.person if found else None) == on_duty(roster, at, changes)


@given(rosters())
@settings(max_examples=100, deadline=None)
def test_a_handover_falls_on_its_instant_to_the_microsecond(made: tuple[Roster, datetime]) -> None:
    roster, middle = made
    changes = handovers(roster, middle + timedelta(days=9))
    for at in changes:
        for instant in (at - timedelta(microseconds=1), at):
            found = duty(roster, instant).primary
            assert (found.person if found else None) == on_duty(roster, instant, changes)


@given(rosters())
@settings(max_examples=100, deadline=None)
def test_shifts_neither_overlap_nor_leave_a_gap_that_somebody_should_fill(made: tuple[Roster, datetime]) -> None:
    roster, middle = made
    start, end = middle - timedelta(days=9), middle + timedelta(days=9)
    found = shifts(roster, start, end)
    assert all(shift.start < shift.end for shift in found)
    changes = handovers(roster, end)
    for before, after in pairwise(found):
        assert before.end <= after.start
        if before.end < after.start:
            assert on_duty(roster, before.end, changes) is None
            assert on_duty(roster, after.start - STEP, changes) is None
    if not found:
        assert on_duty(roster, middle, changes) is None
    for shift in found:
        assert on_duty(roster, shift.start, changes) == shift.person
        assert on_duty(roster, shift.end - timedelta(microseconds=1), changes) == shift.person


@given(rosters(), st.integers(-8 * 96, 8 * 96))
@settings(max_examples=150, deadline=None)
def test_what_duty_says_holds_until_it_says(made: tuple[Roster, datetime], quarter: int) -> None:
    roster, middle = made
    at = middle + quarter * STEP
    now = duty(roster, at)
    later = now.until - timedelta(microseconds=1) if now.until else at + timedelta(days=400)
    assert now.until is None or at < now.until
    assert duty(roster, later) == now
    if now.primary:
        assert now.primary in shifts(roster, at, at + STEP)
        assert now.all[0] == now.primary.person
    if now.secondary:
        assert now.primary is not None
        assert now.secondary.person != now.primary.person
        assert now.all[1] == now.secondary.person
        assert now.secondary.start <= at < now.secondary.end
    assert set(now.all) == {*roster.people, *([now.primary.person] if now.primary else [])}
    assert len(set(now.all)) == len(now.all)


@given(rosters(), st.integers(-8 * 96, 8 * 96))
@settings(max_examples=60, deadline=None)
def test_an_override_moves_no_shift_but_those_it_touches(made: tuple[Roster, datetime], quarter: int) -> None:
    roster, middle = made
    at = middle + quarter * STEP
    bare = Roster(**{**dict(roster), "overrides": ()})
    if not any(one.start <= at < one.end for one in roster.overrides):
        with_it, without = duty(roster, at).primary, duty(bare, at).primary
        assert (with_it and with_it.person) == (without and without.person)
        if with_it and without:
            assert without.start <= with_it.start < with_it.end <= without.end
