"""Layers, hours, swaps and time off: by example."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from incident.errors import why
from incident.roster import Layer, Override, Restriction, Roster, Swap, TimeOff, Weekday, duty, gaps, idle, shifts
from incident.text import Text
from incident.words import LOCALES, words_for

WEEKDAYS = tuple(Weekday)[:5]


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def roster(*layers: Layer, zone: str = "UTC", **fields: object) -> Roster:
    base = {"id": "cloud", "name": Text(en="Cloud", zh="云"), "unit": "cloud", "timezone": zone, "layers": layers}
    return Roster.model_validate({**base, **fields})


def daily(name: str, *rotation: str, **fields: object) -> Layer:
    base: dict[str, object] = {"start": date(2026, 10, 5), "handover": time(0), "period_days": 1}
    return Layer.model_validate({"id": name, "rotation": rotation, **base, **fields})


def off(start: str, end: str) -> tuple[TimeOff, ...]:
    return (TimeOff(start=utc(start), end=utc(end)),)


def people(of: Roster, start: str, end: str, absent: dict[str, tuple[TimeOff, ...]] | None = None) -> list[str]:
    """Each shift as `person day hour - day hour`, in UTC."""
    found = shifts(of, utc(start), utc(end), absent or {})
    return [f"{one.person} {one.start:%d %H:%M} - {one.end:%d %H:%M}" for one in found]


SUN = roster(
    daily("shanghai", "li", timezone="Asia/Shanghai", restrictions=[{"start": time(9), "end": time(17)}]),
    daily("berlin", "brandt", timezone="Europe/Berlin", restrictions=[{"start": time(9), "end": time(17)}]),
    zone="Asia/Shanghai",
)


def test_the_sun_is_followed_and_each_keeps_nine_to_five_at_home_when_europes_clocks_change() -> None:
    assert people(SUN, "2026-10-24T00:00", "2026-10-26T00:00") == [
        "li 24 01:00 - 24 07:00",  # Berlin comes in on top at nine in the morning, summer time
        "brandt 24 07:00 - 24 15:00",
        "li 25 01:00 - 25 08:00",  # winter time: an hour later
        "brandt 25 08:00 - 25 16:00",
    ]
    open_ = gaps(SUN, utc("2026-10-24T00:00"), utc("2026-10-25T01:00"))
    assert [(gap.start.hour, gap.end.hour) for gap in open_] == [(0, 1), (15, 1)]


def test_a_reason_names_the_layer_and_tells_the_time_in_the_rosters_zone() -> None:
    now = duty(SUN, utc("2026-10-25T08:30"))
    assert now.primary is not None
    said = why("roster.layer", roster="cloud", layer="berlin", until="2026-10-26 00:00", zone="Asia/Shanghai")
    assert (now.primary.reason, now.primary.layer) == (said, "berlin")
    assert now.secondary is not None
    assert now.secondary.person == "li"  # whose hours are open too, a layer below


def test_weekends_belong_to_a_layer_of_their_own_from_friday_night_on() -> None:
    week = daily("week", "li", period_days=7)
    weekend = daily("weekend", "wang", restrictions=[{"days": ["friday"], "start": time(18), "end": time(0)}])
    more = Restriction(days=(Weekday.SATURDAY, Weekday.SUNDAY))
    both = weekend.model_copy(update={"restrictions": (*weekend.restrictions, more)})
    # Friday evening to midnight, then two whole days; a shift each by the daily turns.
    assert people(roster(week, both), "2026-10-08T00:00", "2026-10-13T00:00") == [
        "li 05 00:00 - 09 18:00",
        "wang 09 18:00 - 10 00:00",
        "wang 10 00:00 - 11 00:00",
        "wang 11 00:00 - 12 00:00",
        "li 12 00:00 - 16 18:00",
    ]


def test_a_night_belongs_to_the_day_on_which_it_begins() -> None:
    nights = daily("nights", "li", restrictions=[{"days": ["friday"], "start": time(22), "end": time(6)}])
    assert people(roster(nights.model_copy(update={"period_days": 7})), "2026-10-09T00:00", "2026-10-16T00:00") == [
        "li 09 22:00 - 10 06:00"
    ]


@pytest.mark.parametrize(("night", "length"), [("2026-10-03", 23.5), ("2026-04-04", 24.5), ("2026-10-04", 24)])
def test_a_day_on_lord_howe_changes_by_half_an_hour(night: str, length: float) -> None:
    noon = daily("noon", "li", "wang", start=date(2026, 1, 1), handover=time(12), timezone="Australia/Lord_Howe")
    found = duty(roster(noon), utc(f"{night}T03:00")).primary
    assert found is not None
    assert found.end - found.start == timedelta(hours=length)


def test_half_hour_shifts_are_measured_by_the_stopwatch() -> None:
    short = daily("short", "li", "wang", "chen", period_days=7, period_minutes=30, timezone="Australia/Lord_Howe")
    found = shifts(roster(short), utc("2026-10-30T00:00"), utc("2026-11-02T00:00"))
    assert {shift.end - shift.start for shift in found} == {timedelta(minutes=30)}
    assert len(found) in (144, 145)


def test_a_stand_in_beats_the_layers_and_a_swap_beats_both() -> None:
    base = daily("week", "li", "chen", period_days=7)
    override = Override(start=utc("2026-10-06T00:00"), end=utc("2026-10-08T00:00"), person="wang", reason="ill")
    swap = {"start": utc("2026-10-07T00:00"), "end": utc("2026-10-09T00:00"), "giver": "wang", "taker": "brandt"}
    offered, accepted = Swap.model_validate(swap), Swap.model_validate({**swap, "state": "accepted"})
    without = ["li 05 00:00 - 06 00:00", "wang 06 00:00 - 08 00:00", "li 08 00:00 - 12 00:00"]
    window = "2026-10-05T00:00", "2026-10-12T00:00"
    assert people(roster(base, overrides=(override,), swaps=(offered,)), *window) == without
    found = roster(base, overrides=(override,), swaps=(accepted,))
    assert people(found, *window) == [
        "li 05 00:00 - 06 00:00",
        "wang 06 00:00 - 07 00:00",
        "brandt 07 00:00 - 08 00:00",  # only Wang's shifts were given away: Li has the ninth, as before
        "li 08 00:00 - 12 00:00",
    ]
    now = duty(found, utc("2026-10-07T12:00"))
    assert now.primary is not None
    assert now.primary.reason.key == "roster.swap"
    assert now.primary.instead == "wang"
    assert now.secondary is not None
    assert now.secondary.person == "chen"  # neither who was relieved by Wang nor who gave it to Brandt


def test_the_next_of_the_rotation_stands_in_for_somebody_on_holiday_and_the_reason_says_so() -> None:
    base = roster(daily("week", "li", "chen", "wang", period_days=7))
    away = {"li": off("2026-10-07T00:00", "2026-10-09T00:00"), "chen": off("2026-10-08T00:00", "2026-10-20T00:00")}
    assert people(base, "2026-10-05T00:00", "2026-10-20T00:00", away) == [
        "li 05 00:00 - 07 00:00",
        "chen 07 00:00 - 08 00:00",
        "wang 08 00:00 - 09 00:00",
        "li 09 00:00 - 12 00:00",
        "wang 12 00:00 - 19 00:00",  # Chen's whole week
        "wang 19 00:00 - 26 00:00",  # and then Wang's own
    ]
    now = duty(base, utc("2026-10-08T12:00"), away)
    assert now.all == ("wang",)
    assert now.primary is not None
    assert now.primary.reason == why(
        "roster.stand_in", roster="cloud", instead="li", until="2026-10-09 00:00", zone="UTC"
    )


def test_whoever_takes_over_and_falls_ill_is_replaced_by_the_next_and_not_by_whom_they_relieved() -> None:
    base = daily("week", "li", "chen", period_days=7)
    override = Override(start=utc("2026-10-06T00:00"), end=utc("2026-10-08T00:00"), person="wang", reason="ill")
    ill = {"wang": off("2026-10-07T00:00", "2026-10-30T00:00")}
    window = "2026-10-05T00:00", "2026-10-12T00:00"
    changed = ["li 05 00:00 - 06 00:00", "wang 06 00:00 - 07 00:00", "chen 07 00:00 - 08 00:00"]
    assert people(roster(base, overrides=(override,)), *window, ill) == [*changed, "li 08 00:00 - 12 00:00"]
    # With nobody else there whoever was to be relieved stays: that is better than nobody.
    ill["chen"] = off("2026-10-01T00:00", "2026-10-30T00:00")
    alone = people(roster(base, overrides=(override,)), *window, ill)
    assert alone == ["li 05 00:00 - 06 00:00", "wang 06 00:00 - 07 00:00", "li 07 00:00 - 12 00:00"]


def test_when_all_of_a_layer_are_away_the_layer_below_is_asked_and_then_it_is_a_gap_with_their_names() -> None:
    both = roster(daily("below", "brandt", period_days=7), daily("above", "li", "chen", start=date(2026, 10, 6)))
    away = {name: off("2026-10-08T00:00", "2026-10-09T00:00") for name in ("li", "chen")}
    assert "brandt 08 00:00 - 09 00:00" in people(both, "2026-10-07T00:00", "2026-10-10T00:00", away)
    away["brandt"] = off("2026-10-08T12:00", "2026-10-09T00:00")
    (gap,) = gaps(both, utc("2026-10-07T00:00"), utc("2026-10-10T00:00"), away)
    assert (gap.start, gap.end) == (utc("2026-10-08T12:00"), utc("2026-10-09T00:00"))
    assert set(gap.away) == {"li", "chen", "brandt"}
    assert duty(both, utc("2026-10-08T13:00"), away).all == ()


def test_somebody_whose_turn_never_meets_the_hours_is_found() -> None:
    mondays = daily("mondays", *"abcdefg", restrictions=[{"days": ["monday"]}])
    assert [reason.params for _, reason in idle(roster(mondays), utc("2026-10-06T00:00"))] == [
        (("layer", "mondays"), ("person", name)) for name in "bcdefg"
    ]
    assert list(idle(roster(daily("all", *"abcdefg", restrictions=[{"days": WEEKDAYS}])), utc("2026-10-06T00:00"))) == [
        (("layers", 0, "rotation", n), why("roster.fault.idle", person=name, layer="all"))
        for n, name in ((5, "f"), (6, "g"))
    ]
    eight = daily("eight", *"abcdefgh", restrictions=[{"days": ["monday"]}])
    assert list(idle(roster(eight), utc("2026-10-06T00:00"))) == []


@pytest.mark.parametrize("locale", LOCALES)
def test_every_cause_is_a_sentence(locale: str) -> None:
    swap = Swap(start=utc("2026-10-06T00:00"), end=utc("2026-10-07T00:00"), giver="li", taker="wang", state="accepted")
    found = roster(daily("low", "li"), daily("top", "chen", start=date(2026, 10, 9)), swaps=(swap,))
    away = {"chen": off("2026-10-10T00:00", "2026-10-11T00:00"), "li": off("2026-10-10T00:00", "2026-10-10T12:00")}
    reasons = [shift.reason for shift in shifts(found, utc("2026-10-05T00:00"), utc("2026-10-12T00:00"), away)]
    assert {reason.key for reason in reasons} >= {"roster.layer", "roster.swap"}
    for reason in reasons:
        assert "{" not in words_for(locale).reason(reason)
        assert words_for(locale).reason(reason) != reason.key


def test_the_short_form_is_one_layer_and_is_written_short_again() -> None:
    short = {"id": "a", "name": {"en": "A", "zh": "甲"}, "unit": "a", "timezone": "UTC", "rotation": ["li"]}
    found = Roster.model_validate({**short, "start": "2026-01-05", "handover_weekday": "monday"})
    assert [layer.id for layer in found.layers] == ["rotation"]
    assert Roster.model_validate(found.model_dump(mode="json")) == found
