"""How the burden is shared: nights where the person lives, hours that really passed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from incident.errors import why
from incident.record.fairness import Burden, burdens
from incident.roster import Shift

BERLIN, BEIJING = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Shanghai")
HOUR = timedelta(hours=1)
FROM, TO = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)


def shift(person: str, start: datetime, end: datetime) -> Shift:
    return Shift(person, start.astimezone(UTC), end.astimezone(UTC), why("roster.rotation"))


def at(zone: ZoneInfo, *when: int) -> datetime:
    return datetime(*when, tzinfo=zone)  # type: ignore[arg-type, misc]


def one(person_zone: ZoneInfo, *shifts: Shift, start: datetime = FROM, end: datetime = TO) -> Burden:
    (found,) = burdens(shifts, {"anna": person_zone}, start, end)
    return found


def test_a_quiet_night_has_nine_hours() -> None:
    found = one(BERLIN, shift("anna", at(BERLIN, 2026, 6, 3, 18), at(BERLIN, 2026, 6, 4, 9)))
    assert (found.duty, found.nights, found.night, found.weekend) == (15 * HOUR, 1, 9 * HOUR, 0 * HOUR)


def test_the_night_in_spring_is_eight_hours_and_the_night_in_autumn_ten() -> None:
    spring = one(BERLIN, shift("anna", at(BERLIN, 2026, 3, 28, 22), at(BERLIN, 2026, 3, 29, 7)))
    autumn = one(BERLIN, shift("anna", at(BERLIN, 2026, 10, 24, 22), at(BERLIN, 2026, 10, 25, 7)))
    assert (spring.duty, spring.night, spring.nights) == (8 * HOUR, 8 * HOUR, 1)
    assert (autumn.duty, autumn.night, autumn.nights) == (10 * HOUR, 10 * HOUR, 1)


def test_a_weekend_with_a_clock_change_has_its_real_hours() -> None:
    found = one(BERLIN, shift("anna", at(BERLIN, 2026, 10, 23), at(BERLIN, 2026, 10, 27)))
    assert found.weekend == 49 * HOUR


def test_the_night_is_where_the_person_lives_and_not_where_the_roster_is() -> None:
    """From ten at night to seven in Beijing it is 16:00 to 01:00 in Berlin."""
    duty = shift("anna", at(BEIJING, 2026, 6, 3, 22), at(BEIJING, 2026, 6, 4, 7))
    assert one(BEIJING, duty).night == 9 * HOUR
    assert one(BERLIN, duty).night == 3 * HOUR


def test_two_rosters_at_once_count_once() -> None:
    morning = shift("anna", at(BERLIN, 2026, 6, 3, 8), at(BERLIN, 2026, 6, 3, 16))
    beside = shift("anna", at(BERLIN, 2026, 6, 3, 12), at(BERLIN, 2026, 6, 3, 20))
    assert one(BERLIN, morning, beside).duty == 12 * HOUR


def test_a_shift_counts_as_far_as_it_lies_in_the_period() -> None:
    month = at(BERLIN, 2026, 6, 1), at(BERLIN, 2026, 7, 1)
    found = one(
        BERLIN, shift("anna", at(BERLIN, 2026, 5, 31, 20), at(BERLIN, 2026, 6, 1, 8)), start=month[0], end=month[1]
    )
    assert (found.duty, found.nights, found.night) == (8 * HOUR, 1, 7 * HOUR)


def test_who_carries_nothing_is_seen_and_the_heaviest_comes_first() -> None:
    found = burdens(
        [shift("ben", at(BERLIN, 2026, 6, 3, 8), at(BERLIN, 2026, 6, 3, 16))],
        {"anna": BERLIN, "ben": BERLIN},
        FROM,
        TO,
    )
    assert [(burden.person, burden.duty) for burden in found] == [("ben", 8 * HOUR), ("anna", 0 * HOUR)]


@given(
    st.lists(st.tuples(st.integers(0, 365 * 24), st.integers(1, 400)), max_size=8),
    st.sampled_from(["Europe/Berlin", "Australia/Lord_Howe", "Africa/Cairo", "America/Santiago", "Asia/Shanghai"]),
)
@settings(max_examples=60, deadline=None)
def test_counted_hour_by_hour_it_is_the_same(spans: list[tuple[int, int]], name: str) -> None:
    """The oracle looks at the clock on the wall every half hour; no change is shorter than that."""
    zone = ZoneInfo(name)
    shifts = [shift("anna", FROM + n * HOUR, FROM + (n + m) * HOUR) for n, m in spans]
    found = one(zone, *shifts)
    half = timedelta(minutes=30)
    steps = {s.start + n * half for s in shifts for n in range(int((min(s.end, TO) - s.start) / half)) if s.start < TO}
    local = [step.astimezone(zone) for step in steps]
    assert found.duty == len(steps) * half
    assert found.night == sum(one.hour >= 22 or one.hour < 7 for one in local) * half
    assert found.weekend == sum(one.weekday() >= 5 for one in local) * half
