"""Laws of the roster, against an oracle that walks the clock on the wall."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incident.roster import Layer, TimeOff, duty, gaps, shifts
from tests.roster.drawn import rosters, time_off
from tests.roster.oracle import STEP, Oracle, handovers

pytestmark = pytest.mark.long

TICK = timedelta(microseconds=1)
DAYS = timedelta(days=8)
quarters = st.integers(-7 * 96, 7 * 96)


@given(rosters(), st.data(), st.lists(quarters, min_size=1, max_size=12))
@settings(max_examples=100, deadline=None)
def test_the_same_person_is_on_duty_as_by_the_clock_on_the_wall(made, data, when) -> None:  # type: ignore[no-untyped-def]
    roster, middle = made
    absent = data.draw(time_off(middle))
    asked = Oracle(roster, middle + DAYS, absent)
    for at in (middle + n * STEP for n in when):
        found = duty(roster, at, absent).primary
        assert (found.person if found else None) == asked(at)


@given(rosters())
@settings(max_examples=40, deadline=None)
def test_a_handover_falls_on_its_instant_to_the_microsecond(made) -> None:  # type: ignore[no-untyped-def]
    roster, middle = made
    asked = Oracle(roster, middle + DAYS, {})
    for layer in roster.layers:
        for at in handovers(roster, layer, middle + DAYS)[:-1][-5:]:  # the last is beyond what the oracle knows
            for instant in (at - TICK, at):
                found = duty(roster, instant).primary
                assert (found.person if found else None) == asked(instant)


@given(rosters(), st.data())
@settings(max_examples=100, deadline=None)
def test_shifts_and_gaps_fill_the_time_without_overlap(made, data) -> None:  # type: ignore[no-untyped-def]
    roster, middle = made
    absent = data.draw(time_off(middle))
    start, end = middle - timedelta(days=3), middle + timedelta(days=3)
    asked = Oracle(roster, end + DAYS, absent)
    found, open_ = shifts(roster, start, end, absent), gaps(roster, start, end, absent)
    for shift in found:
        assert shift.start < shift.end
        assert shift.end <= start or shift.start < end
        assert asked(shift.start) == shift.person
        assert asked(shift.end - TICK) == shift.person
    for gap in open_:
        assert asked(gap.start) is None
        assert asked(gap.end - TICK) is None
    times = [(max(one.start, start), min(one.end, end)) for one in (*found, *open_)]
    times.sort()
    assert times[0][0] == start
    assert times[-1][1] == end
    assert all(before[1] == after[0] for before, after in pairwise(times))
    assert all(before.end < after.start for before, after in pairwise(open_))


@given(rosters(), st.data())
@settings(max_examples=60, deadline=None)
def test_a_shift_is_the_same_among_others_and_asked_for_alone(made, data) -> None:  # type: ignore[no-untyped-def]
    roster, middle = made
    absent = data.draw(time_off(middle))
    for shift in shifts(roster, middle - timedelta(days=2), middle + timedelta(days=2), absent):
        assert shifts(roster, shift.start, shift.start + TICK, absent) == (shift,)
        assert shifts(roster, shift.end - TICK, shift.end, absent) == (shift,)


@given(rosters(), st.data(), quarters)
@settings(max_examples=100, deadline=None)
def test_what_duty_says_holds_until_it_says(made, data, quarter: int) -> None:  # type: ignore[no-untyped-def]
    roster, middle = made
    absent = data.draw(time_off(middle))
    at = middle + quarter * STEP
    now = duty(roster, at, absent)
    later = now.until - TICK if now.until else at + timedelta(days=400)
    assert now.until is None or at < now.until
    assert duty(roster, later, absent) == now
    if now.primary:
        assert now.primary in shifts(roster, at, at + STEP, absent)
        assert now.all[0] == now.primary.person
    if now.secondary:
        assert now.primary is not None
        assert now.secondary.person != now.primary.person
        assert now.all[1] == now.secondary.person
        assert now.secondary.start <= at < now.secondary.end
    here = {name for name in roster.people if not any(o.start <= at < o.end for o in absent.get(name, ()))}
    assert set(now.all) == {*here, *([now.primary.person] if now.primary else [])}
    assert len(set(now.all)) == len(now.all)


@given(rosters(exceptions=False), st.lists(st.sampled_from(["new", "other"]), min_size=1, max_size=3))
@settings(max_examples=40, deadline=None)
def test_shifts_do_not_move_when_a_layer_comes_that_has_nothing_to_say_to_them(made, rotation) -> None:  # type: ignore[no-untyped-def]
    roster, middle = made
    below = Layer(id="below", rotation=tuple(rotation), start=date(2015, 1, 1), period_minutes=480)
    later = Layer(id="later", rotation=tuple(rotation), start=date(2030, 1, 1))
    more = roster.model_copy(update={"layers": (below, *roster.layers, later)})
    start, end = middle - DAYS, middle + DAYS

    def own(of) -> list[tuple[object, ...]]:  # type: ignore[no-untyped-def]
        found = shifts(of, start, end)
        return [(one.person, one.start, one.end, one.layer) for one in found if one.layer != "below"]

    assert own(more) == own(roster)
    assert gaps(more, start, end) == ()


@given(rosters(exceptions=False), st.data())
@settings(max_examples=40, deadline=None)
def test_time_off_of_others_changes_nothing_while_they_are_not_on_duty(made, data) -> None:  # type: ignore[no-untyped-def]
    roster, middle = made
    start, end = middle - DAYS, middle + DAYS
    before = shifts(roster, start, end)
    holiday = {"somebody-else": (TimeOff(start=start, end=end),)}
    if before:
        shift = data.draw(st.sampled_from(before))
        others = [name for name in roster.people if name != shift.person]
        holiday |= {name: (TimeOff(start=shift.start, end=shift.end),) for name in others}
    assert shifts(roster, start, end, holiday) == before
