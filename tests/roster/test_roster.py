"""Beijing and Berlin hand over: by example."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from itertools import pairwise

import pytest
from pydantic import ValidationError

from incident.errors import why
from incident.roster import Absent, Override, Roster, Weekday, calculate, coming, duty, shifts
from incident.roster.standing import Standing, standing
from incident.text import Text
from incident.words import LOCALES, words_for


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def roster(**fields: object) -> Roster:
    """Berlin's week: Li, Chen, Wang; Monday at nine."""
    base: dict[str, object] = {
        "id": "berlin",
        "name": Text(en="Berlin", zh="柏林"),
        "unit": "berlin",
        "timezone": "Europe/Berlin",
        "rotation": ("li", "chen", "wang"),
        "start": date(2026, 10, 5),
        "handover_weekday": Weekday.MONDAY,
    }
    return Roster.model_validate({**base, **fields})


def primary(of: Roster, at: str) -> str | None:
    found = duty(of, utc(at)).primary
    return found.person if found else None


def stand_in(start: str, end: str, person: str, reason: str = "ill") -> Override:
    return Override(start=utc(start), end=utc(end), person=person, reason=reason)


@pytest.mark.parametrize(
    ("at", "person"),
    [
        ("2026-10-05T06:59:59", None),
        ("2026-10-05T07:00:00", "li"),
        ("2026-10-12T06:59:59", "li"),
        ("2026-10-12T07:00:00", "chen"),
        ("2026-10-26T07:59:59", "wang"),  # winter time since the night before: nine is 08:00 UTC now
        ("2026-10-26T08:00:00", "li"),
        ("2027-03-29T06:59:59", "li"),
        ("2027-03-29T07:00:00", "chen"),  # and 07:00 again
    ],
)
def test_nine_in_the_morning_stays_nine_when_the_clocks_change(at: str, person: str | None) -> None:
    assert primary(roster(), at) == person


def test_the_week_of_the_clock_change_is_an_hour_longer() -> None:
    week = duty(roster(), utc("2026-10-25T12:00")).primary
    assert week is not None
    assert week.end - week.start == timedelta(hours=169)


@pytest.mark.parametrize(
    ("zone", "night", "handover", "at"),
    [
        ("Europe/Berlin", date(2026, 3, 29), time(2, 30), "2026-03-29T01:30"),  # never shown: as if not yet changed
        ("Europe/Berlin", date(2026, 10, 25), time(2, 30), "2026-10-25T00:30"),  # shown twice: the first
        ("Australia/Lord_Howe", date(2026, 10, 4), time(2, 15), "2026-10-03T15:45"),
        ("Australia/Lord_Howe", date(2026, 4, 5), time(1, 45), "2026-04-04T14:45"),
        ("America/New_York", date(2026, 11, 1), time(1, 30), "2026-11-01T05:30"),
        ("Asia/Kathmandu", date(2026, 11, 1), time(6, 0), "2026-11-01T00:15"),
    ],
)
def test_a_handover_inside_the_change_has_one_instant(zone: str, night: date, handover: time, at: str) -> None:
    daily = roster(timezone=zone, start=night, handover=handover, handover_weekday=None, period_days=1)
    assert duty(daily, utc(at) - timedelta(microseconds=1)).primary is None
    found = duty(daily, utc(at)).primary
    assert found is not None
    assert found.start == utc(at)


def test_a_day_that_a_country_skipped_leaves_no_empty_shift() -> None:
    samoa = roster(
        timezone="Pacific/Apia", start=date(2011, 12, 28), handover=time(10), handover_weekday=None, period_days=1
    )
    found = shifts(samoa, utc("2011-12-29T00:00"), utc("2012-01-02T00:00"))
    assert all(shift.start < shift.end for shift in found)
    assert all(before.end == after.start for before, after in pairwise(found))


def test_a_start_between_two_handovers_makes_a_short_first_shift() -> None:
    found = shifts(roster(start=date(2026, 10, 8)), utc("2026-10-01T00:00"), utc("2026-10-13T00:00"))
    assert [(shift.person, shift.start, shift.end) for shift in found] == [
        ("li", utc("2026-10-08T07:00"), utc("2026-10-12T07:00")),
        ("chen", utc("2026-10-12T07:00"), utc("2026-10-19T07:00")),
    ]


def test_the_secondary_is_the_next_in_the_rotation() -> None:
    now = duty(roster(), utc("2026-10-20T12:00"))
    assert now.primary is not None
    assert now.secondary is not None
    assert (now.primary.person, now.secondary.person, now.all) == ("wang", "li", ("wang", "li", "chen"))
    assert (now.secondary.start, now.secondary.end) == (now.primary.start, now.primary.end)


def test_somebody_stands_in_and_the_one_replaced_is_not_the_fallback() -> None:
    # Chen has the week of the 12th; Li takes Wednesday.
    sick = roster(overrides=(stand_in("2026-10-14T07:00", "2026-10-15T07:00", "li"),))
    now = duty(sick, utc("2026-10-14T12:00"))
    assert now.primary is not None
    assert now.secondary is not None
    assert (now.primary.person, now.secondary.person, now.all) == ("li", "wang", ("li", "wang", "chen"))
    assert [shift.person for shift in shifts(sick, utc("2026-10-12T07:00"), utc("2026-10-19T07:00"))] == [
        "chen",
        "li",
        "chen",
    ]


def test_of_two_people_nobody_is_left_when_one_replaces_the_other() -> None:
    pair = roster(rotation=("li", "chen"), overrides=(stand_in("2026-10-14T07:00", "2026-10-15T07:00", "li"),))
    assert duty(pair, utc("2026-10-14T12:00")).secondary is None


def test_the_later_of_two_overrides_stands() -> None:
    both = roster(
        overrides=(
            stand_in("2026-10-13T00:00", "2026-10-16T00:00", "wang"),
            stand_in("2026-10-14T00:00", "2026-10-15T00:00", "li"),
        )
    )
    found = shifts(both, utc("2026-10-13T00:00"), utc("2026-10-16T00:00"))
    assert [(shift.person, shift.start.day, shift.end.day) for shift in found] == [
        ("wang", 13, 14),
        ("li", 14, 15),
        ("wang", 15, 16),
    ]


def test_an_override_over_a_handover_is_one_shift_with_two_seconds() -> None:
    over = roster(overrides=(stand_in("2026-10-18T00:00", "2026-10-20T00:00", "brandt"),))
    before, after = duty(over, utc("2026-10-18T12:00")), duty(over, utc("2026-10-19T12:00"))
    assert before.primary == after.primary
    assert before.secondary is not None
    assert after.secondary is not None
    assert (before.secondary.person, after.secondary.person) == ("wang", "li")
    assert before.until == utc("2026-10-19T07:00")


def test_an_override_before_the_roster_begins_has_no_second_until_it_does() -> None:
    early = roster(overrides=(stand_in("2026-10-04T00:00", "2026-10-06T00:00", "brandt"),))
    before = duty(early, utc("2026-10-04T12:00"))
    assert (before.secondary, before.until) == (None, utc("2026-10-05T07:00"))
    after = duty(early, utc("2026-10-05T12:00"))
    assert after.secondary is not None
    assert after.secondary.person == "chen"


def test_an_empty_rotation_has_nobody_and_says_when_somebody_comes() -> None:
    empty = roster(rotation=())
    assert duty(empty, utc("2026-10-20T12:00")).primary is None
    assert duty(empty, utc("2026-10-20T12:00")).until is None
    assert shifts(empty, utc("2026-10-01T00:00"), utc("2026-11-01T00:00")) == ()
    guest = roster(rotation=(), overrides=(stand_in("2026-10-21T00:00", "2026-10-22T00:00", "li"),))
    assert duty(guest, utc("2026-10-20T12:00")).until == utc("2026-10-21T00:00")
    assert duty(guest, utc("2026-10-21T12:00")).all == ("li",)


def test_everybody_is_listed_though_nobody_is_on_duty_yet() -> None:
    assert duty(roster(), utc("2026-10-01T00:00")).all == ("li", "chen", "wang")


def test_somebody_who_is_twice_in_the_rotation_is_listed_once() -> None:
    found = roster(rotation=("li", "chen", "li", "wang"))
    assert found.people == ("li", "chen", "wang")
    assert duty(found, utc("2026-10-20T12:00")).all == ("li", "wang", "chen")


def test_an_override_may_be_written_in_any_offset() -> None:
    plus8 = timezone(timedelta(hours=8))
    there = Override(
        start=datetime(2026, 10, 14, 15, tzinfo=plus8),
        end=datetime(2026, 10, 15, 15, tzinfo=plus8),
        person="li",
        reason="ill",
    )
    found = duty(roster(overrides=(there,)), utc("2026-10-14T07:00")).primary
    assert found is not None
    assert (found.person, found.start, found.start.tzinfo) == ("li", utc("2026-10-14T07:00"), UTC)


def test_the_reason_names_roster_and_local_end() -> None:
    now = duty(roster(), utc("2026-10-25T12:00"))
    assert now.primary is not None
    expected = why("roster.rotation", roster="berlin", until="2026-10-26 09:00", zone="Europe/Berlin")
    assert now.primary.reason == expected


def test_a_month_of_short_shifts_looks_once_at_each(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[datetime] = []

    def counted(of: Roster, at: datetime, absent: Absent) -> Standing:
        looks.append(at)
        return standing(of, at, absent)

    monkeypatch.setattr(calculate, "standing", counted)
    half_hours = roster(
        handover_weekday=None, period_minutes=30, overrides=(stand_in("2026-11-05", "2026-11-06", "li"),)
    )
    found = shifts(half_hours, utc("2026-11-01"), utc("2026-12-01"))
    assert len(found) == 29 * 48 + 1
    assert len(looks) <= len(found) + 5

    looks.clear()
    first = next(coming(half_hours, utc("2026-11-01"), utc("2026-12-01")))
    assert (first, len(looks) <= 5) == (found[0], True)


@pytest.mark.parametrize("locale", LOCALES)
def test_every_reason_is_a_sentence(locale: str) -> None:
    sick = roster(overrides=(stand_in("2026-10-14T07:00", "2026-10-15T07:00", "li", "flu"),))
    for at in ("2026-10-13T12:00", "2026-10-14T12:00"):
        now = duty(sick, utc(at))
        assert now.primary is not None
        assert now.secondary is not None
        for shift in (now.primary, now.secondary):
            said = words_for(locale).reason(shift.reason)
            assert "berlin" in said
            assert "{" not in said
    assert "flu" in words_for(locale).reason(duty(sick, utc("2026-10-14T12:00")).primary.reason)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"period_days": 3}, "whole weeks"),
        ({"period_days": 0}, "greater than or equal to 1"),
        ({"timezone": "Europe/Atlantis"}, "no IANA time zone"),
        ({"handover": "09:00+02:00"}, "leave the offset out"),
        (
            {"overrides": [{"start": "2026-10-14T07:00Z", "end": "2026-10-14T07:00Z", "person": "li", "reason": "x"}]},
            "must end after it starts",
        ),
        (
            {"overrides": [{"start": "2026-10-14T07:00", "end": "2026-10-15T07:00Z", "person": "li", "reason": "x"}]},
            "timezone",
        ),
    ],
    ids=["odd-period", "no-period", "no-zone", "offset", "empty-override", "naive-override"],
)
def test_what_cannot_be_a_roster_is_refused(fields: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        roster(**fields)
