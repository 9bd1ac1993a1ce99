"""Working days, in China and elsewhere."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from incident.calendars import ROUND_THE_CLOCK, Calendar, CalendarKind
from incident.errors import why

CHINA = Calendar(kind=CalendarKind.BUSINESS, country="CN", tz="Asia/Shanghai")
GERMANY = Calendar(kind=CalendarKind.BUSINESS, country="DE", tz="Europe/Berlin", closes=time(17))


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 1, 1), False),
        (date(2026, 1, 2), False),
        (date(2026, 1, 4), True),  # Sunday, worked for 2 January
        (date(2026, 2, 14), True),  # Saturday, worked for Spring Festival
        (date(2026, 2, 17), False),
        (date(2026, 9, 20), True),  # Sunday, worked for National Day
        (date(2026, 10, 1), False),
        (date(2026, 10, 7), False),
        (date(2026, 10, 8), True),
        (date(2026, 10, 10), True),  # Saturday, worked for National Day
        (date(2026, 11, 21), False),
        (date(2026, 11, 23), True),
        (date(2025, 10, 11), True),  # Saturday, worked for the year before
    ],
)
def test_china_works_on_compensation_days_and_rests_on_holidays(day: date, works: bool) -> None:
    assert CHINA.is_working_day(day) is works


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("calendar", "start", "count", "due"),
    [
        (CHINA, "2026-11-23T01:00", 1, "2026-11-24T10:00"),  # Monday 09:00 -> Tuesday 18:00
        (CHINA, "2026-11-23T15:59", 1, "2026-11-24T10:00"),  # Monday 23:59
        (CHINA, "2026-11-23T16:00", 1, "2026-11-25T10:00"),  # already Tuesday there
        (CHINA, "2026-11-20T02:00", 1, "2026-11-23T10:00"),  # over the weekend
        (CHINA, "2026-09-30T02:00", 3, "2026-10-10T10:00"),  # Golden Week, ends on a worked Saturday
        (CHINA, "2026-02-13T02:00", 2, "2026-02-24T10:00"),  # 14th worked, then Spring Festival
        (GERMANY, "2026-03-27T12:00", 1, "2026-03-30T15:00"),  # summer time begins on the 29th
        (GERMANY, "2026-10-23T12:00", 1, "2026-10-26T16:00"),  # and ends on the 25th
        (GERMANY, "2026-12-23T12:00", 2, "2026-12-28T16:00"),  # 24th worked, 25th and 26th not
        (ROUND_THE_CLOCK, "2026-10-01T02:30", 3, "2026-10-04T02:30"),
    ],
)
def test_a_working_day_ends_with_its_hours(calendar: Calendar, start: str, count: int, due: str) -> None:
    found = calendar.add_workdays(utc(start), count)
    assert (found.at, found.warning) == (utc(due), None)


def test_a_year_that_is_not_announced_yet_is_answered_with_a_warning() -> None:
    found = CHINA.add_workdays(utc("2099-03-02T02:00"), 3)
    assert found.at == utc("2099-03-05T10:00")
    assert found.warning == why("calendar.unknown_year", country="CN", year=2099)


def test_beyond_everything_the_library_knows_weekends_still_count() -> None:
    found = GERMANY.add_workdays(utc("2200-01-03T12:00"), 1)  # a Friday
    assert found.at == utc("2200-01-06T16:00")
    assert found.warning == why("calendar.unknown_year", country="DE", year=2200)


def test_a_country_nobody_knows_has_weekends_and_a_warning() -> None:
    calendar = Calendar(kind=CalendarKind.BUSINESS, country="XX", tz="UTC")
    assert not calendar.known
    found = calendar.add_workdays(utc("2026-09-30T02:00"), 3)
    assert found.at == utc("2026-10-05T18:00")
    assert found.warning == why("calendar.unknown_country", country="XX")


@given(
    st.integers(0, 700 * 24 * 60).map(lambda minutes: utc("2024-01-01T00:00") + timedelta(minutes=minutes)),
    st.integers(1, 12),
    st.sampled_from([CHINA, GERMANY, ROUND_THE_CLOCK]),
)
def test_one_more_working_day_is_later_and_a_later_start_never_earlier(
    start: datetime, count: int, calendar: Calendar
) -> None:
    due = calendar.add_workdays(start, count).at
    assert start < due < calendar.add_workdays(start, count + 1).at
    assert due <= calendar.add_workdays(start + timedelta(hours=7), count).at


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "business"},
        {"kind": "business", "country": "CN", "tz": "Asia/Peking"},
        {"kind": "business", "country": "CN", "opens": "18:00", "closes": "09:00"},
        {"kind": "lunar"},
    ],
)
def test_a_calendar_that_makes_no_sense_is_refused(fields: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Calendar.model_validate(fields)


def test_less_than_one_working_day_is_no_deadline() -> None:
    with pytest.raises(ValueError, match="at least one"):
        CHINA.add_workdays(utc("2026-11-23T01:00"), 0)
