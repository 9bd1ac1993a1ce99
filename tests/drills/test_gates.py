"""Gates, ratings, and what is not observed."""

from dataclasses import replace
from datetime import timedelta

import pytest

from drills.measures import Dimension, Item
from drills.score import Rating
from drills.score.seal import seal
from incident.events import Acknowledged, Closed, CommandTaken, Regraded, Reopened, StepSkipped, Updated, Verified
from incident.levels import Level
from tests.drills.tale import START, STEPS, Tale, objective, the_level, vector

ANSWER = objective("answer", ("acknowledge", True), ("command", True))


def keys(tale: Tale) -> set[str]:
    return {gate.reason.key.removeprefix("drill.gate.") for gate in tale.score().gates}


def regraded(level: Level, was: Level) -> Regraded:
    graded = the_level(level)
    return Regraded(level, was, "worse than it looked", graded.clocks, graded.cadence, ())


def test_a_critical_answered_after_twice_its_target_is_at_best_major():
    tale = Tale().opened().taken(31).expects(objectives=(ANSWER,))
    score = tale.score()
    gate = next(gate for gate in score.gates if gate.reason.key == "drill.gate.answered_late")
    assert tale.log[gate.position - 1].event == Acknowledged("li", "sms")
    assert score.sums[0].unable
    assert score.sums[0].dimension is Dimension.RESPONSE
    assert score.rating is Rating.MAJOR


def test_exactly_twice_its_target_trips_nothing_but_scores_nothing():
    tale = Tale().opened().taken(30)
    assert "answered_late" not in keys(tale)
    assert tale.ratio(Item.ACKNOWLEDGE) == 0


def test_nobody_ever_answered():
    score = Tale().opened().at(60, Updated("silence", None), by="key:bot").expects(objectives=(ANSWER,)).score()
    assert score.rating is Rating.UNABLE
    assert {g.reason.key for g in score.gates} >= {"drill.gate.never_answered", "drill.gate.no_commander"}
    assert score.mark(Item.ACKNOWLEDGE).points == 0


def test_one_that_ended_before_anybody_could_be_that_late_says_when_it_ended():
    score = Tale().opened().at(3, Updated("stopped", None), by="key:bot").expects(objectives=(ANSWER,)).score()
    (gate,) = (g for g in score.gates if g.reason.key == "drill.gate.ended_unanswered")
    assert dict(gate.reason.params) == {"lasted": "3"}
    assert score.rating is Rating.UNABLE


@pytest.mark.parametrize("by", ["key:pagerduty", "system"])
def test_an_automatic_acknowledgement_does_not_count(by: str):
    tale = Tale().opened().at(1, Acknowledged("li", "api"), by=by).taken(18)
    assert tale.ratio(Item.ACKNOWLEDGE) == pytest.approx(0.8)


def test_the_answer_of_somebody_on_no_roster_does_not_count():
    tale = Tale().opened().at(1, Acknowledged("walk-in", "web", rostered=False), by="person:walk-in").taken(18)
    assert tale.ratio(Item.ACKNOWLEDGE) == pytest.approx(0.8)


def test_a_life_safety_step_that_was_skipped_is_not_achieved():
    vital = tuple(replace(step, life_safety=step.id == "g") for step in STEPS)
    tale = vector().expects(steps=vital)
    tale.at(170, StepSkipped("g", "li", "no time"))
    score = tale.score()
    assert score.rating is Rating.UNABLE
    assert next(g for g in score.gates if "life_safety" in g.reason.key).position == len(tale.log)


def test_a_life_safety_step_out_of_order_is_not_achieved():
    vital = tuple(replace(step, life_safety=step.id == "f") for step in STEPS)
    assert "life_safety_order" in keys(vector().expects(steps=vital))


def test_two_under_and_never_corrected():
    def tale() -> Tale:
        return Tale().opened(Level.MEDIUM).taken().expects(objectives=(ANSWER,))

    assert "graded_under" in keys(tale())
    assert tale().ratio(Item.GRADING) == 0
    corrected = tale().at(20, regraded(Level.CRITICAL, Level.MEDIUM))
    assert "graded_under" not in keys(corrected)
    assert corrected.ratio(Item.GRADING) == 0.5


@pytest.mark.parametrize(
    ("level", "ratio"),
    [(Level.HIGH, 1.0), (Level.CRITICAL, 0.8), (Level.MEDIUM, 0.3), (Level.LOW, 0.0)],
)
def test_grading_beside_an_expected_high(level: Level, ratio: float):
    assert Tale().opened(level).taken().expects(level=Level.HIGH).ratio(Item.GRADING) == ratio


def test_to_leave_the_right_level_is_no_gain():
    tale = Tale().opened().taken().at(10, regraded(Level.MEDIUM, Level.CRITICAL))
    assert tale.ratio(Item.GRADING) == 0


def test_a_critical_of_which_headquarters_never_heard():
    assert "never_hq" in keys(Tale().opened().taken())
    assert "never_hq" not in keys(Tale().opened().taken(5, "zhao"))


def test_closed_unverified():
    tale = Tale().opened().taken().at(60, Verified("tried", False, "wang")).at(70, Closed())
    assert "unverified" in keys(tale)
    assert "unverified" not in keys(vector())


def test_a_failed_test_is_a_wrong_act_and_undoes_the_recovery():
    tale = vector()
    before = tale.score()
    tale.at(215, Reopened("it came back"))
    after = tale.score()
    assert after.mark(Item.REMEDY).ratio == before.mark(Item.REMEDY).ratio - 0.25
    assert after.mark(Item.RESTORE).ratio == 0


@pytest.mark.parametrize("kind", ["left", "unmarked"])
def test_a_leak_voids(kind: str):
    score = vector().seen(leaks=[{"kind": kind, "text": "SMS to a customer", "position": 7}]).score()
    assert (score.void, score.total, score.rating) == (True, None, None)


def test_a_report_without_the_mark_voids():
    assert Tale().opened(drill=None).taken().score().void


def test_one_changed_letter_voids():
    tale = vector()
    tale.seen(sealed=seal(tale.log))
    assert not tale.score().void
    tale.log[-1] = replace(tale.log[-1], event=Closed("better than it was"))
    assert keys(tale) == {"altered"}
    assert tale.score().void


def test_the_seal_does_not_mind_order_of_arrival():
    log = vector().log
    assert seal(log) == seal(reversed(log))
    assert seal(log) != seal(log[:-1])


def test_help_caps_its_item_and_its_objective():
    clean = Tale().opened().taken(5, "zhao").expects(objectives=(ANSWER,))
    assert clean.score().rating is Rating.PERFORMED
    helped = clean.seen(helps=[{"inject": 4, "measure": "acknowledge", "objective": "answer", "position": 6}])
    assert helped.ratio(Item.ACKNOWLEDGE) == 0.5
    assert helped.score().rating is not Rating.PERFORMED
    step = vector().seen(helps=[{"inject": 4, "measure": "step.a", "objective": "all", "position": 6}])
    assert step.score().mark(Item.STEPS).points == pytest.approx(12 * 20.5 / 25)


def test_ratings_are_rules_and_not_bands():
    def rated(minute: float) -> Rating | None:
        return Tale().opened().taken(minute, "zhao").expects(objectives=(ANSWER,)).score().rating

    assert rated(10) is Rating.PERFORMED
    assert rated(11) is Rating.SOME  # command in place a minute late: a miss
    assert rated(16) is Rating.MAJOR  # command missed by more than half
    assert rated(40) is Rating.MAJOR


def test_harm_and_hard_order_are_major_and_an_improvement_is_some():
    tale = Tale().opened().taken(5, "zhao").expects(objectives=(ANSWER,))
    note = {"text": "shouted", "by": "evaluator", "objective": "answer"}
    assert tale.seen(seen=[{**note, "kind": "improvement"}]).score().rating is Rating.SOME
    assert tale.seen(seen=[{**note, "kind": "harm"}]).score().rating is Rating.MAJOR
    assert tale.seen(seen=[{**note, "kind": "strength"}]).score().rating is Rating.PERFORMED
    broken = vector().expects(hard_order=(("f", "i"),)).score()
    assert broken.objectives[0].rating is Rating.MAJOR
    assert broken.objectives[0].lines


def test_an_evaluator_may_rate_otherwise_and_both_are_kept():
    score = vector().seen(overrides=[{"of": "all", "rating": "M", "reason": "luck", "by": "Gao"}]).score()
    assert (score.rating, score.given, score.stands) == (Rating.SOME, Rating.MAJOR, Rating.MAJOR)
    assert score.objectives[0].given_why == "luck"
    overall = vector().seen(overrides=[{"of": "overall", "rating": "P", "reason": "well led", "by": "Gao"}]).score()
    assert (overall.rating, overall.given, overall.given_by) == (Rating.SOME, Rating.PERFORMED, "Gao")


def test_not_observed_drops_out_and_the_rest_is_weighed_anew():
    tale = vector()
    whole = tale.score().total
    assert whole is not None
    without = tale.seen(unseen=["satisfaction"]).score()
    assert without.total == pytest.approx((whole - 8) / 90 * 100)
    assert without.mark(Item.SATISFACTION).points is None


def test_with_more_than_a_fifth_unseen_there_is_no_total():
    at_the_limit = vector().seen(unseen=["satisfaction", "posts"]).score()
    assert at_the_limit.total is not None
    beyond = vector().seen(unseen=["satisfaction", "posts", "grading"]).score()
    assert beyond.total is None
    assert beyond.rating is not None
    assert beyond.dropped == pytest.approx(0.24)


def test_two_answers_are_no_observation():
    assert vector().seen(answers=[{"value": 1}, {"value": 1}]).ratio(Item.SATISFACTION) is None
    played = vector().seen(answers=[{"value": 5, "played": True}] * 3).score().mark(Item.SATISFACTION)
    assert {line.said.key for line in played.evidence} == {"drill.line.answer_played"}


def test_drawing_in_without_need_lowers_precision():
    clean = vector().ratio(Item.ESCALATION)
    loud = vector().at(40, Updated("everybody", None, "public")).ratio(Item.ESCALATION)
    assert clean is not None
    assert loud is not None
    assert loud < clean


def test_pauses_are_no_time():
    tale = Tale().opened().taken(18)
    pause = {"start": START + timedelta(minutes=5), "end": START + timedelta(minutes=8)}
    twice = {"start": START + timedelta(minutes=6), "end": START + timedelta(minutes=8)}
    assert tale.seen(pauses=[pause, twice]).ratio(Item.ACKNOWLEDGE) == 1


def test_a_real_incident_is_scored_from_what_it_pinned():
    from drills.score import of_incident, profile, score
    from incident.playbooks.reader import load_library

    tale = vector()
    tale.log[0] = replace(tale.log[0], event=replace(tale.log[0].event, drill=None))  # type: ignore[type-var]
    plan = next(p for p in load_library() if p.id == "system-outage")
    expected = of_incident(tale.log, plan, profile())
    found = score(expected, tale.log, profile=profile(), cast={})
    assert expected.acknowledge_min == 15
    assert not found.void
    assert found.mark(Item.CONTAINMENT).ratio is None
    assert found.mark(Item.ACKNOWLEDGE).ratio == pytest.approx(0.8)
    assert found.total is not None
    assert CommandTaken in {type(entry.event) for entry in tale.log}
