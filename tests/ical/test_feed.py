"""The feed says what the calculator says: read back by another library it gives the same shifts."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import recurring_ical_events
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from incident.ical.feed import AHEAD, BACK, MOST_EVENTS, events_of, written
from incident.organisation import Organisation
from incident.roster import Override, Roster, shifts
from incident.text import Text
from incident.words import words_for
from tests.web.place import organisation, person, text

NOW = datetime(2026, 10, 20, 2, 12, tzinfo=UTC)
SAVED = datetime(2026, 10, 1, tzinfo=UTC)
ENGLISH = words_for("en")
PEOPLE = ("alice", "bob", "charlie")


def house(*rosters: Roster, name: str = "Alice") -> Organisation:
    return Organisation.model_validate(
        {
            "units": [{"id": "hq", "name": text("HQ"), "tier": "hq", "timezone": "UTC"}],
            "people": [person(one, "hq", "responder") | ({"name": name} if one == "alice" else {}) for one in PEOPLE],
            "rosters": [roster.model_dump(mode="json") for roster in rosters],
        }
    )


def fetched(made: Organisation, only: str | None = None, now: datetime = NOW) -> bytes:
    events = events_of(made, made.rosters, only, now, ENGLISH)
    return written("On call", "x@incident", events, saved=SAVED, link="https://example.com/on-call")


def read(body: bytes) -> list[tuple[datetime, datetime, str]]:
    found = recurring_ical_events.of(Calendar.from_ical(body)).between(NOW - BACK, NOW + AHEAD)
    return sorted((one.start, one.end, str(one["UID"]).split(".")[1]) for one in found)


@st.composite
def rosters(draw: st.DrawFn) -> Roster:
    """Near the clock changes of Europe (25 October), Lord Howe (4 October) and America (1 November)."""
    quarter = timedelta(minutes=15)
    overrides = tuple(
        Override(
            start=NOW + draw(st.integers(-3000, 8000)) * quarter,
            end=NOW + (8001 + draw(st.integers(0, 900))) * quarter,
            person=draw(st.sampled_from(PEOPLE)),
            reason="ill",
        )
        for _ in range(draw(st.integers(0, 2)))
    )
    layer = {
        "id": "one",
        "rotation": draw(st.lists(st.sampled_from(PEOPLE), max_size=3)),
        "start": date(2026, 9, 1) + timedelta(days=draw(st.integers(0, 60))),
        "handover": time(draw(st.integers(0, 23)), draw(st.sampled_from([0, 30]))),
        "period_days": draw(st.sampled_from([1, 2, 7])),
    }
    zones = ["Europe/Berlin", "Australia/Lord_Howe", "America/New_York", "Asia/Shanghai"]
    return Roster.model_validate(
        {
            "id": "field",
            "name": Text(en="Field", zh="现场"),
            "unit": "hq",
            "timezone": draw(st.sampled_from(zones)),
            "layers": [layer],
            "overrides": overrides,
        }
    )


@given(rosters())
@settings(max_examples=40, deadline=None)
def test_what_a_calendar_reads_is_what_the_calculator_says(roster: Roster) -> None:
    made = house(roster)
    wanted = [(one.start, one.end, one.person) for one in shifts(roster, NOW - BACK, NOW + AHEAD, made.absent)]
    assert read(fetched(made)) == sorted(wanted)
    assert read(fetched(made, "bob")) == sorted(one for one in wanted if one[2] == "bob")


def test_the_same_shift_keeps_its_name_when_its_end_moves_and_as_days_pass() -> None:
    before = organisation()
    document = before.model_dump(mode="json")
    over = {"start": "2026-10-22T00:00:00Z", "end": "2026-10-23T00:00:00Z", "person": "charlie", "reason": "ill"}
    document["rosters"][0]["overrides"] = [over]
    after = Organisation.model_validate(document)

    def uids(made: Organisation, now: datetime) -> set[str]:
        return {str(one["UID"]) for one in Calendar.from_ical(fetched(made, now=now)).events}

    lost = uids(before, NOW) - uids(after, NOW)
    assert lost == set(), "the cut shift goes on under its name, beside two new ones"
    tomorrow = uids(before, NOW + timedelta(days=1))
    assert len(uids(before, NOW) ^ tomorrow) <= 4, "only what comes into the window and what leaves it"
    assert all(len(uid) < 200 and uid.isascii() for uid in tomorrow)


def test_the_same_rosters_give_the_same_bytes() -> None:
    assert fetched(organisation()) == fetched(organisation())


def test_of_too_many_shifts_what_is_over_is_left_out_first() -> None:
    layer = {"id": "half", "rotation": ["alice", "bob"], "start": "2026-01-01", "period_minutes": 30, "period_days": 7}
    document = organisation().model_dump(mode="json")
    document["rosters"] = [document["rosters"][0] | {"layers": [layer]}]
    made = Organisation.model_validate(document)
    found = events_of(made, made.rosters, None, NOW, ENGLISH)
    assert len(found) == MOST_EVENTS
    assert found[0].start <= NOW < found[0].end


def test_a_hostile_name_writes_no_line_of_its_own() -> None:
    roster = organisation().rosters[1].model_copy(update={"unit": "hq", "layers": organisation().rosters[0].layers})
    name = "A,;\\lice\r\nEND:VEVENT\r\nBEGIN:VALARM\nX: " + "长" * 60
    calendar = Calendar.from_ical(fetched(house(roster, name=name)))
    assert {part.name for part in calendar.walk()} == {"VCALENDAR", "VEVENT"}
    assert any("A,;\\lice" in str(event["SUMMARY"]) for event in calendar.events)


def test_every_line_is_as_long_as_the_standard_allows_and_the_file_says_when_to_come_again() -> None:
    body = fetched(organisation())
    assert all(len(line) <= 75 for line in body.split(b"\r\n"))
    assert b"REFRESH-INTERVAL;VALUE=DURATION:PT1H" in body
    assert b"DTSTART:2026" in body
    assert b"TRANSP:TRANSPARENT" in body
    assert b"VTIMEZONE" not in body, "all times are UTC"
