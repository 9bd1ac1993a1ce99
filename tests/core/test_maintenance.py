"""Planned maintenance: what falls into it is kept and shown, and pages when the window ends."""

from datetime import UTC, datetime, timedelta

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings
from pydantic import ValidationError

from incident.commands import (
    Absorb,
    Acknowledge,
    Amend,
    PageNow,
    Recover,
    Regrade,
    Reopen,
    Resolve,
    Tick,
    Update,
)
from incident.deadlines import What, deadlines, wake_at
from incident.events import (
    AcknowledgementExpired,
    ClockBreached,
    Notified,
    Paged,
    PagingHeld,
    PagingReleased,
)
from incident.levels import Degree, Kind, Level
from incident.maintenance import About, Window, Windows
from incident.state import Phase
from tests.core.house import START, Story

END = START + timedelta(hours=2)


def window(**fields: object) -> Window:
    """Work on the cloud from an hour before the tests' start until two hours after it."""
    plain: dict[str, object] = {
        "id": "core-switch",
        "name": "Core switch",
        "reason": "new firmware",
        "owner": "dora",
        "timezone": "UTC",
        "start": (START - timedelta(hours=1)).replace(tzinfo=None),
        "end": END.replace(tzinfo=None),
        "products": ["cloud"],
    }
    return Window.model_validate(plain | fields)


def inside(*windows: Window) -> Story:
    story = Story()
    story.windows = Windows(windows=windows or (window(),))
    return story


def held() -> Story:
    """A machine reports a High inside the window."""
    return inside().opened(Level.HIGH, Kind.NETWORK_CUT)


def test_a_report_inside_is_kept_with_its_window_and_pages_nobody():
    story = held().wrote("reported", "graded", "playbook_started", "paging_held")
    assert story.all_of(PagingHeld) == [PagingHeld("core-switch", "Core switch", "new firmware", "dora", END)]
    assert story.incident.held
    assert story.all_of(Paged) == story.all_of(Notified) == []
    assert wake_at(story.incident) == END
    story.later(minutes=119)
    assert story.all_of(ClockBreached) == []
    story.is_in(Phase.ACTIVATED).replays()


def test_when_the_window_ends_it_pages_as_if_it_had_opened_then():
    story = held().later(minutes=120)
    assert [type(e) for e in story.last][:2] == [PagingReleased, Paged]
    assert story.all_of(PagingReleased)[0].because.key == "maintenance.over"
    assert story.all_of(Paged)[0].page == 1
    assert story.incident.clocks["response"].due == END + timedelta(hours=1)
    assert not story.incident.held
    assert story.incident.maintenance is not None
    assert story.incident.maintenance.name == "Core switch"  # it keeps the mark
    story.replays()


def test_ended_early_it_pages_at_the_next_look():
    story = held().later(minutes=30)
    story.windows = Windows(windows=(window(ended_at=story.now),))
    story.does(Tick())
    assert [type(e) for e in story.last][:2] == [PagingReleased, Paged]
    assert story.all_of(PagingReleased)[0].because.key == "maintenance.early"


def test_prolonged_it_is_held_until_the_new_end_and_a_look_in_between_writes_nothing():
    story = held().later(minutes=30).does(Tick()).wrote()
    story.windows = Windows(windows=(window(end=END.replace(tzinfo=None) + timedelta(hours=1)),))
    story.later(minutes=90).wrote("paging_held")
    assert wake_at(story.incident) == END + timedelta(hours=1)
    story.later(minutes=60)
    assert len(story.all_of(Paged)) == 1


def test_replay_reads_the_window_from_the_log_and_not_from_today():
    story = held()
    story.windows = Windows()
    assert story.replays().incident.maintenance == held().incident.maintenance


@pytest.mark.parametrize(
    "report",
    [
        {"level": Level.MEDIUM, "kind": Kind.GAS_LEAK},
        {"level": Level.MEDIUM, "kind": Kind.OTHER, "injury": True},
        {"level": Level.LOW, "kind": Kind.FIRE_OR_SHOCK},
    ],
)
def test_a_critical_by_its_floor_pages_at_once(report: dict[str, object]):
    story = inside().opened(**report)  # type: ignore[arg-type]
    assert story.incident.level is Level.CRITICAL
    assert len(story.all_of(Paged)) == 1
    assert story.incident.maintenance is None


def test_a_critical_that_a_machine_states_is_held_and_one_that_a_person_reports_is_not():
    assert inside().opened(Level.CRITICAL, Kind.OTHER).incident.held
    by_matrix = inside().opened(None, Kind.OTHER, impact=Degree.HIGH, urgency=Degree.HIGH)  # type: ignore[arg-type]
    assert by_matrix.incident.level is Level.CRITICAL
    assert by_matrix.incident.held
    by_hand = inside()
    by_hand.by = "person:dora"
    assert by_hand.opened(Level.CRITICAL, Kind.OTHER).incident.alarm.ringing
    high = inside()
    high.by = "person:dora"
    assert high.opened(Level.HIGH, Kind.OTHER).incident.held


def test_a_drill_is_no_part_of_any_maintenance():
    story = inside()
    story.drill = "d1"
    assert story.opened(Level.HIGH, Kind.OTHER).incident.alarm.ringing


def test_outside_of_the_window_and_of_what_it_is_about_it_pages():
    for other in (window(products=["lift"]), window(end=(START - timedelta(seconds=1)).replace(tzinfo=None))):
        assert inside(other).opened(Level.HIGH, Kind.OTHER).incident.alarm.ringing


def test_who_takes_it_meanwhile_has_it_and_the_clocks_begin_then():
    story = held().later(minutes=90).does(Acknowledge("bob", "web"), "person:bob")
    story.wrote("paging_released", "acknowledged", "command_taken")
    assert story.incident.clocks["response"].met_at == story.now
    assert story.incident.clocks["response"].due == story.now + timedelta(hours=1)
    story.does(Update("a cable"), "person:bob").later(minutes=30)
    assert story.all_of(Paged) == []  # the window's end pages nobody: somebody has it
    story.later(minutes=60)
    assert len(story.all_of(AcknowledgementExpired)) == 1
    story.replays()


def test_what_recovers_meanwhile_never_pages():
    story = held().does(Recover()).later(minutes=300)
    assert story.all_of(Paged) == []
    assert {d.what for d in deadlines(story.incident)} <= {What.CLOCK}


def test_reopened_afterwards_it_pages_and_its_clocks_begin_then():
    story = held().does(Recover()).later(minutes=100).does(Reopen("down again"), "person:dora")
    assert story.incident.alarm.ringing
    assert story.incident.clocks["response"].due == story.now + timedelta(hours=1)
    story.later(minutes=30)
    assert not story.incident.held


def test_a_person_may_page_it_at_any_time():
    story = held().later(minutes=5).does(PageNow(), "person:dora")
    assert [type(e) for e in story.last][:2] == [PagingReleased, Paged]
    story.does(PageNow(), "person:dora").wrote()
    later = inside().opened(Level.HIGH, Kind.OTHER).taken()
    later.refuses(PageNow(), "refused.phase")


def test_regraded_to_critical_it_pages_and_to_anything_less_it_does_not():
    story = inside().opened(Level.LOW, Kind.OTHER).does(Regrade(Level.HIGH, "more than that"), "person:dora")
    assert story.incident.held
    story.later(minutes=10).does(Regrade(Level.CRITICAL, "all of it"), "person:dora")
    assert [type(e).__name__ for e in story.last][:3] == ["Regraded", "PagingReleased", "Paged"]
    assert story.incident.clocks["response"].due == story.now + timedelta(minutes=15)


def test_a_completed_report_that_is_none_of_the_windows_pages():
    story = held().does(Amend({"product": "gas boiler"}), "person:dora")
    assert story.all_of(PagingReleased)[0].because.key == "maintenance.amended"
    assert story.incident.alarm.ringing
    assert held().does(Amend({"product": "cloud east"}), "person:dora").incident.held


def test_what_paged_is_not_silenced_by_merging_it_into_what_is_held():
    story = held().does(Absorb("i9", "C9", Level.MEDIUM))
    assert story.incident.alarm.ringing
    assert held().does(Absorb("i9", "C9", Level.MEDIUM, held=True)).incident.held


def test_resolved_by_hand_it_is_over():
    story = held().does(Resolve("bob", "web"), "person:bob").later(minutes=300)
    assert story.all_of(Paged) == []


# The windows themselves


def about(**fields: object) -> About:
    plain: dict[str, object] = {"product": None, "place": None, "units": (), "labels": {}}
    return About(**(plain | fields))  # type: ignore[arg-type]


def test_everything_that_a_window_names_must_fit():
    one = window(products=["Cloud"], places=["hall 3", "hall 4"], units=["region"], labels={"env": "prod"})
    fits = {
        "product": "the cloud",
        "place": "Hall 3, left",
        "units": ("field", "region", "hq"),
        "labels": {"env": "prod"},
    }
    assert one.covers(about(**fits))
    for name, other in (("product", "x"), ("place", None), ("units", ("hq",)), ("labels", {"env": "test"})):
        assert not one.covers(about(**fits | {name: other}))


@pytest.mark.parametrize(
    "fields",
    [
        {"products": []},
        {"end": "2026-11-23T01:00"},
        {"end": "2027-01-01T00:00"},
        {"weekly": True, "end": "2026-12-01T00:00"},
        {"until": "2026-12-01"},
        {"weekly": True, "until": "2026-11-01"},
        {"start": "2026-11-23T01:12:00+00:00"},
        {"timezone": "Mars/Olympus"},
    ],
)
def test_a_window_that_makes_no_sense_is_refused(fields: dict[str, object]):
    with pytest.raises(ValidationError):
        window(**fields)


def test_a_weekly_window_keeps_its_local_hours_over_both_changes_of_the_clocks():
    night = {"start": "2026-03-15T02:30", "end": "2026-03-15T04:00", "weekly": True, "timezone": "Europe/Berlin"}
    weekly = window(**night)
    spring = [(o.start, o.end) for o in weekly.occurrences(at("2026-03-20T00:00"), at("2026-04-06T00:00"))]
    assert spring == [
        (at("2026-03-22T01:30"), at("2026-03-22T03:00")),
        (at("2026-03-29T01:30"), at("2026-03-29T02:00")),  # 02:30 is left out: it begins at 03:30, half an hour is left
        (at("2026-04-05T00:30"), at("2026-04-05T02:00")),
    ]
    autumn = [(o.start, o.end) for o in weekly.occurrences(at("2026-10-20T00:00"), at("2026-11-02T00:00"))]
    assert autumn == [
        (at("2026-10-25T00:30"), at("2026-10-25T03:00")),  # 02:30 comes twice: from the first one on
        (at("2026-11-01T01:30"), at("2026-11-01T03:00")),
    ]


def test_a_report_in_the_night_of_the_change_is_held_to_the_minute():
    weekly = window(start="2026-03-15T02:30", end="2026-03-15T04:00", weekly=True, timezone="Europe/Berlin")
    for time, holds in (("01:29", False), ("01:30", True), ("01:59", True), ("02:00", False)):
        story = inside(weekly)
        story.now = at(f"2026-03-29T{time}")
        assert story.opened(Level.HIGH, Kind.OTHER).incident.held is holds, time
        if holds:
            assert wake_at(story.incident) == at("2026-03-29T02:00")


def test_ending_one_night_early_leaves_the_other_nights():
    weekly = window(start="2026-11-09T22:00", end="2026-11-10T04:00", weekly=True, ended_at=at("2026-11-17T01:00"))
    assert weekly.open_at(at("2026-11-17T00:59")) is not None
    assert weekly.open_at(at("2026-11-17T01:00")) is None
    assert weekly.open_at(at("2026-11-24T01:00")) is not None
    last = weekly.model_copy(update={"until": at("2026-11-16T00:00").date()})
    assert last.open_at(at("2026-11-24T01:00")) is None
    assert Windows(windows=(last,)).is_past(last, at("2026-11-24T01:00"))
    assert not Windows(windows=(last,)).is_past(last, at("2026-11-17T00:00"))


def test_of_several_windows_the_one_that_ends_last_holds_it():
    longer = window(id="longer", end=(END + timedelta(hours=1)).replace(tzinfo=None))
    story = inside(window(), longer).opened(Level.HIGH, Kind.OTHER)
    assert story.all_of(PagingHeld)[0].window == "longer"


def test_each_window_has_an_id_of_its_own():
    with pytest.raises(ValidationError, match="core-switch"):
        Windows(windows=(window(), window()))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@settings(max_examples=80, deadline=None)
@given(
    since=st.integers(0, 365 * 24 * 60),
    minutes=st.integers(1, 60 * 24 * 6),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Shanghai", "America/New_York"]),
    hours=st.integers(-24 * 30, 24 * 300),
)
def test_what_is_open_at_an_instant_is_what_the_list_says(since: int, minutes: int, zone: str, hours: int):
    start = (at("2026-01-01T00:00") + timedelta(minutes=since)).replace(tzinfo=None)
    weekly = window(start=start, end=start + timedelta(minutes=minutes), weekly=True, timezone=zone)
    now = start.replace(tzinfo=UTC) + timedelta(hours=hours)
    every = list(weekly.occurrences(at("2025-01-01T00:00"), at("2028-01-01T00:00")))
    found = [one for one in every if one.start <= now < one.end]
    assert weekly.open_at(now) == (found[0] if found else None)
