"""A roster that asks for a skill: nobody without it holds the duty, and the night on which it runs out is exact."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from incident.organisation import Organisation
from incident.posts import Tier
from incident.record.effect import changes
from incident.roster import gaps, shifts

BERLIN = ZoneInfo("Europe/Berlin")
NEXT_YEAR = datetime(2027, 1, 4, 8, tzinfo=UTC)


def organised(skills: dict[str, list[Any]], *, requires: tuple[str, ...] = ("Gas",), **more: Any) -> Organisation:
    """Anna and Bernd take turns by the week from Monday, 4 January 2027, at nine in Berlin."""
    name = {"en": "x", "zh": "x"}
    roster = {"id": "gas", "name": name, "unit": "hq", "timezone": "Europe/Berlin", "requires": list(requires)}
    people = [
        {"id": who, "name": who, "unit": "hq", "timezone": "Europe/Berlin", "skills": skills.get(who, [])}
        | more.get("people", {}).get(who, {})
        for who in ("anna", "bernd", "clara")
    ]
    rotation = {"rotation": ["anna", "bernd"], "start": "2027-01-04"}
    document = {
        "units": [{"id": "hq", "name": name, "tier": "hq", "timezone": "Europe/Berlin"}],
        "people": people,
        "rosters": [roster | rotation | more.get("roster", {})],
    }
    return Organisation.model_validate(document)


def on_duty(organisation: Organisation, at: datetime) -> str | None:
    found = organisation.duty(organisation.rosters[0], at).primary
    return found.person if found else None


def test_the_last_day_counts_to_its_last_minute_where_the_holder_lives() -> None:
    found = organised({"anna": [{"name": "gas", "until": "2027-01-06"}], "bernd": ["gas"]})
    midnight = datetime(2027, 1, 7, tzinfo=BERLIN)
    assert on_duty(found, midnight - timedelta(minutes=1)) == "anna"
    assert on_duty(found, midnight) == "bernd"
    (reason,) = {
        s.reason.key
        for s in shifts(found.rosters[0], midnight, midnight + timedelta(hours=1), found.absent_on(found.rosters[0]))
    }
    assert reason == "roster.stand_in_skilled"
    assert [holder.person for holder in found.holders("hq", Tier.HQ, "all", "response", midnight)] == ["bernd"]


def test_who_never_had_it_is_passed_over_and_with_nobody_left_the_duty_is_a_gap() -> None:
    found = organised({"bernd": ["gas"]})
    assert on_duty(found, NEXT_YEAR) == "bernd"
    nobody = organised({})
    roster = nobody.rosters[0]
    assert on_duty(nobody, NEXT_YEAR) is None
    assert nobody.holders("hq", Tier.HQ, "primary", "response", NEXT_YEAR) == ()
    (gap,) = gaps(roster, NEXT_YEAR, NEXT_YEAR + timedelta(days=3), nobody.absent_on(roster))
    assert (gap.end - gap.start, set(gap.away)) == (timedelta(days=3), {"anna", "bernd"})


def test_a_waiver_counts_and_of_two_skills_both_are_needed() -> None:
    over = {"name": "gas", "until": "2026-01-01"}
    assert on_duty(organised({"anna": [over | {"waiver": "exam is on Friday"}]}), NEXT_YEAR) == "anna"
    assert on_duty(organised({"anna": [over], "bernd": ["gas"]}), NEXT_YEAR) == "bernd"
    both = organised({"anna": ["gas"], "bernd": ["gas", "Crane"]}, requires=("gas", "crane"))
    assert on_duty(both, NEXT_YEAR) == "bernd"


def test_a_renewed_certificate_beside_the_old_one_is_the_one_that_counts() -> None:
    both = [{"name": "gas", "until": "2027-01-05"}, {"name": "gas", "until": "2028-01-05"}]
    assert on_duty(organised({"anna": both, "bernd": ["gas"]}), datetime(2027, 1, 9, tzinfo=UTC)) == "anna"


@pytest.mark.parametrize("kind", ["overrides", "swaps"])
def test_neither_a_stand_in_nor_a_swap_brings_somebody_on_who_lacks_it(kind: str) -> None:
    span = {"start": "2027-01-04T09:00+01:00", "end": "2027-01-08T09:00+01:00"}
    wish = {"overrides": [span | {"person": "clara", "reason": "x"}]}
    wish |= {"swaps": [span | {"giver": "anna", "taker": "clara", "state": "accepted"}]}
    more = {"roster": {kind: wish[kind]}}
    qualified = {"anna": ["gas"], "bernd": ["gas"]}
    assert on_duty(organised(qualified, **more), NEXT_YEAR + timedelta(hours=1)) == "bernd"
    assert on_duty(organised(qualified | {"clara": ["gas"]}, **more), NEXT_YEAR + timedelta(hours=1)) == "clara"


def test_it_is_the_very_shifts_of_a_time_off_from_that_midnight_on() -> None:
    off = {"anna": {"time_off": [{"start": "2027-02-11T00:00+01:00", "end": "2500-01-01T00:00+01:00"}]}}
    lapsing = organised({"anna": [{"name": "gas", "until": "2027-02-10"}], "bernd": ["gas"]})
    away = organised({}, requires=(), people=off)
    start, end = datetime(2027, 1, 1, tzinfo=UTC), datetime(2027, 6, 1, tzinfo=UTC)
    mine, theirs = (
        [(s.start, s.end, s.person) for s in shifts(one.rosters[0], start, end, one.absent_on(one.rosters[0]))]
        for one in (lapsing, away)
    )
    assert mine == theirs


def test_the_effect_of_a_renewal_is_known_beforehand() -> None:
    before = organised({"anna": [{"name": "gas", "until": "2027-01-06"}], "bernd": ["gas"]})
    after = organised({"anna": [{"name": "gas", "until": "2028-01-06"}], "bernd": ["gas"]})
    (first, *_) = changes(before, after, NEXT_YEAR, NEXT_YEAR + timedelta(days=7))
    assert (first.was, first.now) == ("bernd", "anna")


def test_a_roster_that_asks_for_nothing_looks_at_no_skill() -> None:
    assert on_duty(organised({}, requires=()), NEXT_YEAR) == "anna"
