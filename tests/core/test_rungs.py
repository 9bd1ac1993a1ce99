"""Rungs of people, skills and posts; in turn and again; at certain hours. Whoever is passed over is named."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from incident.commands import Acknowledge, Decline, FillPost, Moment, Regrade
from incident.errors import why
from incident.events import Escalated, Graded, Paged
from incident.levels import Kind, Level
from incident.organisation import Organisation
from incident.playbooks.model import Playbook
from incident.playbooks.reader import load_library
from incident.playbooks.rungs import Rung
from incident.posts import Post
from incident.record.dry_run import of_report
from incident.record.view import Reader
from incident.report import Report
from incident.store.codec import decode, encode
from incident.words import LOCALES, words_for
from tests.core.house import START, Shelf, Story, organisation

HQ = {"tier": "hq", "who": "all"}
PLAN = next(plan for plan in load_library() if plan.id == "system-outage")


class Plan(Shelf):
    """The shipped plans, with another ladder in the one that is used."""

    def __init__(self, *rungs: dict[str, object]) -> None:
        super().__init__()
        ladder = tuple(Rung.model_validate({"wait_min": 2, **rung}) for rung in rungs)
        self.plan = PLAN.model_copy(update={"ladder": ladder})

    def playbooks(self) -> tuple[Playbook, ...]:
        return (self.plan, *(plan for plan in load_library() if plan.id not in (self.plan.id, "general-emergency")))

    def pinned_playbook(self, digest: str) -> Playbook:
        return self.plan if digest == self.plan.digest else super().pinned_playbook(digest)


def tale(*rungs: dict[str, object], **people: dict[str, object]) -> Story:
    """A story with these rungs; `people` change what is known of somebody."""
    story = Story()
    story.library = Plan(*rungs)
    document: dict[str, Any] = organisation().model_dump(mode="json")
    for person in document["people"]:
        person.update(people.get(person["id"].replace("-", "_"), {}))
    story.organisation = Organisation.model_validate(document)
    return story


def paged(story: Story) -> list[list[str]]:
    return [[one.person for one in event.people] for event in story.all_of(Paged)]


def off(days: float = 1) -> dict[str, object]:
    return {"time_off": [{"start": START.isoformat(), "end": (START + timedelta(days=days)).isoformat()}]}


def skill(until: str | None = None, **more: str) -> dict[str, object]:
    return {"skills": [{"name": "Gas certificate", "until": until, **more}]}


GAS = {"tier": "field", "who": "primary", "skill": "gas certificate"}
EXPIRED, VALID = skill("2026-11-22"), skill("2026-11-23")


def test_people_who_are_named_are_paged_whether_they_are_on_a_roster_or_not() -> None:
    story = tale({"tier": "field", "who": "people", "people": ["walk-in", "erik"]}, HQ).opened()
    assert paged(story) == [["walk-in", "erik"]]
    assert story.all_of(Paged)[0].people[0].reason == why("ladder.named")
    story.later(minutes=1).does(Acknowledge("walk-in", "sms"))
    assert story.incident.clocks["response"].met_at == story.now  # the ladder itself asked for this answer


def test_everybody_of_the_unit_with_the_skill_is_paged_and_who_let_it_lapse_is_named() -> None:
    rung = {"tier": "field", "who": "skilled", "skill": "gas certificate"}
    story = tale(rung, HQ, helper_1=VALID, helper_2=skill(), helper_3=EXPIRED, dora=skill()).opened()
    assert paged(story) == [["helper-1", "helper-2"]]
    (remark,) = story.all_of(Paged)[0].remarks
    assert (remark.person, remark.reason.key) == ("helper-3", "skill.expired")
    story.replays()


def test_a_skill_that_ran_out_yesterday_hands_the_page_to_the_next_in_line_and_says_so() -> None:
    on, next_ = paged(Story().opened())[0][0], {"alice": "bob", "bob": "alice"}
    story = tale(GAS, HQ, **{on: EXPIRED, next_[on]: VALID}).opened()
    assert paged(story) == [[next_[on]]]
    assert [(one.person, one.reason.key) for one in story.all_of(Paged)[0].remarks] == [(on, "skill.expired")]


def test_a_waiver_with_its_reason_lets_an_expired_skill_count_and_is_said_too() -> None:
    on = paged(Story().opened())[0][0]
    story = tale(GAS, HQ, **{on: skill("2026-11-22", waiver="renewal is booked for Friday")}).opened()
    assert paged(story) == [[on]]
    assert story.all_of(Paged)[0].remarks[0].reason.key == "skill.waived"
    assert "renewal is booked" in words_for("en").reason(story.all_of(Paged)[0].remarks[0].reason)


def test_with_nobody_qualified_it_climbs_at_once_and_names_the_skill_and_the_people() -> None:
    story = tale(GAS, HQ, alice=EXPIRED).opened()
    assert paged(story) == [["dora", "erik"]] or paged(story) == [["erik", "dora"]]
    (climbed,) = story.all_of(Escalated)
    assert climbed.reason == why("alarm.nobody_qualified", tier="field", skill="gas certificate")
    assert {one.person: one.reason.key for one in climbed.remarks} == {"alice": "skill.expired", "bob": "skill.lacks"}


@pytest.mark.parametrize(
    ("rung", "key"),
    [
        ({"tier": "field", "who": "primary"}, "alarm.nobody_on_duty"),
        ({"tier": "field", "who": "secondary"}, "alarm.nobody_on_duty"),
        ({"tier": "field", "who": "all"}, "alarm.nobody_on_duty"),
        ({"tier": "field", "who": "people", "people": ["alice", "bob"]}, "alarm.nobody_on_duty"),
        ({"tier": "field", "who": "people", "people": ["alice"], "mode": "in_turn"}, "alarm.nobody_on_duty"),
        ({"tier": "field", "who": "skilled", "skill": "gas certificate"}, "alarm.nobody_qualified"),
        ({"tier": "field", "who": "all", "skill": "gas certificate"}, "alarm.nobody_on_duty"),
        ({"tier": "field", "who": "post", "post": "safety"}, "alarm.post_unheld"),
        (
            {"tier": "field", "who": "primary", "hours": {"when": "outside", "opens": "00:00", "closes": "23:59"}},
            "alarm.inside_hours",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "-".join(map(str, value.values()))[:40],
)
def test_no_kind_of_rung_is_silence_when_all_of_it_are_away(rung: dict[str, object], key: str) -> None:
    away = off() | skill()
    story = tale(rung, HQ, alice=away, bob=away).opened()
    assert story.all_of(Escalated)[0].reason.key == key
    assert sorted(paged(story)[0]) == ["dora", "erik"]
    assert story.all_of(Paged)[0].next_at > START
    for locale in LOCALES:
        said = words_for(locale).reason(story.all_of(Escalated)[0].reason)
        assert said != key
        assert "{" not in said
    story.replays()


def test_on_a_rung_in_turn_each_has_the_whole_wait_before_the_next_is_asked() -> None:
    rung = {"tier": "field", "who": "people", "people": ["bob", "charlie", "alice"], "mode": "in_turn"}
    story = tale(rung, HQ).opened()
    assert paged(story) == [["bob"]]
    assert [one.person for one in story.all_of(Paged)[0].waiting] == ["charlie", "alice"]
    story.later(minutes=1, seconds=59)
    assert paged(story) == [["bob"]]
    story.later(seconds=1)
    assert paged(story) == [["bob"], ["charlie"]]
    story.later(minutes=2)
    assert paged(story)[2:] == [["alice"]]
    assert story.all_of(Escalated) == []
    story.later(minutes=2)
    assert len(paged(story)) == 4
    assert [event.rung for event in story.all_of(Escalated)] == [1]
    story.replays()


def test_who_passes_it_on_hands_it_to_the_next_in_turn_at_once() -> None:
    rung = {"tier": "field", "who": "people", "people": ["bob", "charlie"], "mode": "in_turn", "repeat": 2}
    story = tale(rung, HQ).opened().does(Decline("bob", "sms")).wrote("declined", "paged")
    assert paged(story) == [["bob"], ["charlie"]]
    story.later(minutes=2)  # the second time round without Bob, who has said no
    assert paged(story)[2:] == [["charlie"]]
    assert story.all_of(Paged)[-1].time == 2
    story.does(Decline("charlie", "sms")).wrote("declined", "escalated", "paged")


def test_an_answer_in_the_middle_of_the_turns_stops_them() -> None:
    rung = {"tier": "field", "who": "people", "people": ["bob", "charlie"], "mode": "in_turn"}
    story = tale(rung, HQ).opened().later(minutes=1).taken("bob").later(minutes=9)
    assert paged(story) == [["bob"]]


def test_a_rung_is_paged_as_often_as_it_says_before_it_climbs() -> None:
    story = tale({"tier": "field", "who": "all", "repeat": 3}, HQ).opened().later(minutes=4)
    assert len(paged(story)) == 3
    assert [event.time for event in story.all_of(Paged)] == [1, 2, 3]
    assert {event.rung for event in story.all_of(Paged)} == {0}
    story.later(minutes=2)
    assert [event.rung for event in story.all_of(Escalated)] == [1]
    assert story.all_of(Paged)[-1].time == 1


def test_after_an_outage_a_rung_in_turn_goes_on_by_one_and_not_by_all() -> None:
    rung = {"tier": "field", "who": "people", "people": ["bob", "charlie", "alice"], "mode": "in_turn"}
    assert paged(tale(rung, HQ).opened().outage(minutes=60)) == [["bob"], ["charlie"]]


def test_somebody_who_goes_on_holiday_while_waiting_for_their_turn_is_not_asked() -> None:
    rung = {"tier": "field", "who": "people", "people": ["bob", "charlie"], "mode": "in_turn"}
    story = tale(rung, HQ).opened()
    story.organisation = tale(rung, HQ, charlie=off()).organisation
    story.later(minutes=2)
    assert sorted(paged(story)[1]) == ["dora", "erik"]


def test_a_post_is_paged_by_whoever_holds_it_and_falls_to_the_commander() -> None:
    story = tale({"tier": "field", "who": "post", "post": "safety"}, HQ).opened().taken("alice")
    story.does(FillPost(Post.SAFETY, "helper-3")).does(Regrade(Level.HIGH, "less")).does(Regrade(Level.CRITICAL, "no"))
    assert paged(story)[-1] == ["helper-3"]
    assert story.all_of(Paged)[-1].people[0].reason == why("ladder.post", post="safety")
    vacant = tale({"tier": "field", "who": "post", "post": "safety"}, HQ).opened().taken("alice")
    vacant.does(Regrade(Level.HIGH, "less")).does(Regrade(Level.CRITICAL, "no"))
    assert paged(vacant)[-1] == ["alice"]


OFFICE = {"opens": "09:00", "closes": "17:00"}
DAY = {"tier": "field", "who": "people", "people": ["alice"], "hours": {"when": "inside", **OFFICE}}
NIGHT = {"tier": "field", "who": "people", "people": ["bob"], "hours": {"when": "outside", **OFFICE}}


def test_by_night_the_rung_for_office_hours_is_passed_in_writing() -> None:
    story = tale(DAY, NIGHT, HQ).opened()  # 02:12 on a Monday
    assert paged(story) == [["bob"]]
    assert story.all_of(Escalated)[0].reason == why("alarm.outside_hours", tier="field")


def test_the_hours_are_asked_when_the_page_is_due_and_not_when_the_incident_began() -> None:
    first = {"tier": "field", "who": "people", "people": ["charlie"], "wait_min": 410}
    story = tale(first, DAY, HQ).opened().later(minutes=409)  # to 09:01
    assert paged(story) == [["charlie"]]
    story.later(minutes=1)
    assert paged(story) == [["charlie"], ["alice"]]


@pytest.mark.parametrize(
    ("hours", "asked"),
    [
        ({"when": "inside", "timezone": "Asia/Shanghai", **OFFICE}, ["alice"]),  # 10:12 there
        ({"when": "inside", "timezone": "Asia/Shanghai", "country": "CN", **OFFICE}, ["alice"]),
        ({"when": "inside", "timezone": "Asia/Tokyo", "country": "JP", **OFFICE}, []),  # a holiday: 23 November
        ({"when": "outside", "timezone": "Asia/Tokyo", "country": "JP", **OFFICE}, ["alice"]),
        ({"when": "inside", "timezone": "America/New_York", **OFFICE}, []),  # Sunday evening
    ],
)
def test_the_hours_are_those_of_a_countrys_working_days(hours: dict[str, object], asked: list[str]) -> None:
    rung = {"tier": "field", "who": "people", "people": ["alice"], "hours": hours}
    assert (paged(tale(rung, HQ).opened())[0] == ["alice"]) is bool(asked)


def test_when_the_hours_leave_nobody_on_the_whole_ladder_they_do_not_count() -> None:
    story = tale(DAY).opened()
    assert paged(story) == [["alice"]]
    assert story.all_of(Paged)[0].round == 1


def test_the_pinned_rungs_are_read_back_as_they_were_written_and_plain_ones_stay_short() -> None:
    story = tale(DAY, {"tier": "field", "who": "primary"}, HQ).opened()
    graded = story.all_of(Graded)[0]
    assert decode(*encode(graded)) == graded
    assert [rung.terms is None for rung in graded.ladder] == [False, True, True]
    for event in (*story.all_of(Paged), *story.all_of(Escalated)):
        assert decode(*encode(event)) == event


@pytest.mark.parametrize(
    ("rung", "said"),
    [
        ({"tier": "field", "who": "people"}, "that needs some"),
        ({"tier": "field", "who": "all", "people": ["alice"]}, "goes with who: people"),
        ({"tier": "field", "who": "post"}, "that needs one"),
        ({"tier": "field", "who": "skilled"}, "needs a skill"),
        ({"tier": "field", "who": "all", "repeat": 0}, "greater than or equal to 1"),
        (DAY | {"hours": {"when": "inside", "opens": "17:00", "closes": "09:00"}}, "open before they close"),
    ],
)
def test_a_rung_that_contradicts_itself_is_refused(rung: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Rung.model_validate(rung)


def test_a_playbook_keeps_its_digest_when_rungs_learn_to_say_more() -> None:
    assert "repeat" not in PLAN.dump()
    assert Playbook.load(PLAN.dump()) == PLAN
    more = Plan(DAY, HQ).plan
    assert Playbook.load(more.dump()) == more
    assert more.digest != PLAN.digest


def test_whoever_may_only_look_on_could_not_answer_and_is_passed_over() -> None:
    story = tale(
        {"tier": "field", "who": "people", "people": ["walk-in", "bob"]}, HQ, walk_in={"role": "viewer"}
    ).opened()
    assert paged(story) == [["bob"]]
    assert story.all_of(Paged)[0].remarks[0].reason == why("ladder.viewer")


def test_when_the_top_rung_has_nobody_that_is_written_too_before_everybody_is_called() -> None:
    story = tale({"tier": "field", "who": "people", "people": ["bob"]}, GAS).opened().later(minutes=2)
    assert [(event.rung, event.reason.key) for event in story.all_of(Escalated)] == [
        (1, "alarm.silence"),
        (2, "alarm.nobody_qualified"),
    ]
    last = story.all_of(Paged)[-1]
    assert (last.round, [one.person for one in last.people]) == (1, ["bob"])
    story.replays()


def test_a_dry_run_says_whom_it_passes_over_and_why_a_rung_is_left() -> None:
    story = tale(GAS, DAY, HQ, alice=EXPIRED, bob=EXPIRED)
    report = Report(title="smell of gas", kind=Kind.SYSTEM_OUTAGE, level=Level.CRITICAL, product="cloud")
    reader = Reader(story.organisation, None, words_for("en"), START)
    run = of_report(report, START, "system", lambda at, by: Moment(at, by, story.organisation, story.library), reader)
    first, second = (moment for moment in run.moments if moment.kind == "gap")
    assert first.why is not None
    assert first.why.key == "alarm.nobody_qualified"
    assert "Alice: the skill “gas certificate” ran out after 2026-11-22" in first.says
    assert second.why is not None
    assert second.why.key == "alarm.outside_hours"
