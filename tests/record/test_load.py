"""The alarm load of a day: slots, levels beside what is wanted, whom it rang, at night, and in which shift."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from incident.errors import why
from incident.levels import Level
from incident.record.load import Ring, day_of, of_people, of_shifts, shares, slots
from incident.roster import Shift

NOON = datetime(2026, 11, 23, 12, 4, 30, tzinfo=UTC)
SINCE, UNTIL = day_of(NOON)


def test_a_day_is_whole_slots_with_the_running_one_at_its_end() -> None:
    assert datetime(2026, 11, 23, 12, 10, tzinfo=UTC) == UNTIL
    day = slots([(0, Level.LOW, 3), (143, Level.HIGH, 1), (143, Level.LOW, 2), (144, Level.LOW, 9)], SINCE)
    assert len(day) == 144
    assert day[0].at == SINCE
    assert (day[0].total, day[1].total, day[143].total) == (3, 0, 3)


def test_levels_stand_beside_what_is_wanted_the_gravest_first() -> None:
    day = slots([(3, Level.CRITICAL, 1), (4, Level.LOW, 3)], SINCE)
    found = shares(day)
    assert [(one.level, one.count, one.percent, one.wanted) for one in found] == [
        (Level.CRITICAL, 1, 25.0, 1),
        (Level.HIGH, 0, 0.0, 4),
        (Level.MEDIUM, 0, 0.0, 15),
        (Level.LOW, 3, 75.0, 80),
    ]
    assert {one.percent for one in shares(slots([], SINCE))} == {None}


def test_a_night_is_where_the_person_lives() -> None:
    at = datetime(2026, 11, 22, 22, 30, tzinfo=UTC)
    rings = [Ring("li", "sms", at), Ring("anna", "sms", at), Ring("anna", "voice", at + timedelta(hours=8))]
    zones = {"li": ZoneInfo("Asia/Shanghai"), "anna": ZoneInfo("Europe/Berlin")}
    anna, li = of_people(rings, zones)
    assert (anna.person, anna.messages, anna.calls, anna.night, anna.most) == ("anna", 2, 1, 1, 2)
    assert (li.person, li.night) == ("li", 1), "it is 06:30 in Shanghai"


def test_the_most_in_twelve_hours_and_what_stood_in_bundles() -> None:
    times = [SINCE + timedelta(hours=h) for h in (0, 6, 11, 12, 23)]
    (one,) = of_people([Ring("li", "sms", at, carried=2) for at in times], {})
    assert (one.messages, one.most, one.bundled) == (5, 3, 10)


def test_pages_count_to_the_shift_in_which_they_came() -> None:
    start = SINCE + timedelta(hours=8)
    shifts = [
        ("field", Shift("li", SINCE, start, why("roster.turn"))),
        ("field", Shift("anna", start, UNTIL, why("roster.turn"))),
    ]
    rings = [
        Ring("li", "sms", SINCE + timedelta(hours=1)),
        Ring("li", "sms", start),
        Ring("anna", "sms", start),
        Ring("anna", "sms", start + timedelta(hours=1)),
    ]
    assert [(one.person, one.messages) for one in of_shifts(rings, shifts)] == [("anna", 2), ("li", 1)]
