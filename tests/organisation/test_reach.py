"""How somebody is reached: in which order, after how long, and what happens to what is broken, stopped, unconfirmed."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.errors import why
from incident.levels import Level
from incident.organisation.people import Person, Way
from incident.organisation.reach import PATIENCE_S, Fact, Facts, reach, shares_fate, takes_no_texts

AT = datetime(2026, 11, 23, tzinfo=UTC)
MOBILE, OTHER, LANDLINE = "+491713920001", "+491713920002", "+493023125001"
CONFIRMED, BROKEN, STOPPED = Fact(AT, "code"), Fact(AT, "code", AT, why("page.failed.blocked")), Fact(stopped_at=AT)
LEVELS = list(Level)


def way(kind: str, address: str = MOBILE, **more: object) -> Way:
    return Way.model_validate({"kind": kind, "address": address, **more})


def somebody(*ways: Way) -> Person:
    return Person(id="li", name="Li", timezone="UTC", unit="field", ways=ways)


def known(**facts: Fact) -> Facts:
    """Facts by kind of way, all to the one number."""
    return {("li", kind, way(kind).digest): fact for kind, fact in facts.items()}


def tried(person: Person, level: Level = Level.CRITICAL, facts: Facts | None = None) -> list[tuple[str, int]]:
    return [(str(step.way.kind), step.after_s) for step in reach(person, level, facts or {}).steps]


BOTH = somebody(way("sms"), way("voice"))


def test_for_a_critical_the_call_follows_the_text_after_one_minute():
    assert tried(BOTH) == [("sms", 0), ("voice", 60)]


def test_for_high_it_follows_after_two_once_the_text_has_arrived_and_after_one_if_nobody_knows():
    [_, call] = reach(BOTH, Level.HIGH, {}).steps
    assert (call.after_s, call.known_s) == (60, 120)


@pytest.mark.parametrize("level", [Level.MEDIUM, Level.LOW])
def test_below_high_nobody_is_called_who_reads_texts(level: Level):
    assert tried(BOTH, level) == [("sms", 0)]


@pytest.mark.parametrize("level", LEVELS)
def test_who_has_a_call_only_is_called_at_once_at_every_level(level: Level):
    assert tried(somebody(way("voice")), level) == [("voice", 0)]


def test_what_the_document_of_an_older_release_says_stands():
    """It always wrote the call's two minutes down."""
    [_, call] = reach(somebody(way("sms"), way("voice", delay_s=120)), Level.CRITICAL, {}).steps
    assert (call.after_s, call.known_s) == (60, 120)


def test_delays_by_level_and_a_level_that_leaves_a_way_out():
    person = somebody(way("sms"), way("voice", delays={"critical": 20, "high": "never", "low": 50}))
    assert [tried(person, level) for level in LEVELS] == [
        [("sms", 0), ("voice", 20)],
        [("sms", 0)],
        [("sms", 0)],
        [("sms", 0), ("voice", 50)],
    ]


def test_a_level_that_leaves_everything_out_is_paged_all_the_same():
    assert tried(somebody(way("sms", delays={"low": "never"})), Level.LOW) == [("sms", 0)]


def test_ways_of_the_same_second_go_in_the_persons_order():
    person = somebody(way("sms", OTHER), way("sms"))
    assert [step.way.address for step in reach(person, Level.LOW, {}).steps] == [OTHER, MOBILE]


def test_once_a_way_is_confirmed_the_unconfirmed_ones_are_left_alone():
    """Another's number must not learn what is wrong here."""
    person = somebody(way("sms"), way("sms", OTHER))
    found = reach(person, Level.HIGH, known(sms=CONFIRMED))
    assert ([s.way.address for s in found.steps], found.lacking) == ([MOBILE], None)


def test_a_number_that_was_confirmed_by_text_is_called_too():
    assert tried(BOTH, facts=known(sms=CONFIRMED)) == [("sms", 0), ("voice", 60)]


def test_without_any_confirmed_way_the_others_are_tried_and_it_is_said():
    assert reach(BOTH, Level.CRITICAL, {}).lacking == why("way.lacking.unconfirmed")
    assert tried(BOTH) == [("sms", 0), ("voice", 60)]


def test_a_broken_way_is_skipped_and_the_next_one_goes_at_once():
    assert tried(BOTH, facts=known(sms=BROKEN, voice=CONFIRMED)) == [("voice", 0)]


def test_broken_ways_are_tried_when_they_are_all_that_is_left():
    found = reach(BOTH, Level.CRITICAL, known(sms=BROKEN, voice=BROKEN))
    assert [step.broken for step in found.steps] == [True, True]
    assert found.lacking == why("way.lacking.broken")


def test_who_has_stopped_their_only_way_is_unreachable():
    found = reach(somebody(way("sms")), Level.CRITICAL, known(sms=STOPPED))
    assert (found.steps, found.lacking) == ((), why("way.lacking.stopped"))
    assert tried(BOTH, facts=known(sms=STOPPED)) == [("voice", 0)]


def test_another_address_is_another_way_which_nobody_has_confirmed():
    moved = somebody(way("sms", OTHER))
    assert reach(moved, Level.HIGH, known(sms=CONFIRMED)).lacking == why("way.lacking.unconfirmed")


FACTS = st.sampled_from([Fact(), CONFIRMED, BROKEN, STOPPED])
DELAYS = st.dictionaries(st.sampled_from(LEVELS), st.one_of(st.just("never"), st.integers(0, 3600)))
WAYS = st.lists(
    st.builds(
        lambda kind, number, delay, delays: way(kind, number, delay_s=delay, delays=delays),
        st.sampled_from(["sms", "voice"]),
        st.sampled_from([MOBILE, OTHER]),
        st.none() | st.integers(0, 3600),
        DELAYS,
    ),
    max_size=5,
)


@given(WAYS, st.lists(FACTS, min_size=5, max_size=5), st.sampled_from(LEVELS))
def test_whatever_is_known_and_wanted_a_page_starts_at_once_and_never_pauses_longer_than_a_minute(
    ways: list[Way], facts: list[Fact], level: Level
):
    person = somebody(*ways)
    about = {("li", w.kind, w.digest): fact for w, fact in zip(ways, facts, strict=False)}
    steps = reach(person, level, about).steps
    usable = [w for w in ways if about["li", w.kind, w.digest].stopped_at is None]
    assert bool(steps) == bool(usable), "a page is never lost while a way is left"
    assert [s.after_s for s in steps[:1]] in ([], [0])
    for sooner, later in pairwise(steps):
        assert 0 <= later.after_s - sooner.after_s <= PATIENCE_S
        assert later.after_s <= later.known_s
    assert all(about["li", s.way.kind, s.way.digest].stopped_at is None for s in steps)


def test_ways_that_share_their_fate():
    assert shares_fate([]) is None
    assert shares_fate([way("sms")]) == why("way.fate.single")
    assert shares_fate([way("sms"), way("voice")]) == why("way.fate.number")
    assert shares_fate([way("sms"), way("mail", "li@example.com")]) is None
    vodafone = "+491729925904", "+491729968532"
    assert shares_fate([way("sms", vodafone[0]), way("voice", vodafone[1])]) == why(
        "way.fate.carrier", carrier="Vodafone"
    )
    assert shares_fate([way("sms", vodafone[0]), way("voice", MOBILE)]) is None


def test_a_landline_takes_no_texts_where_the_plan_tells():
    assert takes_no_texts(LANDLINE)
    assert not takes_no_texts(MOBILE)
    assert not takes_no_texts("+12025550101"), "there they look alike"
