"""Why was I paged: told from the log as it was written, whatever the rosters and rules say by now."""

from __future__ import annotations

from incident.commands import Acknowledge, Decline, NoteDelivery, NoteFailure, Regrade
from incident.errors import why
from incident.levels import Kind, Level
from incident.record.view import Reader
from incident.record.why import PageWhy, pages_of
from incident.words import words_for
from tests.core.house import Story, organisation

SPOILT = why("page.failed.no_way")


def told(story: Story, *absent: str) -> list[PageWhy]:
    reader = Reader(organisation(*absent), None, words_for("en"), story.now)
    return pages_of(story.log, reader)


def opened() -> Story:
    return Story().opened(kind=Kind.SYSTEM_OUTAGE)


def test_the_first_page_tells_rung_roster_and_the_rules_that_led_to_it() -> None:
    (first,) = told(opened())
    assert (first.person, first.rung, first.round, first.tier) == ("bob", 1, 0, "field")
    assert first.rungs > 3
    assert (first.reason.key, first.reason.params["roster"]) == ("roster.rotation", "field-response")
    assert first.because.key == "alarm.opened"
    assert [reason.key for reason in first.grading] == ["grade.stated"]
    assert first.routed.key == "route.product"
    assert (first.before, first.heard.answer) == ((), "silent")


def test_the_next_one_sees_who_was_asked_before_and_that_they_said_nothing() -> None:
    _, second = told(opened().later(minutes=5))
    assert second.because.key == "alarm.silence"
    (asked,) = second.before
    assert (asked.name, asked.answer, asked.at, asked.rung) == ("Bob", "silent", None, 1)


def test_or_what_they_answered_with_their_words() -> None:
    story = opened().later(seconds=40).does(Decline("bob", "sms", "I am on the road"), "person:bob")
    *_, second = told(story)
    (asked,) = second.before
    assert (asked.answer, asked.at, asked.via, asked.note) == ("declined", story.now, "sms", "I am on the road")
    assert second.because.params == {"person": "bob"}
    assert "Bob" in second.because.text


def test_somebody_who_could_not_be_reached_is_told_apart_from_somebody_silent() -> None:
    story = opened().does(NoteFailure(1, "bob", "voice", SPOILT))
    *_, second = told(story)
    assert [asked.answer for asked in second.before] == ["unreachable"]


def test_the_page_itself_says_what_became_of_it() -> None:
    story = opened().later(seconds=5).does(NoteDelivery(1, "bob", "sms"))
    delivered = story.now
    story.later(seconds=30).does(Acknowledge("bob", "link"), "person:bob")
    (only,) = told(story)
    assert (only.heard.answer, only.heard.at, only.heard.delivered_at) == ("taken", story.now, delivered)


def test_a_later_round_says_so_and_keeps_what_each_said_last() -> None:
    story = opened().later(minutes=40)
    *_, last = told(story)
    assert last.round >= 1
    assert last.who is None, "everybody on the ladder: no rung of their own"
    assert len({asked.person for asked in last.before}) == len(last.before)


def test_after_a_regrading_the_rule_is_the_regrading() -> None:
    story = Story().opened(level=Level.MEDIUM, kind=Kind.OTHER)
    story.does(Regrade(Level.CRITICAL, "it burns"), "person:dora")
    *_, last = told(story)
    assert (last.level, last.because.key) == ("critical", "alarm.regraded")
    assert "it burns" in last.grading[0].text
    assert told(story)[0].level == "medium", "the first page as it was then"


def test_todays_roster_has_no_say() -> None:
    story = opened().later(minutes=5)
    now = told(story, "field", "region")  # everybody has left their rosters since
    assert [(page.person, page.reason.key) for page in now] == [(page.person, page.reason.key) for page in told(story)]


def test_a_rung_that_nobody_held_on_the_way_is_told() -> None:
    story = Story("region").opened(kind=Kind.SYSTEM_OUTAGE)
    before = len(told(story))
    while len(told(story)) < before + 2:
        story.later(minutes=1)
    last = told(story)[-1]
    assert last.tier == "hq"
    assert [gap.key for gap in last.gaps] == ["alarm.nobody_on_duty"]
    assert last.because.key == "alarm.silence"
