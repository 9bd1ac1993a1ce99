"""Playing back: each entry with the incident as it stood right after it, by the reader that every page goes by."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from drills.simulate.play import Played
from incident.commands import Decline, StartStep, Update
from incident.errors import Refused
from incident.events import Acknowledged, AcknowledgementExpired, Graded
from incident.evolve import replay
from incident.record.playback import Frame, at_that_time, frames, over, refuse_open, standing
from incident.record.view import Reader
from incident.words import LOCALES, words_for
from tests.core.house import START, Shelf, Story, organisation
from tests.drills.test_simulate import outside, played


def reader(story: Story, locale: str = "en") -> Reader:
    pinned = story.incident.pinned
    assert pinned is not None
    return Reader(organisation(), Shelf().pinned_playbook(pinned.playbook_digest), words_for(locale), story.now)


def told() -> Story:
    """Nobody answers at first, one passes it on, then it is taken and worked on."""
    story = Story().opened().does(Decline("bob", "sms")).later(minutes=2).taken()
    step = next(iter(story.incident.steps))
    return story.does(StartStep(step, "alice")).does(Update("We are on it."))


def at(kind: type, story: Story) -> Frame:
    return next(f for f, e in zip(shown(story), story.log, strict=True) if isinstance(e.event, kind))


def shown(story: Story) -> list[Frame]:
    return frames(story.log, reader(story))


def drilled(seed: int) -> tuple[Played, Reader]:
    drill = played(seed=seed)
    return drill, Reader(outside().organisation, drill.playbook, words_for("en"), START)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_each_frame_is_the_state_of_the_log_up_to_there_and_nothing_else(seed: int) -> None:
    drill, reads = drilled(seed)
    found = frames(drill.entries, reads)
    assert [frame.seq for frame in found] == [entry.seq for entry in drill.entries]
    for n, frame in enumerate(found):
        state = replay(drill.entries[: n + 1])
        assert state is not None
        assert frame.standing == standing(state, at_that_time(reads, drill.entries[n], state))


def test_pages_of_it_put_together_are_the_whole() -> None:
    drill, reads = drilled(1)
    whole, parts, after = frames(drill.entries, reads), [], 0
    while part := frames(drill.entries, reads, after, 7):
        assert len(part) <= 7
        parts += part
        after = part[-1].seq
    assert parts == whole


def test_who_was_asked_and_what_they_said_stands_as_it_stood_then() -> None:
    story = told()
    last = shown(story)[-1].standing
    assert {one.person: one.answer for one in last.asked}["bob"] == "declined"
    assert {one.person: one.answer for one in last.asked}["alice"] == "taken"
    before = shown(story)[at(Acknowledged, story).seq - 2].standing
    assert before.ringing
    assert before.commander is None
    assert {one.person: one.answer for one in before.asked}["alice"] == "asked"
    after = shown(story)[-1].standing
    assert after.commander is not None
    assert after.commander.name == "Alice"
    assert not after.ringing


def test_whoever_is_asked_again_because_nothing_was_heard_of_them_has_not_taken_it() -> None:
    story = told().later(minutes=120)
    expired = at(AcknowledgementExpired, story).seq
    assert {one.answer for one in shown(story)[expired].standing.asked if one.person == "alice"} == {"asked"}


def test_what_was_due_next_is_said_in_its_order_and_by_its_own_time() -> None:
    story = Story().opened()
    due = shown(story)[-1].standing.due
    assert due[0].what == "rung"
    assert [one.at for one in due] == sorted(one.at for one in due)
    response = next(one for one in due if one.name == "response")
    assert response.at == story.incident.clocks["response"].due
    assert "clock" in response.text


def test_a_level_and_a_playbook_are_known_of_only_once_it_was_graded() -> None:
    story = told()
    graded = at(Graded, story).seq
    assert all(not frame.standing.posts for frame in shown(story)[: graded - 1])
    assert all(frame.standing.level is None for frame in shown(story)[: graded - 1])
    assert shown(story)[graded - 1].standing.level == "critical"
    assert shown(story)[graded - 1].standing.posts


@pytest.mark.parametrize("locale", LOCALES)
def test_it_is_said_in_the_readers_language(locale: str) -> None:
    story = told()
    due = [one.text for frame in frames(story.log, reader(story, locale)) for one in frame.standing.due]
    assert not [text for text in due if text.startswith("playback.")]


def test_what_goes_on_is_not_played_back() -> None:
    story = told()
    assert not over(story.incident)
    with pytest.raises(Refused) as refused:
        refuse_open(story.incident)
    assert refused.value.reason.key == "playback.not_over"
    sealed = replace(story.incident, sealed_at=START)
    assert over(sealed)


def test_between_two_entries_of_one_instant_each_is_shown_by_itself() -> None:
    entries = told().log
    opened = [entry for entry in entries if entry.at == START]
    assert len(opened) > 1
    found = frames(entries, reader(told()))
    assert [frame.at - START for frame in found[: len(opened)]] == [timedelta(0)] * len(opened)
