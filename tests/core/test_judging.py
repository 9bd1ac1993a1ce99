"""The reviewer's part: who may judge the communication, when, and that nothing said of it is ever lost."""

from __future__ import annotations

import pytest

from incident.commands import (
    AcceptCommand,
    Close,
    EndDrill,
    JudgeCommunication,
    Note,
    OfferCommand,
    Resolve,
    SkipStep,
    TickCloseout,
    Verify,
)
from incident.errors import BadInput
from incident.events import CommunicationJudged
from incident.state import Phase
from tests.core.house import Story

GOOD = JudgeCommunication("dora", 4, 5, None, "one figure was wrong", "everybody knew", None)


def reviewing() -> Story:
    """alice led, bob took over from her; it is verified and not closed."""
    story = Story().opened().later(minutes=1).taken("alice").does(OfferCommand("bob")).does(AcceptCommand("bob"))
    story.does(Resolve("bob", "web", cause="breaker", measure="replaced")).does(Verify("dora", "switched over"))
    return story.is_in(Phase.REVIEWING)


def test_somebody_who_did_not_command_judges_it_with_reasons() -> None:
    story = reviewing().does(GOOD, "person:dora").wrote("communication_judged").replays()
    assert story.incident.judged == CommunicationJudged("dora", 4, 5, None, "one figure was wrong", "everybody knew")


@pytest.mark.parametrize("leader", ["alice", "bob"])
def test_whoever_commanded_at_any_time_does_not_judge(leader: str) -> None:
    judgement = JudgeCommunication(leader, accuracy=5, accuracy_reason="all well")
    reviewing().refuses(judgement, "refused.judge_own")


def test_before_the_review_nobody_judges() -> None:
    Story().opened().taken("alice").refuses(GOOD, "refused.phase")


def test_a_later_judgement_counts_and_the_earlier_one_stays() -> None:
    story = reviewing().does(GOOD)
    story.does(GOOD).wrote()  # the same form, sent twice
    story.does(JudgeCommunication("erik", 2, accuracy_reason="the site was named wrongly")).wrote(
        "communication_judged"
    )
    assert [one.person for one in story.all_of(CommunicationJudged)] == ["dora", "erik"]
    assert story.incident.judged is not None
    assert story.incident.judged.accuracy == 2


def test_what_is_closed_may_still_be_judged() -> None:
    story = reviewing()
    assert story.incident.pinned is not None
    for step in story.incident.steps.values():
        story.does(SkipStep(step.plan.id, "bob", "not needed"))
    for item in story.incident.pinned.closeout:
        story.does(TickCloseout(item))
    story.does(Close("a breaker")).is_in(Phase.CLOSED)
    story.does(GOOD).wrote("communication_judged").is_in(Phase.CLOSED)


@pytest.mark.parametrize(
    ("judgement", "pointers"),
    [
        (JudgeCommunication("dora"), ["/accuracy"]),
        (JudgeCommunication("dora", accuracy=3), ["/accuracy_reason"]),
        (JudgeCommunication("dora", 3, accuracy_reason="so", feedback_reason="nobody asked"), ["/feedback"]),
    ],
)
def test_a_figure_has_its_reason_and_a_reason_its_figure(judgement: JudgeCommunication, pointers: list[str]) -> None:
    story = reviewing()
    with pytest.raises(BadInput) as bad:
        story.does(judgement)
    assert [fault.pointer for fault in bad.value.faults] == pointers


def test_a_drill_is_not_judged_while_it_goes_on() -> None:
    story = Story()
    story.drill = "d1"
    story.opened().taken("alice").does(Resolve("alice", "web", cause="x", measure="y")).does(Verify("dora", "tried"))
    story.refuses(GOOD, "communication.drill_runs")
    story.does(EndDrill()).does(GOOD).wrote("communication_judged")


def test_a_drill_is_judged_behind_its_seal_and_nothing_else_gets_there() -> None:
    story = Story()
    story.drill = "d1"
    story.opened().later(minutes=1).taken("alice").does(EndDrill())
    story.does(GOOD).wrote("communication_judged").replays()
    story.refuses(Note("one more thing"), "drill.sealed")
    story.refuses(JudgeCommunication("alice", 5, accuracy_reason="we were good"), "refused.judge_own")
    story.does(EndDrill()).wrote()
