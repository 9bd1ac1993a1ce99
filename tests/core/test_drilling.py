"""A paused drill has no deadline running and goes on as if there had been no pause; one that is over is sealed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from incident.commands import (
    Acknowledge,
    Command,
    Decline,
    EndDrill,
    Note,
    NoteDelivery,
    NoteFailure,
    PauseDrill,
    Regrade,
    Reopen,
    ResumeDrill,
    StartStep,
    Tick,
    Update,
)
from incident.deadlines import deadlines, wake_at
from incident.errors import BadInput, Refused, Unknown, why
from incident.events import ClockBreached, DrillEnded, DrillResumed, Event, Noted, Paged, UpdateMissed
from incident.levels import Level
from incident.orders import Cancel, orders
from incident.record.row import board_row
from incident.state import Phase
from tests.core.house import START, Story
from tests.core.test_laws import COMMANDS

PAUSE = PauseDrill(why("drill.paused.control"))
MOVES = st.lists(st.tuples(st.integers(0, 20 * 60), COMMANDS), max_size=15)


def drill(level: Level = Level.CRITICAL) -> Story:
    story = Story()
    story.drill = "d1"
    return story.opened(level)


def tell(story: Story, moves: list[tuple[int, Command]]) -> None:
    for seconds, command in moves:
        story.now += timedelta(seconds=seconds)
        try:
            story.does(command, "person:alice")
        except (Refused, Unknown, BadInput):
            continue


def after(story: Story, seq: int) -> list[tuple[object, str]]:
    """What was written behind an entry, by how long after the story's beginning."""
    return [(entry.at - START, entry.kind) for entry in story.log[seq:]]


@settings(max_examples=80, deadline=None)
@given(level=st.sampled_from(Level), before=MOVES, during=st.integers(1, 3 * 3600), then=MOVES)
def test_whatever_the_story_a_pause_in_it_only_makes_it_later(
    level: Level, before: list[tuple[int, Command]], during: int, then: list[tuple[int, Command]]
):
    through, paused = drill(level), drill(level)
    for story in (through, paused):
        tell(story, before)
    running = set(deadlines(paused.incident))
    paused.does(PAUSE)
    assert list(deadlines(paused.incident)) == []
    assert wake_at(paused.incident) is None
    paused.now += timedelta(seconds=during)
    assert paused.does(Tick()).last == ()
    paused.does(ResumeDrill())
    wait = timedelta(seconds=during)
    if paused.last and isinstance(paused.last[-1], DrillResumed):
        assert set(deadlines(paused.incident)) == {replace(one, at=one.at + wait) for one in running}
    seq, behind = len(paused.log), len(through.log)
    for story in (through, paused):
        tell(story, then)
        story.replays()
    assert after(paused, seq) == [(at + wait, kind) for at, kind in after(through, behind)]  # type: ignore[operator]


@settings(max_examples=60, deadline=None)
@given(level=st.sampled_from(Level), before=MOVES, during=MOVES)
def test_while_it_is_paused_nobody_is_paged_and_nothing_comes_due(
    level: Level, before: list[tuple[int, Command]], during: list[tuple[int, Command]]
):
    story = drill(level)
    tell(story, before)
    story.does(PAUSE)
    seq = len(story.log)
    for move in during:
        tell(story, [move])
        assert list(deadlines(story.incident)) == []
    kinds = {entry.kind for entry in story.log[seq:]}
    assert kinds <= {"acknowledged", "command_taken", "declined", "noted", "page_delivered", "page_failed"}
    story.replays()


def test_the_ladder_and_every_clock_stand_still():
    story = drill()
    story.later(minutes=2).does(PAUSE)
    story.later(minutes=60)
    assert len(story.all_of(Paged)) == 1
    assert story.all_of(ClockBreached) == []
    story.does(ResumeDrill())
    story.later(minutes=2, seconds=59)
    assert len(story.all_of(Paged)) == 1
    story.later(seconds=1)  # the rung has five minutes
    assert len(story.all_of(Paged)) == 2


def test_an_answer_to_a_page_that_was_under_way_counts_as_if_given_when_the_clock_stopped():
    story = drill().later(minutes=3).does(PAUSE).later(minutes=60)
    story.does(Acknowledge("alice", "sms")).wrote("acknowledged", "command_taken")
    assert story.incident.clocks["response"].verdict(story.now) == "met"
    story.does(ResumeDrill())
    due = story.incident.word.due
    assert due is not None
    story.later(minutes=1)
    assert story.all_of(UpdateMissed) == []
    assert due == START + timedelta(minutes=65)  # the first word has five minutes, of which three were gone


@pytest.mark.parametrize("command", [Update("x"), StartStep("x", "alice"), Regrade(Level.HIGH, "x")])
def test_what_would_page_or_be_due_waits_until_it_goes_on(command: Command):
    drill().does(PAUSE).refuses(command, "drill.paused")


def test_a_rung_of_which_nobody_could_be_reached_climbs_when_it_goes_on():
    story = drill().does(PAUSE)
    for person in {p.person for p in story.incident.alarm.on_rung()}:
        story.does(NoteFailure(1, person, "sms", why("alarm.silence"))).wrote("page_failed")
    story.later(minutes=10).does(ResumeDrill()).wrote("drill_resumed", "escalated", "paged")


def test_who_passes_it_on_in_a_pause_has_said_so_and_the_next_is_paged_when_it_goes_on():
    story = drill().later(minutes=1).does(PAUSE).later(minutes=10)
    for person in {p.person for p in story.incident.alarm.on_rung()}:
        story.does(Decline(person, "sms")).wrote("declined")
    story.later(minutes=10)
    assert len(story.all_of(Paged)) == 1
    story.does(ResumeDrill()).wrote("drill_resumed", "escalated", "paged")
    assert story.all_of(Paged)[-1].reason.key == "alarm.declined"


def test_a_new_level_counts_from_the_report_without_the_pauses():
    story = drill(Level.HIGH).does(PAUSE).later(minutes=30).does(ResumeDrill())
    before = story.incident.clocks["response"].due
    story.does(Regrade(Level.MEDIUM, "less")).does(Regrade(Level.HIGH, "as it was"))
    assert story.incident.clocks["response"].due == before


def test_pausing_twice_is_once_and_so_is_going_on():
    story = drill().does(ResumeDrill())
    assert story.last == ()
    assert story.does(PAUSE).does(PAUSE).last == ()


@pytest.mark.parametrize("command", [PAUSE, ResumeDrill(), EndDrill()])
@pytest.mark.parametrize("mark", [None, "test/alice"])
def test_a_real_incident_cannot_be_paused_or_ended_so(command: Command, mark: str | None):
    story = Story()
    story.drill = mark
    story.opened().refuses(command, "drill.only")


@pytest.mark.parametrize("paused", [False, True])
def test_after_the_end_nothing_more_is_written(paused: bool):
    story = drill().taken()
    if paused:
        story.does(PAUSE)
    story.does(EndDrill()).wrote("drill_ended").is_in(Phase.CLOSED)
    assert wake_at(story.incident) is None
    silent: tuple[Command, ...] = (Tick(), NoteDelivery(1, "bob", "sms"), EndDrill())
    for command in (*silent, NoteFailure(1, "bob", "sms", why("alarm.silence"))):
        assert story.does(command).last == ()
    for refused in (Note("x"), Acknowledge("bob", "sms"), Reopen("x"), Update("x"), ResumeDrill()):
        story.refuses(refused, "drill.sealed")
    story.replays()


def test_the_end_withdraws_what_waits():
    story = drill().does(EndDrill())
    assert list(orders(story.log[-1:], story.incident, story.organisation)) == [Cancel("i1")]


def test_a_drill_that_was_closed_can_be_sealed_and_keeps_when_it_was_closed():
    story = drill(Level.LOW)
    story.state = replace(story.incident, phase=Phase.MERGED)
    events: tuple[Event, ...] = story.does(EndDrill()).last
    assert events == (DrillEnded(),)
    assert story.incident.phase is Phase.MERGED


def test_the_row_of_a_paused_drill_counts_nothing_down():
    story = drill().does(PAUSE)
    row = board_row(story.incident, story.organisation)
    assert row["paused"] is True
    assert {row[name] for name in ("next_at", "answer_due", "deadline", "update_due", "quiet")} == {None}
    row = board_row(story.does(ResumeDrill()).incident, story.organisation)
    assert row["paused"] is False
    assert row["next_at"]


def test_a_controllers_word_is_no_sign_of_life_of_the_players():
    story = drill().taken()
    heard = story.incident.quiet.heard_at
    story.later(minutes=1)
    story.does(PAUSE, "person:dora").does(ResumeDrill(), "person:dora")
    assert story.incident.quiet.heard_at == heard
    assert story.all_of(Noted) == []
