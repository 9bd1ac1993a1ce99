"""An incident as it is read, and its log line by line."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from pydantic import TypeAdapter

from incident.commands import AddStep, Decline, FillPost, FinishStep, RequestResource, StartStep, Update
from incident.posts import Post
from incident.record.shapes import EntryView, IncidentView
from incident.record.timeline import entry_view
from incident.record.view import Reader, incident_view
from incident.words import words_for
from tests.core.house import START, Shelf, Story, organisation


def read(story: Story, locale: str = "en", later: timedelta = timedelta(0)) -> IncidentView:
    pinned = story.incident.pinned
    assert pinned is not None
    playbook = Shelf().pinned_playbook(pinned.playbook_digest)
    return incident_view(story.incident, Reader(organisation(), playbook, words_for(locale), story.now + later))


def test_the_chain_of_the_alarm_names_people_and_reasons() -> None:
    story = Story().opened().does(Decline("bob", "sms"))
    alarm = read(story).alarm
    assert alarm.ringing
    assert alarm.paged[0].name == "Bob"
    assert alarm.paged[0].answer == "declined"
    assert alarm.paged[0].reason.text != alarm.paged[0].reason.key
    assert alarm.rung > 1


def test_clocks_stand_in_the_order_in_which_they_fall_due() -> None:
    story = Story().opened().later(minutes=3).taken()
    clocks = {clock.name: clock for clock in read(story).clocks}
    assert clocks["response"].verdict == "met"
    assert clocks["response"].met_at == START + timedelta(minutes=3)
    dues = [clock.due for clock in read(story).clocks]
    assert dues == sorted(dues)


def test_a_clock_that_nobody_met_is_breached_just_after_its_due_time() -> None:
    story = Story().opened()
    due = next(clock.due for clock in read(story).clocks if clock.name == "response")
    assert next(c for c in read(story, later=due - START).clocks if c.name == "response").verdict == "running"
    after = read(story, later=due - START + timedelta(seconds=1))
    assert next(c for c in after.clocks if c.name == "response").verdict == "breached"


def test_steps_have_the_words_of_the_pinned_playbook_in_the_reader_s_language() -> None:
    story = Story().opened().taken()
    english, chinese = read(story), read(story, "zh_Hans")
    assert english.steps[0].text.isascii()
    assert not chinese.steps[0].text.isascii()
    assert english.playbook_name != chinese.playbook_name
    assert [step.id for step in english.steps] == [step.id for step in chinese.steps]


def test_a_step_says_what_it_waits_for_and_who_owns_it() -> None:
    story = Story().opened().taken()
    later = next(step for step in read(story).steps if step.after)
    assert set(later.waiting_for) == set(later.after)
    for name in later.after:
        story.does(FinishStep(name, "alice", "done"), "person:alice")
    assert next(step for step in read(story).steps if step.id == later.id).waiting_for == ()
    assert [who.person for who in later.owner_people] == ["alice"]


def test_an_added_step_has_its_own_words() -> None:
    story = Story().opened().taken().does(AddStep("Fetch the spare", Post.LOGISTICS, "alice", 15))
    added = read(story).steps[-1]
    assert added.text == "Fetch the spare"
    assert added.limit_s == 900
    story.does(StartStep(added.id, "alice"))
    assert read(story).steps[-1].status == "running"


def test_wanted_posts_are_late_until_somebody_holds_them() -> None:
    story = Story().opened().taken()
    wanted = [post for post in read(story).posts if post.needed_by and not post.people]
    assert wanted
    assert not any(post.late for post in wanted)
    late = read(story, later=timedelta(days=1))
    assert all(post.late for post in late.posts if not post.people)
    first = Post(wanted[0].post)
    story.does(FillPost(first, "bob"))
    held = next(post for post in read(story, later=timedelta(days=1)).posts if post.post == first)
    assert [who.name for who in held.people] == ["Bob"]
    assert not held.late


def test_what_closing_lacks_and_what_is_allowed() -> None:
    story = Story().opened()
    seen = read(story)
    assert "acknowledge" in seen.allowed
    assert "close" not in seen.allowed
    assert "tick" not in seen.allowed
    assert {why.key for why in seen.to_close} >= {"close.no_cause", "close.not_verified"}
    assert all(why.text != why.key for why in seen.to_close)


def test_updates_and_requests() -> None:
    story = Story().opened().taken()
    story.does(Update("power is back", restored_percent=40)).does(RequestResource("fuse", 3))
    seen = read(story)
    assert (seen.updates.count, seen.updates.text, seen.restored_percent) == (1, "power is back", 40)
    assert [(r.item, r.quantity, r.arrived) for r in seen.requests] == [("fuse", 3, 0)]


def test_somebody_who_has_left_is_shown_by_id() -> None:
    story = Story().opened().taken()
    story.state = replace(story.incident, commander="gone", responders=("gone",))
    assert read(story).responders[0].name == "gone"


def test_no_number_stands_anywhere_in_what_is_read() -> None:
    story = Story().opened().taken()
    whole = TypeAdapter(IncidentView).dump_json(read(story)).decode()
    assert "+1202" not in whole


def test_every_entry_can_be_read_with_reasons_as_sentences() -> None:
    story = Story().opened().later(minutes=40).taken().does(Update("on it"))
    reader = Reader(organisation(), None, words_for("en"), story.now)
    views = [entry_view(entry, None, reader) for entry in story.log]
    assert TypeAdapter(list[EntryView]).dump_json(views)
    graded = next(view for view in views if view.kind == "graded")
    assert graded.fields["reasons"][0]["text"].startswith("stated as Critical")
    paged = next(view for view in views if view.kind == "paged")
    assert paged.fields["people"][0]["person_name"] == "Bob"
    assert views[0].by_name is None
