"""Laws of every ladder, whatever its rungs ask for and whoever is away: it is never silent, and never asks in vain."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from incident.commands import Decline
from incident.deadlines import wake_at
from incident.events import Escalated, Paged
from incident.organisation.skills import skilled
from tests.core.house import START, Story
from tests.core.test_rungs import tale

PEOPLE = ("alice", "bob", "charlie", "dora", "erik", "walk-in")
HOURS = {"opens": "02:30", "closes": "03:30"}  # the story begins at 02:12

rosters = st.fixed_dictionaries(
    {"who": st.sampled_from(["primary", "secondary", "all"])}, optional={"skill": st.just("gas certificate")}
)
named = st.fixed_dictionaries(
    {
        "who": st.just("people"),
        "people": st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=4, unique=True),
    },
    optional={"skill": st.just("gas certificate")},
)
others = st.sampled_from([{"who": "skilled", "skill": "gas certificate"}, {"who": "post", "post": "safety"}])
more = st.fixed_dictionaries(
    {"tier": st.sampled_from(["field", "region", "hq"]), "wait_min": st.integers(1, 9)},
    optional={
        "mode": st.just("in_turn"),
        "repeat": st.integers(1, 3),
        "hours": st.sampled_from([{"when": when, "timezone": "UTC", **HOURS} for when in ("inside", "outside")]),
    },
)
rungs = st.builds(lambda whom, terms: {**whom, **terms}, rosters | named | others, more)


def known() -> st.SearchStrategy[dict[str, Any]]:
    """What may be true of somebody: away for a while, with a skill that is valid, has run out, or is waived."""
    away = st.integers(-30, 60).map(
        lambda first: [
            {
                "start": (START + timedelta(minutes=first)).isoformat(),
                "end": (START + timedelta(minutes=first + 30)).isoformat(),
            }
        ]
    )
    skill = st.sampled_from(
        [
            [],
            [{"name": "gas certificate"}],
            [{"name": "gas certificate", "until": "2026-11-22"}],
            [{"name": "gas certificate", "until": "2026-11-22", "waiver": "exam on Friday"}],
        ]
    )
    return st.fixed_dictionaries({}, optional={"time_off": away, "skills": skill})


@st.composite
def tales(draw: st.DrawFn) -> Story:
    ladder = draw(st.lists(rungs, min_size=1, max_size=4))
    people = {name.replace("-", "_"): draw(known()) for name in PEOPLE}
    return tale(*ladder, **people).opened()


def looked_at(story: Story) -> None:
    """The laws at an instant at which something was written."""
    assert not story.incident.alarm.ringing or wake_at(story.incident) is not None
    pinned = story.incident.pinned
    assert pinned is not None
    for event in (one for one in story.last if isinstance(one, Paged)):
        rung, now = pinned.ladder[event.rung], story.now
        wait = timedelta(minutes=5) if not event.people else timedelta(seconds=rung.wait_s)
        assert now < event.next_at <= now + max(wait, timedelta(seconds=1))
        names = [one.person for one in event.people]
        assert len(set(names)) == len(names)
        assert names or event.round > 0  # an empty page only where the whole ladder and headquarters are empty
        if rung.terms and event.round == 0:
            assert not rung.terms.in_turn or len(names) == 1
            assert event.time <= rung.terms.repeat
        for name in names:
            person = story.organisation.person(name)
            assert person is not None
            if rung.who != "post" and event.round == 0:
                assert not story.organisation.away(name, now)
                if rung.terms and rung.terms.skill:
                    assert skilled(person, rung.terms.skill, now)


@given(tales(), st.lists(st.sampled_from(["time", "no"]), max_size=14))
@settings(max_examples=40, deadline=None)
def test_it_rings_somebody_or_says_so_and_looks_again_until_it_is_answered(story: Story, then: list[str]) -> None:
    looked_at(story)
    for act in then:
        wake = wake_at(story.incident)
        assert wake is not None
        asked = [one.person for one in story.incident.alarm.on_rung() if not one.answer]
        if act == "no" and asked:
            story.does(Decline(asked[0], "sms"))
        else:
            story.outage(minutes=max(0.0, (wake - story.now).total_seconds() / 60))
        looked_at(story)
    story.replays()


@given(tales())
@settings(max_examples=40, deadline=None)
def test_every_rung_is_paged_or_passed_in_writing_in_its_order(story: Story) -> None:
    for _ in range(60):
        if story.incident.alarm.round:
            break
        wake = wake_at(story.incident)
        assert wake is not None
        story.outage(minutes=max(0.0, (wake - story.now).total_seconds() / 60))
    pinned = story.incident.pinned
    assert pinned is not None
    climbed = [event.rung for event in story.all_of(Escalated)]
    paged = {event.rung for event in story.all_of(Paged) if event.round == 0}
    passed = {
        event.rung - 1
        for event in story.all_of(Escalated)
        if event.reason.key not in ("alarm.silence", "alarm.declined", "alarm.undeliverable")
    }
    assert climbed == sorted(set(climbed))
    assert paged | passed == set(range(len(pinned.ladder)))
    assert not paged & passed
    assert story.all_of(Paged)[-1].round == 1
