"""An answer is not for ever: who took it may be asleep over it."""

from datetime import timedelta

import pytest

from incident.commands import (
    AcceptCommand,
    Acknowledge,
    Command,
    Decline,
    NoteDelivery,
    NoteFailure,
    OfferCommand,
    Recover,
    Regrade,
    Resolve,
    Restore,
    StartStep,
    TakeCommand,
    Update,
    Verify,
)
from incident.commands import Note as Say
from incident.deadlines import What, deadlines
from incident.errors import why
from incident.events import AcknowledgementExpired, AcknowledgementWarned, CommandTaken, Graded, Paged
from incident.levels import Kind, Level
from incident.orders import PAGE, QUIET, Cancel, Send, orders
from incident.policy.reader import load_policies
from incident.state import Phase
from tests.core.house import Story


def taken(level: Level = Level.CRITICAL, kind: Kind = Kind.SYSTEM_OUTAGE) -> Story:
    """Alice, who is on duty, has it."""
    story = Story().opened(level, kind)
    assert story.all_of(Paged)[0].people[0].person in ("alice", "bob")
    return story.taken("alice")


def expired() -> Story:
    story = taken().later(minutes=20)
    assert story.incident.expired
    return story


def asked(story: Story) -> list[list[str]]:
    return [[s.person for s in page.people] for page in story.all_of(Paged)]


def whats(story: Story) -> set[What]:
    return {deadline.what for deadline in deadlines(story.incident)}


@pytest.mark.parametrize(
    ("level", "minutes"), [(Level.CRITICAL, 20), (Level.HIGH, 60), (Level.MEDIUM, 120), (Level.LOW, 480)]
)
def test_an_answer_holds_by_level(level: Level, minutes: int):
    story = taken(level, Kind.OTHER).later(minutes=minutes, seconds=-1)
    assert story.all_of(AcknowledgementExpired) == []
    story.later(seconds=1)
    assert [e.person for e in story.all_of(AcknowledgementExpired)] == ["alice"]
    story.replays()


def test_the_commander_is_asked_first_when_three_quarters_of_the_time_are_gone():
    story = taken().later(minutes=14, seconds=59)
    assert story.all_of(AcknowledgementWarned) == []
    story.later(seconds=1)
    warned = story.all_of(AcknowledgementWarned)
    assert [(w.person, w.expires_at - story.now) for w in warned] == [("alice", timedelta(minutes=5))]
    message = next(o for o in orders(story.log, story.incident, story.organisation) if _is(o, QUIET))
    assert (message.person, message.facts["minutes"], message.expires_at) == ("alice", 15, warned[0].expires_at)
    story.later(minutes=4)
    assert len(story.all_of(AcknowledgementWarned)) == 1


def _is(order: Send | Cancel, purpose: str) -> bool:
    return isinstance(order, Send) and order.purpose == purpose


def test_then_it_rings_again_for_the_commander_first_and_the_command_stays_theirs():
    story = taken().later(minutes=19).outage(1)
    assert [type(e) for e in story.last][-2:] == [AcknowledgementExpired, Paged]
    assert asked(story)[-1] == ["alice"]
    assert (story.incident.commander, story.incident.phase) == ("alice", Phase.HANDLING)
    assert story.all_of(Paged)[-1].reason.key == "alarm.expired"
    story.replays()


def test_silence_then_goes_up_the_ladder_from_where_it_stood_past_the_commander():
    story = expired().later(minutes=5)
    first = [people for people in asked(story) if "alice" not in people]
    assert story.incident.expired
    assert first  # somebody else than the one who sleeps
    story.later(minutes=60)
    assert set(asked(story)[-1]) == {"alice", "bob", "charlie", "dora", "erik"}
    assert len(story.all_of(AcknowledgementExpired)) == 1
    story.replays()


def test_who_answers_then_has_the_command_and_there_is_only_ever_one():
    story = expired().later(minutes=5).does(Acknowledge("charlie", "sms")).wrote("acknowledged", "command_taken")
    assert story.all_of(CommandTaken)[-1] == CommandTaken("charlie", "alice")
    assert story.incident.commander == "charlie"
    assert not story.incident.alarm.ringing
    assert not story.incident.expired


def test_the_commander_who_answers_keeps_it():
    story = expired().does(Acknowledge("alice", "sms")).wrote("acknowledged")
    assert story.incident.commander == "alice"
    assert not story.incident.alarm.ringing
    story.later(minutes=19)
    assert not story.incident.expired
    story.later(minutes=1)
    assert len(story.all_of(AcknowledgementExpired)) == 2


def test_a_reply_of_the_commander_renews_it_and_a_button_pressed_twice_says_nothing():
    story = taken().taken("alice").wrote()
    story.later(minutes=16).taken("alice").wrote("acknowledged")
    assert not story.incident.quiet.warned
    story.later(minutes=14)
    assert not story.incident.quiet.warned
    story.later(minutes=1)
    assert story.incident.quiet.warned


@pytest.mark.parametrize(
    "act", [Say("the key is with the porter"), Update("hall 3 is dark"), OfferCommand("bob"), Restore()]
)
def test_whatever_a_person_does_renews_it(act: Command):
    story = taken().later(minutes=18).does(act, "person:alice").later(minutes=19)
    assert story.all_of(AcknowledgementExpired) == []


def test_a_step_started_for_a_person_by_a_program_renews_it_too():
    story = taken()
    step = next(s.plan.id for s in story.incident.steps.values() if not s.plan.after)
    story.later(minutes=18).does(StartStep(step, "bob"), "key:chat").later(minutes=19)
    assert story.all_of(AcknowledgementExpired) == []


@pytest.mark.parametrize(
    ("act", "by"),
    [
        (Say("acknowledged in the other tool"), "key:monitor"),
        (NoteDelivery(1, "alice", "sms"), "system"),
        (NoteFailure(1, "alice", "voice", why("alarm.silence")), "system"),
        (Recover(), "key:monitor"),
        (Decline("charlie", "sms"), "person:charlie"),
    ],
)
def test_what_the_program_writes_and_who_passes_it_on_are_no_sign_of_life(act: Command, by: str):
    story = taken().later(minutes=18).does(act, by).later(minutes=2)
    assert story.incident.expired


def test_while_it_rings_a_word_of_somebody_else_does_not_silence_it():
    story = expired().does(Say("where is Alice?"), "person:dora")
    assert story.incident.expired
    story.does(Update("nobody knows"), "key:chat")
    assert story.incident.expired


def test_while_it_rings_whatever_the_commander_does_is_their_answer():
    story = expired().does(Update("I was in the cellar"), "person:alice").wrote("acknowledged", "updated")
    assert not story.incident.alarm.ringing
    made = list(orders(story.log[-2:], story.incident, story.organisation))
    assert Cancel(story.incident.id) in made


def test_the_commander_may_pass_it_on_and_it_climbs_at_once():
    story = expired().does(Decline("alice", "sms"))
    assert story.kinds()[-1] == "paged"
    assert asked(story)[-1] != ["alice"]
    assert story.incident.commander == "alice"


def test_command_is_taken_from_a_silent_commander_by_a_click_and_from_no_other():
    story = taken().refuses(TakeCommand("bob"), "refused.commanded_by")
    story.later(minutes=20).does(TakeCommand("bob")).wrote("acknowledged", "command_taken")
    assert story.incident.commander == "bob"


def test_whoever_commands_by_now_is_asked():
    story = taken().does(OfferCommand("dora"), "person:alice").does(AcceptCommand("dora"), "person:dora")
    story.later(minutes=20)
    assert asked(story)[-1] == ["dora"]
    story.later(minutes=5)
    assert asked(story)[-1] != ["dora"]  # the rung where it stood: whoever is on duty there has slept enough


def test_a_page_that_cannot_reach_the_commander_climbs_at_once():
    story = expired()
    page = story.incident.alarm.page
    story.does(NoteFailure(page, "alice", "voice", why("page.failed.unreachable")))
    assert asked(story)[-1] != ["alice"]


def test_an_outage_of_the_watch_asks_once_and_does_not_warn_after_the_fact():
    story = taken().outage(minutes=300)
    assert story.all_of(AcknowledgementWarned) == []
    assert asked(story)[-1] == ["alice"]
    assert len(story.all_of(AcknowledgementExpired)) == 1


def test_what_is_resolved_never_expires_and_what_is_reopened_does_again():
    story = taken().does(Resolve("alice", "sms"))
    assert not whats(story) & {What.QUIET, What.EXPIRY}
    story.later(minutes=600)
    assert story.all_of(AcknowledgementExpired) == []
    story.does(Verify("dora", "load test", passed=False), "person:dora").later(minutes=20)
    assert story.incident.expired


def test_resolved_by_somebody_else_while_it_rings_it_is_silent():
    story = expired().does(Acknowledge("bob", "sms")).does(Resolve("bob", "sms"))
    assert not story.incident.alarm.ringing
    assert not whats(story) & {What.QUIET, What.EXPIRY, What.RUNG}


def test_a_graver_level_holds_for_less_from_the_last_word_on():
    story = taken(Level.MEDIUM, Kind.OTHER).later(minutes=60)
    story.does(Regrade(Level.CRITICAL, "it spreads"), "person:alice").taken("alice").later(minutes=20)
    assert story.incident.expired


def test_what_was_graded_before_there_was_such_a_limit_never_expires():
    old = load_policies()["it-emergency"].model_copy(update={"quiet_min": {}})
    assert '"quiet_min"' not in old.dump()
    story = Story(policies={"it-emergency": old}).opened().taken("alice").later(minutes=24 * 60)
    assert story.all_of(Graded)[0].cadence.quiet_s is None
    assert story.all_of(AcknowledgementExpired) == []
    assert story.all_of(Paged)[-1].page == 1


def test_the_pages_of_the_commander_go_by_all_their_ways():
    story = expired()
    made = [o for o in orders(story.log[-1:], story.incident, story.organisation) if _is(o, PAGE)]
    assert [(o.person, o.way, o.first) for o in made if isinstance(o, Send)] == [
        ("alice", "sms", True),  # somebody else was paged before: of this Critical it is her first
        ("alice", "voice", True),
    ]
