"""Somebody else's calendar: what it says is taken, what is odd is refused by name, what is dear is never worked out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from incident.errors import BadInput
from incident.ical import reading
from incident.ical.people import Matched, match
from incident.ical.reading import Reading, read_calendar
from incident.organisation import Organisation
from tests.web.place import organisation

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 10, 20, tzinfo=UTC)
END = NOW + timedelta(days=366)


def calendar(*events: str, head: str = "") -> bytes:
    parts = "".join(f"BEGIN:VEVENT\nUID:{n}\n{event.strip()}\nEND:VEVENT\n" for n, event in enumerate(events, 1))
    return f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\n{head}{parts}END:VCALENDAR\n".replace("\n", "\r\n").encode()


def take(*events: str, head: str = "") -> Reading:
    return read_calendar(calendar(*events, head=head), "duty.ics", BERLIN, NOW, END)


def matched(*events: str, made: Organisation | None = None) -> Matched:
    return match(take(*events), (made or organisation()).people)


def utc(*when: int) -> datetime:
    return datetime(*when, tzinfo=UTC)  # type: ignore[arg-type, misc]


def reasons(found: Reading | Matched) -> list[tuple[int, str]]:
    return [(one.number, one.reason.key) for one in found.bad]


def test_a_time_without_a_zone_is_the_rosters_and_a_day_begins_there_at_midnight() -> None:
    floating = "SUMMARY:Alice\nDTSTART:20261101T090000\nDTEND:20261101T170000"
    whole_day = "SUMMARY:Bob\nDTSTART;VALUE=DATE:20261025\nDTEND;VALUE=DATE:20261026"
    found = take(floating, whole_day).found
    assert [(one.title, one.start, one.end) for one in found] == [
        ("Bob", utc(2026, 10, 24, 22), utc(2026, 10, 25, 23)),  # 25 hours: the clocks change
        ("Alice", utc(2026, 11, 1, 8), utc(2026, 11, 1, 16)),
    ]


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "China Standard Time"])
def test_a_zone_is_known_by_its_iana_or_windows_name(zone: str) -> None:
    (found,) = take(f"SUMMARY:Alice\nDTSTART;TZID={zone}:20261101T090000\nDURATION:PT8H").found
    assert (found.start, found.end) == (utc(2026, 11, 1, 1), utc(2026, 11, 1, 9))


def test_a_zone_that_only_the_file_knows_is_refused_and_its_definition_never_worked_out() -> None:
    """A VTIMEZONE may hold any rule, one for each second among them."""
    own = (
        "BEGIN:VTIMEZONE\nTZID:Office\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+0000\n"
        "TZOFFSETTO:+0100\nRRULE:FREQ=SECONDLY\nEND:STANDARD\nEND:VTIMEZONE\n"
    )
    found = take("SUMMARY:Alice\nDTSTART;TZID=Office:20261101T090000\nDURATION:PT8H", head=own)
    assert reasons(found) == [(1, "ical.unknown_zone")]


def test_a_weekly_shift_keeps_its_local_hour_over_the_clock_change() -> None:
    rule = "RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=4\nEXDATE;TZID=Europe/Berlin:20261102T090000"
    found = take(f"SUMMARY:Alice\nDTSTART;TZID=Europe/Berlin:20261019T090000\nDURATION:PT8H\n{rule}").found
    assert [one.start for one in found] == [utc(2026, 10, 26, 8), utc(2026, 11, 9, 8)]


def test_a_changed_one_of_a_series_is_where_it_was_moved_and_a_cancelled_one_is_gone() -> None:
    series = (
        "BEGIN:VEVENT\nUID:s\nSUMMARY:Alice\nDTSTART:20261102T080000Z\nDURATION:PT8H\nRRULE:FREQ=DAILY;COUNT=3\n"
        "END:VEVENT\n"
    )
    moved = (
        "BEGIN:VEVENT\nUID:s\nSUMMARY:Bob\nRECURRENCE-ID:20261103T080000Z\nDTSTART:20261103T200000Z\n"
        "DURATION:PT8H\nEND:VEVENT\n"
    )
    gone = (
        "BEGIN:VEVENT\nUID:s\nSUMMARY:Alice\nSTATUS:CANCELLED\nRECURRENCE-ID:20261104T080000Z\n"
        "DTSTART:20261104T080000Z\nDURATION:PT8H\nEND:VEVENT\n"
    )
    found = take(head=series + moved + gone).found
    assert [(one.title, one.start) for one in found] == [
        ("Alice", utc(2026, 11, 2, 8)),
        ("Bob", utc(2026, 11, 3, 20)),
    ]


def test_what_is_over_and_what_is_cancelled_is_left_out() -> None:
    past = "SUMMARY:Alice\nDTSTART:20260101T090000Z\nDURATION:PT8H"
    off = "SUMMARY:Alice\nSTATUS:CANCELLED\nDTSTART:20261101T090000Z\nDURATION:PT8H"
    assert take(past, off) == Reading((), ())


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        ("SUMMARY:No start", "ical.no_start"),
        ("DTSTART:gibberish\nDURATION:PT8H", "ical.unreadable"),
        ("DTSTART:20261101T090000Z\nDTEND:20261101T080000Z", "ical.backwards"),
        ("DTSTART:20261101T090000Z\nDTEND:20261101T090000Z", "ical.backwards"),
        ("DTSTART:20261101T090000Z\nDURATION:P500D", "ical.unreadable"),
        ("DTSTART:20261101T090000Z\nDTEND:nonsense", "ical.unreadable"),
        ("DTSTART:20261101T090000Z\nDURATION:PT8H\nRRULE:FREQ=SECONDLY", "ical.odd_rule"),
        ("DTSTART:20261101T090000Z\nDURATION:PT1H\nRRULE:FREQ=HOURLY", "ical.odd_rule"),
        ("DTSTART:20261101T090000Z\nDURATION:PT8H\nRRULE:FREQ=DAILY;BYHOUR=1,2;BYSECOND=3", "ical.odd_rule"),
        ("DTSTART:20261101T090000Z\nDURATION:PT8H\nRRULE:FREQ=MONTHLY;BYDAY=6MO", "ical.odd_rule"),
        ("DTSTART:20261101T090000Z\nDURATION:PT8H\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "ical.odd_rule"),
        ("DTSTART:20261101T090000Z\nDURATION:PT8H\nRRULE:FREQ=DAILY;INTERVAL=7;BYDAY=TU", "ical.odd_rule"),
        ("DTSTART:19700101T090000Z\nDURATION:PT8H\nRRULE:FREQ=DAILY", "ical.too_old"),
    ],
)
def test_an_event_that_cannot_be_used_is_named_with_its_reason(event: str, reason: str) -> None:
    good = "SUMMARY:Alice\nDTSTART:20261101T090000Z\nDURATION:PT8H"
    found = take(good, event)
    assert reasons(found) == [(2, reason)]
    assert [one.number for one in found.found] == [1]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"BEGIN:VCALENDAR\r\n",
        b"BEGIN:VEVENT\r\nEND:VEVENT\r\n",
        b"\x00\xff\xfe",
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nEND:VCALENDAR\r\n",
        b"/etc/passwd",
    ],
)
def test_what_is_no_calendar_is_refused_as_a_whole(data: bytes) -> None:
    with pytest.raises(BadInput) as bad:
        read_calendar(data, "duty.ics", BERLIN, NOW, END)
    assert [(fault.pointer, fault.reason.key) for fault in bad.value.faults] == [("duty.ics", "ical.no_calendar")]


def test_a_file_that_is_too_much_is_refused_before_it_is_worked_out(monkeypatch: pytest.MonkeyPatch) -> None:
    daily = "SUMMARY:Alice\nDTSTART:20261101T090000Z\nDURATION:PT8H\nRRULE:FREQ=DAILY"

    def reason(data: bytes) -> str:
        with pytest.raises(BadInput) as bad:
            read_calendar(data, "duty.ics", BERLIN, NOW, END)
        return bad.value.faults[0].reason.key

    assert reason(calendar(daily, daily, daily)) == "ical.too_many_found"
    assert reason(b" " * (reading.MOST_BYTES + 1)) == "ical.too_large"
    monkeypatch.setattr(reading, "MOST_REPEATING", 1)
    assert reason(calendar(daily, daily)) == "ical.too_many_repeating"
    monkeypatch.setattr(reading, "MOST_EVENTS", 1)
    assert reason(calendar(daily, daily)) == "ical.too_many"


@given(st.binary(max_size=400), st.integers(0, 400), st.integers(0, 400))
@settings(max_examples=150, deadline=None)
@example(b"", 89, 120)  # DTSTART:PT8H
def test_a_broken_file_is_refused_and_never_an_error(junk: bytes, start: int, end: int) -> None:
    whole = calendar(
        "SUMMARY:Alice\nDTSTART;TZID=Europe/Berlin:20261019T090000\nDURATION:PT8H\nRRULE:FREQ=WEEKLY;COUNT=4"
    )
    try:
        found = read_calendar(whole[:start] + junk + whole[end:], "duty.ics", BERLIN, NOW, END)
    except BadInput:
        return
    assert all(one.start < one.end for one in found.found)


WHEN = "DTSTART:20261101T090000Z\nDURATION:PT8H"


@pytest.mark.parametrize(
    "event",
    [
        f"SUMMARY:On call\nATTENDEE;CN=A:mailto:ALICE@example.com\n{WHEN}",
        f"SUMMARY:On call\nATTENDEE:mailto:room@example.com\nATTENDEE:mailto:alice@example.com\n{WHEN}",
        f"SUMMARY:alice\n{WHEN}",
        f"SUMMARY:ALICE\n{WHEN}",
        f"SUMMARY:On call: Alice (field)\n{WHEN}",
        f"SUMMARY:Pager alice@example.com\n{WHEN}",
        f"SUMMARY:alice\nATTENDEE:mailto:alice@example.com\nATTENDEE:mailto:bob@example.com\n{WHEN}",
    ],
)
def test_a_person_is_known_by_e_mail_id_or_name(event: str) -> None:
    found = matched(event)
    assert [one.person for one in found.found] == ["alice"]
    assert found.bad == ()


def test_a_chinese_name_needs_no_spaces_around_it() -> None:
    document = organisation().model_dump(mode="json")
    document["people"][0]["name"] = "李伟"
    made = Organisation.model_validate(document)
    assert [one.person for one in matched(f"SUMMARY:值班李伟（现场）\n{WHEN}", made=made).found] == ["alice"]


def test_who_is_named_by_nobody_or_twice_is_refused_by_event() -> None:
    found = matched(f"SUMMARY:Malice\n{WHEN}", f"SUMMARY:Alice and Bob\n{WHEN}", f"SUMMARY:Bob\n{WHEN}")
    assert reasons(found) == [(1, "ical.nobody"), (2, "ical.several")]
    assert [one.person for one in found.found] == ["bob"]


def test_a_whole_calendar_may_be_one_persons() -> None:
    alice = organisation().people[0]
    found = match(take(f"SUMMARY:Holiday\n{WHEN}"), organisation().people, alice)
    assert [(one.person, one.note) for one in found.found] == [("alice", "Holiday")]
