"""Silence climbs, an answer stops it."""

from datetime import timedelta

from incident.commands import Acknowledge, Decline, NoteDelivery, NoteFailure, Recover, Recur, Regrade, Resolve, Tick
from incident.deadlines import deadlines, wake_at
from incident.errors import why
from incident.events import Acknowledged, ClockBreached, CommandTaken, Escalated, Notified, Paged
from incident.levels import Kind, Level
from incident.organisation import Organisation
from incident.posts import Tier
from incident.state import Phase
from tests.core.house import START, Story


def people(story: Story) -> list[list[str]]:
    return [[s.person for s in paged.people] for paged in story.all_of(Paged)]


def test_opening_a_critical_grades_it_starts_its_playbook_and_pages_the_person_on_call():
    story = Story().opened()
    assert story.kinds()[:4] == ["reported", "graded", "playbook_started", "paged"]
    assert people(story) == [["alice"]] or people(story) == [["bob"]]
    assert story.incident.level is Level.CRITICAL
    assert story.incident.pinned.playbook == "system-outage"
    assert wake_at(story.incident) == START + timedelta(minutes=5)
    story.is_in(Phase.ACTIVATED).replays()


def test_low_is_paged_and_waits_for_a_click_before_its_playbook_starts():
    story = Story().opened(Level.LOW, Kind.OTHER)
    assert "playbook_started" not in story.kinds()
    assert len(people(story)) == 1
    story.is_in(Phase.GRADED)


def test_silence_climbs_rung_by_rung_to_headquarters_and_then_calls_everybody():
    story = Story().opened().later(minutes=4, seconds=59)
    assert len(story.all_of(Paged)) == 1
    story.later(seconds=1)
    assert [e.tier for e in story.all_of(Escalated)] == [Tier.FIELD]
    story.later(minutes=20)
    tiers = [p.tier for p in story.all_of(Paged)]
    assert tiers[0] is Tier.FIELD
    assert tiers[-1] is Tier.HQ
    story.later(minutes=15)
    last = story.all_of(Paged)[-1]
    assert last.round > 0
    assert {s.person for s in last.people} == {"alice", "bob", "charlie", "dora", "erik"}
    story.replays()


def test_two_hours_of_outage_are_followed_by_one_rung_and_not_five():
    story = Story().opened().outage(minutes=120)
    assert len(story.all_of(Paged)) == 2
    wait = timedelta(seconds=story.incident.pinned.ladder[1].wait_s)
    assert story.all_of(Paged)[-1].next_at == story.now + wait


def test_an_answer_stops_the_ladder_and_takes_command():
    story = Story().opened().later(minutes=6).taken("bob").wrote("acknowledged", "command_taken")
    assert story.incident.commander == "bob"
    pages = len(story.all_of(Paged))
    story.later(minutes=19)
    assert len(story.all_of(Paged)) == pages
    story.is_in(Phase.HANDLING).replays()


def test_the_second_to_answer_joins_and_does_not_command():
    story = Story().opened().taken("alice").taken("charlie").wrote("acknowledged")
    assert story.incident.commander == "alice"
    assert story.incident.responders == ("alice", "charlie")
    story.taken("alice").wrote()


def test_who_cannot_passes_it_on_at_once():
    story = Story().opened()
    first = story.all_of(Paged)[0].people[0].person
    story.does(Decline(first, "sms")).wrote("declined", "escalated", "paged")
    assert story.all_of(Paged)[1].people[0].person != first


def test_the_commander_cannot_decline():
    Story().opened().taken("alice").refuses(Decline("alice", "sms"), "refused.commander_declines")


def test_a_decline_at_the_top_does_not_call_the_same_people_again_at_once():
    story = Story().opened().later(minutes=30)
    pages = len(story.all_of(Paged))
    for name in ("alice", "bob", "charlie", "dora", "erik"):
        story.does(Decline(name, "sms"))
    assert len(story.all_of(Paged)) == pages
    assert story.incident.alarm.ringing


def test_a_page_that_cannot_be_delivered_climbs_at_once():
    story = Story().opened()
    first = story.all_of(Paged)[0].people[0].person
    story.does(NoteFailure(1, first, "voice", why("alarm.silence"))).wrote("page_failed", "escalated", "paged")


def test_a_late_receipt_of_an_old_page_changes_nothing_that_matters():
    story = Story().opened().taken("alice")
    first = story.all_of(Paged)[0].people[0].person
    before = story.incident
    story.does(NoteDelivery(1, first, "sms")).wrote("page_delivered")
    assert story.incident.phase is before.phase
    assert not story.incident.alarm.ringing
    story.does(NoteDelivery(1, first, "sms")).wrote()
    story.does(NoteFailure(9, first, "sms", why("alarm.silence"))).wrote()


def test_nobody_on_duty_is_no_silence_the_next_rung_is_paged_at_once():
    story = Story("field").opened()
    assert story.all_of(Paged)[0].tier is Tier.REGION
    assert [e.reason.key for e in story.all_of(Escalated)].count("alarm.nobody_on_duty") >= 1


def test_with_nobody_on_duty_anywhere_the_incident_says_so_and_tries_again():
    story = Story("field", "region", "hq").opened()
    assert story.incident.unreachable
    story.later(minutes=5)
    assert len(story.all_of(Paged)) == 2


def test_response_is_met_at_fourteen_fifty_nine_and_breached_at_fifteen_oh_one():
    met = Story().opened().later(minutes=14, seconds=59).taken("alice")
    assert met.incident.clocks["response"].verdict(met.now) == "met"
    exact = Story().opened().later(minutes=15).taken("alice")
    assert exact.incident.clocks["response"].verdict(exact.now) == "met"
    late = Story().opened().later(minutes=15, seconds=1).taken("alice")
    assert late.incident.clocks["response"].verdict(late.now) == "breached"
    assert [e.clock for e in late.all_of(ClockBreached)].count("response") == 1
    assert "notice.clock_breached" in [n.about.key for n in late.all_of(Notified)]


def test_only_a_person_on_a_roster_meets_the_response_clock():
    story = Story().opened().later(minutes=3).taken("walk-in")
    assert story.incident.commander == "walk-in"
    assert story.incident.clocks["response"].met_at is None
    story.later(minutes=3).taken("alice")
    assert story.incident.clocks["response"].met_at == story.now


def test_regrading_up_pages_anew_and_recomputes_the_clocks_from_the_report():
    story = Story().opened(Level.MEDIUM, Kind.SOFTWARE_FAULT).later(minutes=5).taken("alice").later(minutes=5)
    story.does(Regrade(Level.CRITICAL, "all regions are down"))
    assert story.kinds().count("paged") == 2
    assert story.incident.alarm.ringing
    assert story.incident.clocks["response"].due == START + timedelta(minutes=15)
    assert story.incident.clocks["response"].met_at == START + timedelta(minutes=5)
    story.taken("alice").wrote("acknowledged")
    assert not story.incident.alarm.ringing
    assert len(story.all_of(CommandTaken)) == 1


def test_regrading_down_pages_nobody():
    story = Story().opened(Level.CRITICAL, Kind.SOFTWARE_FAULT).does(Regrade(Level.MEDIUM, "one customer only"))
    story.wrote("regraded")
    story.refuses(Regrade(Level.MEDIUM, "again"), "refused.same_level")


def test_who_resolves_what_nobody_has_taken_has_taken_it():
    story = Story().opened().does(Resolve("alice", "sms")).wrote("acknowledged", "command_taken", "resolved")
    assert len(story.all_of(Acknowledged)) == 1
    story.is_in(Phase.VERIFYING)
    assert not story.incident.alarm.ringing


def test_a_tick_with_nothing_due_writes_nothing():
    Story().opened().does(Tick()).wrote()
    assert not [d for d in deadlines(Story().opened().incident) if d.at <= START]


def test_ring_again_after_an_answer_only_when_it_rings():
    story = Story().opened().taken("alice").does(Acknowledge("alice", "web"))
    assert story.last == ()


def test_what_belongs_to_headquarters_pages_headquarters_at_once_at_every_level():
    for level in Level:
        story = Story().opened(level, Kind.OTHER, unit="hq")
        first = story.all_of(Paged)[0]
        assert {s.person for s in first.people} <= {"dora", "erik"}
        assert first.people, level


def test_a_ladder_that_nobody_holds_falls_to_everybody_at_headquarters():
    story = Story("field", "region").opened(Level.LOW, Kind.OTHER)
    assert {s.person for s in story.all_of(Paged)[0].people} == {"dora", "erik"}
    assert not story.incident.unreachable


def test_with_nobody_anywhere_even_a_low_one_looks_again_in_five_minutes():
    story = Story("field", "region", "hq").opened(Level.LOW, Kind.OTHER)
    assert story.incident.alarm.next_at == START + timedelta(minutes=5)


def test_who_has_no_phone_is_passed_over_aloud_and_costs_no_time():
    story = Story()
    people = [p.model_dump(mode="json", exclude_none=True) for p in story.organisation.people]
    mute = [p | {"ways": [] if p["id"] in ("alice", "bob") else p["ways"]} for p in people]
    story.organisation = Organisation.model_validate(
        story.organisation.model_dump(mode="json", exclude_none=True) | {"people": mute}
    )
    story.opened()
    assert story.all_of(Paged)[0].tier is Tier.REGION
    assert story.all_of(Escalated)[0].reason.key == "alarm.nobody_on_duty"


def test_regrading_says_why_it_is_what_it_is():
    story = Story().opened(Level.CRITICAL, Kind.SOFTWARE_FAULT).does(Regrade(Level.MEDIUM, "one customer only"))
    [reason] = story.incident.level_reasons
    assert (reason.key, dict(reason.params)["said"]) == ("grade.regraded", "one customer only")


def test_a_self_resolved_alert_bothers_nobody_about_a_missed_answer():
    story = Story().opened().does(Recover("over")).later(minutes=60)
    assert story.all_of(ClockBreached) == []
    assert [n.about.key for n in story.all_of(Notified)].count("notice.clock_breached") == 0


def test_an_alert_that_fires_again_after_its_all_clear_is_written_down_once():
    story = Story().opened().taken("alice").does(Recover("over")).does(Recur()).wrote("alert_returned")
    assert story.incident.recovered_at is None
    story.does(Recur()).wrote().does(Recover("over again")).wrote("alert_recovered")
