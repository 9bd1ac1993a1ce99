"""A month as days: their real length, and every piece in its place."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from incident.errors import why
from incident.record.month import Month, days, weeks
from incident.roster import Shift

NOW = datetime(2026, 11, 23, 2, 12, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
HOUR = timedelta(hours=1)


def duty(start: datetime, end: datetime) -> Shift:
    return Shift("anna", start.astimezone(UTC), end.astimezone(UTC), why("roster.rotation"))


@pytest.mark.parametrize("written", ["", "2026-13", "26-11", "2026-11-01", "now", "２０２６-11", "9999-12", "0000-01"])
def test_what_is_no_month_is_the_present_one(written: str) -> None:
    assert Month.read(written, BERLIN, NOW).written == "2026-11"


def test_the_present_month_is_that_of_the_zone() -> None:
    new_year = datetime(2026, 12, 31, 20, tzinfo=UTC)
    assert Month.read("", ZoneInfo("Asia/Shanghai"), new_year).written == "2027-01"


def test_the_months_follow_each_other_over_the_year() -> None:
    december = Month.read("2026-12", BERLIN, NOW)
    assert (december.next.written, december.next.previous) == ("2027-01", december)
    assert december.end == december.next.start


@pytest.mark.parametrize(("written", "day", "hours"), [("2026-03", 29, 23), ("2026-10", 25, 25), ("2026-11", 1, 24)])
def test_a_day_on_which_clocks_change_has_its_real_hours(written: str, day: int, hours: int) -> None:
    month = Month.read(written, BERLIN, NOW)
    found = days(month, [duty(month.start, month.end)], [])
    assert found[day - 1].length == hours * HOUR
    assert sum((one.length for one in found), timedelta()) == month.end - month.start
    assert [one.date.day for one in found if one.odd] == ([] if hours == 24 else [day])


def test_half_an_hour_on_lord_howe() -> None:
    month = Month.read("2026-04", ZoneInfo("Australia/Lord_Howe"), NOW)
    assert [one.length / HOUR for one in days(month, [], []) if one.odd] == [24.5]


def test_pieces_are_cut_to_their_days_and_lie_where_they_are() -> None:
    month = Month.read("2026-10", BERLIN, NOW)
    start, end = datetime(2026, 10, 24, 12, tzinfo=BERLIN), datetime(2026, 10, 25, 12, tzinfo=BERLIN)
    found = days(month, [duty(start, end)], [(end.astimezone(UTC), (end + 6 * HOUR).astimezone(UTC))])
    saturday, sunday = found[23], found[24]
    assert [saturday.share(piece) for piece in saturday.pieces] == [(0.5, 0.5)]
    assert [(piece.shift is None, piece.length) for piece in sunday.pieces] == [(False, 13 * HOUR), (True, 6 * HOUR)]
    assert sum(len(day.pieces) for day in found) == 3


def test_who_goes_on_into_the_next_shift_stands_once_in_the_day() -> None:
    month = Month.read("2026-11", BERLIN, NOW)
    start = datetime(2026, 11, 2, tzinfo=BERLIN)
    shifts = [duty(start + 12 * n * HOUR, start + 12 * (n + 1) * HOUR) for n in range(3)]
    monday, tuesday = days(month, shifts, [(shifts[-1].end, shifts[-1].end + 2 * HOUR)])[1:3]
    assert (len(monday.pieces), [piece.length for piece in monday.stretches]) == (2, [24 * HOUR])
    assert [(piece.shift is None, piece.length) for piece in tuesday.stretches] == [
        (False, 12 * HOUR),
        (True, 2 * HOUR),
    ]


def test_weeks_begin_on_monday_and_leave_other_months_out() -> None:
    rows = weeks(days(Month.read("2026-11", BERLIN, NOW), [], []))
    assert [len(row) for row in rows] == [7] * 6
    assert rows[0][:6] == (None,) * 6
    assert rows[0][6] is not None
    assert rows[0][6].date == date(2026, 11, 1)
    assert all(day is None or day.date.weekday() == place for row in rows for place, day in enumerate(row))
