"""The five measures, counted from the log and the outbox; what nobody observed is no zero."""

from __future__ import annotations

from datetime import timedelta

from incident.commands import (
    Acknowledge,
    Decline,
    JudgeCommunication,
    Note,
    PauseDrill,
    Recover,
    Resolve,
    ResumeDrill,
    Verify,
)
from incident.errors import why
from incident.record.communication import Assessment, Facts, Heard, Message, Outcome, assess, by_channel, by_way, facts
from tests.core.house import START, Story


def told(story: Story, *messages: Message, heard: tuple[Heard, ...] = ()) -> Facts:
    return facts(story.log, messages, heard, story.now)


def outcomes(found: Facts) -> list[tuple[str, str]]:
    return [(call.person, str(call.outcome)) for call in found.calls]


def bars(figures: Assessment) -> dict[str, float | None]:
    return {bar.measure: bar.percent for bar in figures.bars}


def test_a_page_acknowledged_before_the_ladder_climbed_is_in_time_and_names_its_entries() -> None:
    story = Story().opened().later(minutes=2).taken("bob")
    [call] = told(story).calls
    assert call.outcome is Outcome.IN_TIME
    assert [story.log[position - 1].kind for position in (call.position, call.answer or 0)] == ["paged", "acknowledged"]
    figures = assess([told(story)])
    assert (figures.answered.n, figures.answered.median_s, figures.answered.p90_s) == (1, 120, 120)
    assert bars(figures) == {
        "timeliness": 100,
        "accuracy": None,
        "clarity": None,
        "participation": 100,
        "feedback": None,
    }


def test_silence_counts_against_whoever_was_paged_and_the_late_answer_is_late() -> None:
    story = Story().opened().later(minutes=6)
    assert outcomes(told(story))[0] == ("bob", "unanswered")
    assert told(story).calls[-1].outcome is Outcome.OPEN, "the next rung has been paged a minute ago"
    story.taken("bob")
    found = told(story)
    assert outcomes(found)[0] == ("bob", "late")
    assert outcomes(found)[1] == ("alice", "stood_down")
    figures = assess([found])
    assert (figures.acknowledged.n, figures.acknowledged.of) == (0, 1), "alice was not needed any more"
    assert (figures.participation.n, figures.participation.of) == (1, 2)
    assert figures.answered.median_s == 360


def test_to_decline_is_an_answer_and_no_acknowledgement() -> None:
    story = Story().opened().later(minutes=1).does(Decline("bob", "sms"))
    figures = assess([told(story)])
    assert outcomes(told(story))[0] == ("bob", "declined")
    assert (figures.acknowledged.n, figures.acknowledged.of) == (0, 1)
    assert figures.participation.n == 1
    assert figures.answered.n == 0


def test_any_word_of_somebody_who_was_paged_is_taking_part_but_judging_it_afterwards_is_not() -> None:
    story = Story().opened().later(minutes=6).taken("alice")
    heard = told(story, heard=(Heard("bob", story.now),))
    assert heard.people == {"bob": True, "alice": True}
    story.does(Resolve("alice", "web", cause="x", measure="y")).does(Verify("dora", "tried"), "person:dora")
    story.does(JudgeCommunication("bob", 3, accuracy_reason="so so"), "person:bob")
    assert told(story).people == {"bob": False, "alice": True}
    story.does(Note("I was on the stairs"), "person:bob")
    assert told(story).people == {"bob": True, "alice": True}


def test_what_ends_by_itself_asks_nobody() -> None:
    story = Story().opened().later(minutes=1).does(Recover("all green"))
    assert outcomes(told(story)) == [("bob", "stood_down")]
    assert bars(assess([told(story)]))["timeliness"] is None


def test_a_pause_of_a_drill_is_nobodys_delay() -> None:
    story = Story()
    story.drill = "d1"
    story.opened().later(minutes=1).does(PauseDrill(why("drill.paused.control")))
    story.later(minutes=30).does(ResumeDrill()).later(minutes=1).taken("bob")
    found = told(story)
    assert outcomes(found) == [("bob", "in_time")]
    assert found.waits[0].seconds == 120


def test_an_answer_after_a_new_alarm_is_measured_from_that_alarm() -> None:
    story = Story().opened().later(minutes=6).taken("alice").later(minutes=1)
    story.does(Acknowledge("bob", "web"))
    waits = {wait.via: wait.seconds for wait in told(story).waits}
    assert waits == {"sms": 60, "web": 420}


def test_delivery_leaves_out_what_has_no_receipt_or_was_taken_back() -> None:
    states = ["delivered", "delivered", "failed", "expired", "sent", "waiting", "sending", "cancelled"]
    found = Facts(messages=(*(Message("sms", state, 1) for state in states), Message("mail", "sent", 1)))
    figures = assess([found])
    assert (figures.delivered.n, figures.delivered.of, figures.delivered.percent) == (2, 4, 50)
    assert figures.without_receipt == 2
    assert {one.way: one.delivered.percent for one in by_way([found])} == {"mail": None, "sms": 50}


def test_the_last_judgement_counts_and_a_period_takes_the_median() -> None:
    def judged(*figures: int) -> Facts:
        story = Story().opened().later(minutes=1).taken("bob")
        story.does(Resolve("bob", "web", cause="x", measure="y")).does(Verify("dora", "tried"))
        for figure in figures:
            story.does(JudgeCommunication("dora", figure, accuracy_reason=f"it was {figure}"))
        return told(story)

    several = [judged(1, 5), judged(2), judged(3), judged()]
    assert [len(one.judgements) for one in several] == [2, 1, 1, 0]
    figures = assess(several)
    assert (figures.accuracy.n, figures.accuracy.median) == (3, 3)
    assert bars(figures)["accuracy"] == 50
    assert figures.clarity.median is None
    assert figures.incidents == 4


def test_nothing_at_all_is_not_observed() -> None:
    figures = assess([])
    assert set(bars(figures).values()) == {None}
    assert figures.delivered.percent is None


def test_answers_are_told_apart_by_how_they_came() -> None:
    sms = Story().opened().later(minutes=1).taken("bob")
    web = Story().opened().later(minutes=3).does(Acknowledge("bob", "web"))
    found = {one.via: (one.answered.n, one.answered.median_s) for one in by_channel([told(sms), told(web)])}
    assert found == {"sms": (1, 60), "web": (1, 180)}
    assert sms.log[0].at == START
    assert sms.now - START == timedelta(minutes=1)
