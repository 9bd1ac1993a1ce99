"""From the first answer to the verified end: command, steps, the word, and what closing needs."""

from datetime import timedelta

import pytest

from incident.commands import (
    Absorb,
    AcceptCommand,
    Acknowledge,
    AddStep,
    Amend,
    AssessRisk,
    Close,
    FailStep,
    FillPost,
    FinishStep,
    FollowUp,
    Note,
    OfferCommand,
    ReceiveResource,
    RecordFindings,
    Recover,
    Reopen,
    RequestResource,
    Resolve,
    Restore,
    SkipStep,
    StartPlaybook,
    StartStep,
    TakeCommand,
    TickCloseout,
    Update,
    VacatePost,
    Verify,
)
from incident.decide.closing import NotReadyToClose, lacking
from incident.errors import BadInput, Refused, Unknown
from incident.events import CommandTaken, Paged, Resolved, SpanExceeded, StepOverdue, UpdateMissed
from incident.levels import Kind, Level
from incident.posts import Post
from incident.state import Phase
from tests.core.house import Story


def handled(level: Level = Level.CRITICAL, kind: Kind = Kind.SYSTEM_OUTAGE, drill: str | None = None) -> Story:
    story = Story()
    story.drill = drill
    return story.opened(level, kind).taken("alice")


def finish_steps(story: Story) -> Story:
    while waiting := [s.plan.id for s in story.incident.steps.values() if s.status in ("waiting", "running", "failed")]:
        step = next(s for s in waiting if not story.incident.waiting_for(s))
        story.does(StartStep(step, "alice")).does(FinishStep(step, "alice", "done"))
    return story


def test_the_whole_way_to_a_verified_end():
    story = finish_steps(handled())
    story.does(Update("power is back in hall 3", audience="customers", restored_percent=80, customers_affected=120))
    story.does(Restore()).is_in(Phase.RECOVERING)
    story.does(Resolve("alice", "web", cause="breaker 4 failed", measure="breaker replaced")).is_in(Phase.VERIFYING)
    story.refuses(Close(), "refused.phase")
    story.refuses(Verify("alice", "logged in from outside", passed=True), "refused.verify_own")
    story.does(Verify("charlie", "logged in from outside, orders flow")).is_in(Phase.REVIEWING)
    story.refuses(Close(), "refused.not_ready_to_close")
    for item in story.incident.pinned.closeout:
        story.does(TickCloseout(item))
    assert lacking(story.incident) == ()
    story.does(Close("breaker 4 failed and was replaced")).is_in(Phase.CLOSED).replays()
    story.later(minutes=100_000)
    assert story.kinds()[-1] == "closed"


def test_close_names_everything_that_is_missing_and_not_only_the_first():
    story = handled().does(Resolve("alice", "sms")).does(Verify("charlie", "it works"))
    with pytest.raises(NotReadyToClose) as refused:
        story.does(Close())
    keys = {reason.key for reason in refused.value.lacking}
    assert keys == {"close.no_cause", "close.no_measure", "close.items_open", "close.steps_open"}


def test_a_failed_test_sends_it_back_to_the_commander():
    story = handled().does(Resolve("alice", "sms")).does(Verify("charlie", "doors do not open", passed=False))
    story.is_in(Phase.HANDLING).wrote("verified")
    assert story.incident.commander == "alice"
    assert story.incident.word.due is not None


def test_a_recovered_alert_resolves_only_what_nobody_has_taken():
    alone = Story().opened().does(Recover("back to normal")).wrote("alert_recovered", "resolved")
    assert alone.all_of(Resolved)[0].person is None
    alone.later(minutes=60)
    assert len(alone.all_of(Paged)) == 1
    handled().does(Recover("back")).wrote("alert_recovered").is_in(Phase.HANDLING).does(Recover("again")).wrote()


def test_a_failed_test_of_what_nobody_has_taken_rings_again():
    story = Story().opened().does(Recover()).does(Verify("charlie", "still down", passed=False))
    story.wrote("verified", "paged").is_in(Phase.ACTIVATED)
    assert story.incident.alarm.ringing


def test_reopening_a_closed_incident_rings_and_keeps_one_commander():
    story = handled(Level.MEDIUM, Kind.OTHER)
    finish_steps(story).does(Resolve("alice", "web", cause="c", measure="m")).does(Verify("alice", "t"))
    for item in story.incident.pinned.closeout:
        story.does(TickCloseout(item))
    story.does(Close()).does(Reopen("it is back")).wrote("reopened", "paged").is_in(Phase.HANDLING)
    assert story.incident.alarm.ringing
    story.taken("bob").wrote("acknowledged")
    assert story.incident.commander == "alice"
    assert lacking(story.incident)


def test_command_changes_hands_only_by_offer_and_acceptance():
    story = handled()
    story.refuses(TakeCommand("charlie"), "refused.commanded_by")
    story.refuses(AcceptCommand("charlie"), "refused.not_offered")
    story.does(OfferCommand("charlie", "hall 3 is dark, breaker 4"))
    assert story.incident.commander == "alice"
    story.does(AcceptCommand("charlie")).wrote("command_taken")
    assert story.all_of(CommandTaken)[-1] == CommandTaken("charlie", "alice")
    story.refuses(OfferCommand("charlie"), "refused.commands_already")


def test_posts_are_filled_left_and_counted():
    story = handled().does(FillPost(Post.SCRIBE, "bob")).does(FillPost(Post.EXPERT, "dora"))
    story.does(FillPost(Post.EXPERT, "erik"))
    assert story.incident.posts[Post.EXPERT] == ("dora", "erik")
    story.does(VacatePost(Post.SCRIBE, "bob"))
    assert Post.SCRIBE not in story.incident.posts
    story.refuses(VacatePost(Post.SCRIBE, "bob"), "refused.holds_not")
    story.refuses(FillPost(Post.COMMANDER, "bob"), "refused.commander_by_offer")
    story.refuses(VacatePost(Post.COMMANDER, "alice"), "refused.commander_by_offer")
    with pytest.raises(Unknown):
        story.does(FillPost(Post.SCRIBE, "nobody"))


def test_the_span_of_control_is_warned_about_once_at_eight():
    story = handled()
    for n in range(9):
        story.does(FillPost(Post.EXPERT, f"helper-{n}"))
    assert [event.people for event in story.all_of(SpanExceeded)] == [8]


def test_steps_keep_their_order_and_are_time_boxed():
    story = handled()
    first = next(s for s in story.incident.steps.values() if not s.plan.after)
    later = next(s for s in story.incident.steps.values() if s.plan.after)
    story.refuses(StartStep(later.plan.id, "alice"), "refused.step_order")
    story.does(StartStep(first.plan.id, "alice")).wrote("step_started")
    story.does(StartStep(first.plan.id, "alice")).wrote()
    limit = timedelta(seconds=first.plan.limit_s or 0)
    assert story.incident.steps[first.plan.id].due == story.now + limit
    story.later(seconds=limit.total_seconds())
    assert len(story.all_of(StepOverdue)) == 1
    story.does(FailStep(first.plan.id, "alice", "the breaker trips again"))
    story.does(StartStep(first.plan.id, "bob")).does(FinishStep(first.plan.id, "bob"))
    story.refuses(FailStep(first.plan.id, "bob", "x"), "refused.step_ended")
    with pytest.raises(Unknown):
        story.does(StartStep("no-such-step", "alice"))


def test_only_the_commander_may_skip_what_protects_life():
    story = Story().opened(Level.CRITICAL, Kind.GAS_LEAK).taken("alice")
    step = next(s.plan.id for s in story.incident.steps.values() if s.plan.life_safety)
    story.refuses(SkipStep(step, "bob", "no time"), "refused.life_safety_skip")
    story.does(SkipStep(step, "alice", "the building was empty")).wrote("step_skipped")


def test_steps_are_added_as_the_commander_sees_fit():
    story = handled().does(AddStep("call the landlord", Post.LIAISON, "alice", 10))
    added = story.incident.steps["added-1"]
    assert (added.plan.text, added.plan.limit_s) == ("call the landlord", 600)


def test_nobody_works_on_steps_before_somebody_has_it():
    story = Story().opened()
    step = next(iter(story.incident.steps))
    story.refuses(StartStep(step, "alice"), "refused.nobody_has_it")


def test_the_word_is_due_five_minutes_after_opening_then_the_scope_then_every_twenty():
    story = handled()
    opened = story.incident.opened_at
    assert story.incident.word.due == opened + timedelta(minutes=5)
    story.later(minutes=2).does(Update("no power in hall 3"))
    assert story.incident.word.due == story.now + timedelta(minutes=5)
    story.later(minutes=3).does(Update("two racks, 120 customers"))
    assert story.incident.word.due == story.now + timedelta(minutes=20)
    story.later(minutes=20)
    assert len(story.all_of(UpdateMissed)) == 1
    assert story.incident.word.due == story.now + timedelta(minutes=20)


def test_a_missed_word_is_owed_from_the_first_silence_until_it_is_given():
    story = handled().does(Update("we look at the power"))
    owed = story.incident.word.due
    story.later(minutes=60)
    assert len(story.all_of(UpdateMissed)) > 1
    assert story.incident.word.owed_since == owed
    assert story.does(Update("two racks are back")).incident.word.owed_since is None


def test_who_takes_it_late_gets_five_minutes_for_the_first_word():
    story = Story().opened().later(minutes=12).taken("alice")
    assert story.incident.word.due == story.now + timedelta(minutes=5)
    assert story.all_of(UpdateMissed) == []


def test_risk_is_looked_up_and_not_multiplied():
    story = handled().does(AssessRisk(4, 5, "evacuate the hall"))
    assert story.incident.risk == "extreme"
    with pytest.raises(BadInput):
        story.does(AssessRisk(0, 5, "x"))


def test_resources_are_asked_for_and_arrive():
    story = handled().does(RequestResource("breaker 63 A", 2)).does(ReceiveResource(1, 1))
    assert (story.incident.requests[1].quantity, story.incident.requests[1].arrived) == (2, 1)
    with pytest.raises(Unknown):
        story.does(ReceiveResource(2, 1))
    with pytest.raises(BadInput):
        story.does(RequestResource("x", 0))


def test_what_was_missing_in_the_report_is_completed():
    story = Story().opened()
    assert "place" in story.incident.report.missing
    story.does(Amend({"place": "DC-1, hall 3"}))
    assert story.incident.report.place == "DC-1, hall 3"
    assert "place" not in story.incident.report.missing
    with pytest.raises(BadInput):
        story.does(Amend({"code": "C1"}))


def test_diagnosis_dispatch_and_follow_up_meet_their_clocks():
    story = Story().opened(Level.HIGH, policy="it-service").taken("alice")
    first = next(s.plan.id for s in story.incident.steps.values() if not s.plan.after)
    story.later(minutes=1).does(StartStep(first, "alice"))
    assert story.incident.clocks["dispatch"].met_at == story.now
    story.later(minutes=1).does(RecordFindings(cause="bad config"))
    assert story.incident.clocks["diagnose"].met_at == story.now
    story.does(FollowUp("called the customer, all well"))
    assert story.incident.clocks["follow_up"].met_at == story.now


def test_low_starts_its_playbook_by_a_click_and_only_once():
    story = Story().opened(Level.LOW, Kind.OTHER).does(StartPlaybook()).wrote("playbook_started")
    story.is_in(Phase.ACTIVATED).does(StartPlaybook()).wrote()


def test_notes_are_always_welcome():
    handled().does(Note("the landlord has the key")).wrote("noted")


def test_an_answer_after_the_end_is_refused_with_its_reason():
    story = finish_steps(handled(Level.MEDIUM, Kind.OTHER)).does(Resolve("alice", "web", cause="c", measure="m"))
    story.does(Verify("alice", "t"))
    for item in story.incident.pinned.closeout:
        story.does(TickCloseout(item))
    story.does(Close()).refuses(Acknowledge("bob", "sms"), "refused.phase")


def test_nothing_is_merged_into_what_is_resolved():
    resolved = handled().does(Resolve("alice", "sms"))
    with pytest.raises(Refused):
        resolved.does(Absorb("i2", "C8", Level.LOW))


def test_what_is_real_does_not_vanish_in_an_exercise_nor_the_other_way_round():
    real, drill = handled(), handled(drill="D7")
    drill.refuses(Absorb("i2", "C8", Level.CRITICAL), "refused.merge_with_a_drill")
    drill.refuses(Absorb("i2", "D8", Level.CRITICAL, drill="D9"), "refused.merge_with_a_drill")
    real.refuses(Absorb("i2", "D8", Level.CRITICAL, drill="D7"), "refused.merge_with_a_drill")
    assert drill.does(Absorb("i2", "D8", Level.CRITICAL, drill="D7")).state.phase is Phase.HANDLING


def test_a_grave_incident_does_not_vanish_in_a_lesser_one():
    high = handled(level=Level.HIGH)
    high.refuses(Absorb("i2", "C8", Level.CRITICAL), "refused.merge_into_lesser")
    assert high.does(Absorb("i2", "C8", Level.HIGH)).state.phase is Phase.HANDLING
