"""The organisation of a practice: who practises is on duty, everybody else is played, nobody real can be reached."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from incident.levels import Level
from incident.marks import is_drill, is_practice, is_test, practice_of, practised
from incident.organisation import as_met, demo_organisation, is_played
from incident.organisation.alone import SECOND
from incident.posts import Tier

DEMO = demo_organisation()
NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


def test_a_mark_says_who_practises_where():
    mark = practice_of("li-wei", "it-beijing", "typhoon-1a2b")
    assert practised(mark) == ("li-wei", "it-beijing", "typhoon-1a2b")
    assert (is_practice(mark), is_drill(mark), is_test(mark)) == (True, True, False)
    assert not any(map(is_practice, (None, "typhoon-1", "live/typhoon-1", "table/typhoon-1", "test/li-wei")))


def test_what_is_no_practice_is_met_by_everybody():
    for mark in (None, "", "live/typhoon-1"):
        assert as_met(DEMO, mark) is DEMO


@pytest.mark.parametrize("unit", [unit.id for unit in DEMO.units])
@pytest.mark.parametrize("later", [timedelta(), timedelta(days=700), timedelta(days=40_000)])
def test_at_every_unit_and_whenever_it_is_played_only_one_is_real_and_on_duty(unit: str, later: timedelta):
    alone = as_met(DEMO, practice_of("li-wei", unit, "x"))
    assert {one.id for one in alone.people if not is_played(one.id)} == {"li-wei"}
    own = alone.unit(unit)
    assert own is not None
    first = alone.holders(unit, own.tier, "primary", "response", NOW + later)
    second = alone.holders(unit, own.tier, "secondary", "response", NOW + later)
    assert [one.person for one in (*first, *second)] == ["li-wei", SECOND]
    if own.tier is not Tier.HQ:
        (above,) = alone.holders(unit, Tier.HQ, "primary", "response", NOW + later)
        assert is_played(above.person)


def test_no_address_of_anybody_is_in_it():
    alone = as_met(DEMO, practice_of("li-wei", "hq", "x"))
    known = {way.address for person in DEMO.people for way in person.ways}
    for person in alone.people:
        addresses = {step.way.address for step in alone.reach(person.id, Level.CRITICAL).steps}
        assert addresses
        assert not addresses & known
        assert all(address.endswith(".invalid") for address in addresses)


def test_who_has_left_or_a_unit_that_is_gone_can_still_be_read():
    alone = as_met(DEMO, practice_of("long-gone", "dissolved", "x"))
    found = alone.person("long-gone")
    assert found is not None
    assert found.unit == DEMO.root


def test_played_people_are_called_in_the_language_of_who_reads():
    mark = practice_of("li-wei", "hq", "x")
    names = {locale: as_met(DEMO, mark, locale).person(SECOND) for locale in ("en", "zh_Hant")}
    assert [one.name if one else "" for one in names.values()] == [
        "A colleague beside you (played)",
        "身邊的同事（模擬）",
    ]
