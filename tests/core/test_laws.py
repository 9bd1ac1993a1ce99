"""The laws of the core, for any history: replay equals state, one commander, no deadline after the end."""

from datetime import timedelta

import hypothesis.strategies as st
from hypothesis import given, settings

from incident.commands import (
    Absorb,
    AcceptCommand,
    Acknowledge,
    Amend,
    Close,
    Command,
    Decline,
    FillPost,
    FinishStep,
    JudgeCommunication,
    Note,
    NoteDelivery,
    NoteFailure,
    OfferCommand,
    PageNow,
    RecordFindings,
    Recover,
    Regrade,
    Reopen,
    Resolve,
    Restore,
    SkipStep,
    StartPlaybook,
    StartStep,
    TakeCommand,
    Tick,
    TickCloseout,
    Update,
    Verify,
)
from incident.deadlines import What, deadlines, due, wake_at
from incident.errors import BadInput, Refused, Unknown, why
from incident.events import CommandTaken, Paged
from incident.levels import Kind, Level
from incident.maintenance import NO_WINDOWS, Windows
from incident.posts import Post
from incident.state import Incident, Phase
from tests.core.house import START, Story, playbooks
from tests.core.test_maintenance import window

PEOPLE = st.sampled_from(["alice", "bob", "charlie", "dora", "walk-in"])
VIA = st.sampled_from(["sms", "voice", "link", "web", "api"])
STEPS = st.sampled_from(sorted({s.id for p in playbooks() for s in p.steps if p.id == "system-outage"}))
ITEMS = st.sampled_from(sorted({c.id for p in playbooks() for c in p.closeout if p.id == "system-outage"}))
WORDS = st.just("words")
COMMANDS: st.SearchStrategy[Command] = st.one_of(
    st.just(Tick()),
    st.builds(Acknowledge, PEOPLE, VIA),
    st.builds(Decline, PEOPLE, VIA),
    st.builds(Regrade, st.sampled_from(Level), WORDS),
    st.just(StartPlaybook()),
    st.just(PageNow()),
    st.builds(Absorb, st.just("i9"), st.just("C9"), st.just(Level.LOW), st.booleans()),
    st.just(Amend({"product": "lift"})),
    st.builds(TakeCommand, PEOPLE),
    st.builds(OfferCommand, PEOPLE),
    st.builds(AcceptCommand, PEOPLE),
    st.builds(FillPost, st.sampled_from(Post), PEOPLE),
    st.builds(StartStep, STEPS, PEOPLE),
    st.builds(FinishStep, STEPS, PEOPLE),
    st.builds(SkipStep, STEPS, PEOPLE, WORDS),
    st.builds(Update, WORDS),
    st.builds(Note, WORDS),
    st.builds(RecordFindings, WORDS, WORDS),
    st.builds(Recover),
    st.builds(Restore),
    st.builds(Resolve, PEOPLE, VIA, WORDS, WORDS, WORDS),
    st.builds(Verify, PEOPLE, WORDS, st.booleans()),
    st.builds(TickCloseout, ITEMS),
    st.builds(Close),
    st.builds(JudgeCommunication, PEOPLE, st.integers(1, 5), accuracy_reason=WORDS),
    st.builds(Reopen, WORDS),
    st.builds(NoteDelivery, st.integers(1, 4), PEOPLE, st.sampled_from(["sms", "voice"])),
    st.builds(NoteFailure, st.integers(1, 4), PEOPLE, st.just("sms"), st.just(why("alarm.silence"))),
)
BY = st.sampled_from(["system", "key:monitor", "person:alice", "person:dora"])
MOVES = st.lists(st.tuples(st.integers(0, 40 * 60), COMMANDS, BY), max_size=40)

WINDOWS = Windows(windows=(window(),))
"""The first two hours are maintenance: nothing pages."""


def lawful(state: Incident) -> None:
    taken = state.phase in (Phase.HANDLING, Phase.RECOVERING, Phase.CLOSED)
    if taken and state.resolved_by is None and state.resolved_at is None:
        assert state.commander is not None
    if state.phase.over:
        assert wake_at(state) is None
        assert not state.alarm.ringing
    if state.resolved_at is not None:
        assert not {What.QUIET, What.EXPIRY, What.RUNG} & {deadline.what for deadline in deadlines(state)}
    if state.phase in (Phase.HANDLING, Phase.RECOVERING):  # nobody's answer is for ever
        assert state.alarm.ringing or any(deadline.what is What.EXPIRY for deadline in deadlines(state))
    if state.expired:
        assert state.commander is not None
        assert state.alarm.next_at is not None
    if state.phase in (Phase.GRADED, Phase.ACTIVATED):
        assert state.alarm.ringing != state.held
        assert state.alarm.next_at is not None or state.held
        assert wake_at(state) is not None
    assert state.offered_to != state.commander or state.commander is None


@settings(max_examples=120, deadline=None)
@given(level=st.sampled_from(Level), windows=st.sampled_from([NO_WINDOWS, WINDOWS]), moves=MOVES)
def test_the_laws_hold_after_every_step(level: Level, windows: Windows, moves: list[tuple[int, Command, str]]):
    story = Story()
    story.windows = windows
    story.opened(level)
    lawful(story.incident)
    for seconds, command, by in moves:
        story.now += timedelta(seconds=seconds)
        before = story.state
        commander = story.incident.commander
        try:
            story.does(command, by)
        except (Refused, Unknown, BadInput):
            assert story.state == before
            continue
        lawful(story.incident)
        if commander is not None:
            assert story.incident.commander is not None
        changes = [event for event in story.last if isinstance(event, CommandTaken)]
        assert len(changes) <= 1
        if changes:
            assert changes[0].of == commander
        if isinstance(command, Tick):
            assert due(story.incident, story.now) == []
            assert sum(isinstance(event, Paged) for event in story.last) <= 1
    story.replays()
    assert [entry.seq for entry in story.log] == list(range(1, len(story.log) + 1))


@settings(max_examples=60, deadline=None)
@given(waits=st.lists(st.integers(1, 3600), min_size=1, max_size=12))
def test_however_late_the_watch_is_an_unanswered_incident_always_has_a_next_page(waits: list[int]):
    story = Story().opened()
    for wait in waits:
        story.now += timedelta(seconds=wait)
        story.does(Tick())
        at = story.incident.alarm.next_at
        assert at is not None
        assert at > story.now
    pages = story.all_of(Paged)
    assert [p.page for p in pages] == list(range(1, len(pages) + 1))


def test_the_log_begins_with_a_report():
    assert Story().opened(Level.HIGH, Kind.OTHER).log[0].at == START
