"""The pager's own laws, on values: what is a breach of them, since when, and what is none."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from incident.audit import Finding, House, Leased, Limits, Rule, Trouble, Unsent, Untold, Watched, judge
from incident.audit.seen import Head
from incident.levels import Level
from incident.words import LOCALES, words_for

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
LIMITS = Limits()
RINGING = Watched(
    incident="i1",
    code="C7",
    phase="activated",
    opened_at=NOW - timedelta(minutes=4),
    wake_at=NOW + timedelta(minutes=1),
    next_at=NOW + timedelta(minutes=1),
    paged_at=NOW - timedelta(minutes=4),
    ringing=True,
    unreachable=False,
    commander=None,
    ordered=True,
    seq=5,
    log_seq=5,
    at=NOW - timedelta(minutes=4),
)
TAKEN = replace(RINGING, ringing=False, next_at=None, commander="alice", phase="handling")
WAITING = Unsent(
    incident="i1",
    code="C7",
    person="alice",
    way="sms",
    level=Level.CRITICAL,
    first=True,
    answer=True,
    since=NOW,
    attempts=0,
    reached=False,
)


def rules(*watched: Watched, **seen: object) -> list[Rule]:
    return [finding.rule for finding in judge(now=NOW, limits=LIMITS, watched=watched, **seen)]  # type: ignore[arg-type]


def ago(**time: float) -> datetime:
    return NOW - timedelta(**time)


def test_what_rings_with_a_page_and_what_somebody_has_is_well() -> None:
    assert rules(RINGING, TAKEN) == []


def test_what_is_solved_and_waits_for_its_test_needs_nobody() -> None:
    assert rules(replace(TAKEN, commander=None, phase="verifying", wake_at=None)) == []


def test_open_with_no_owner_no_ringing_and_no_look_is_forgotten() -> None:
    assert rules(replace(TAKEN, commander=None, phase="activated", wake_at=None)) == [Rule.ABANDONED]


def test_what_maintenance_holds_back_waits_for_its_end_and_is_not_forgotten() -> None:
    held = replace(TAKEN, commander=None, phase="activated", wake_at=NOW + timedelta(days=3), held=True)
    assert rules(held) == []
    assert rules(replace(held, wake_at=None)) == [Rule.ABANDONED]
    assert rules(replace(held, wake_at=ago(minutes=5))) == [Rule.LATE_WAKE]


def test_a_look_in_three_days_is_no_owner() -> None:
    assert rules(replace(TAKEN, commander=None, phase="activated", wake_at=NOW + timedelta(days=3))) == [Rule.SILENT]


def test_it_rings_but_no_page_was_ever_ordered() -> None:
    assert rules(replace(RINGING, ordered=False)) == [Rule.PAGELESS]


def test_where_nobody_is_on_duty_no_page_is_expected_and_after_a_while_that_itself_is_the_news() -> None:
    nobody = replace(RINGING, ordered=False, unreachable=True)
    assert rules(nobody) == []
    assert rules(replace(nobody, paged_at=ago(minutes=7))) == [Rule.UNREACHABLE]


@pytest.mark.parametrize("wake", [None, NOW + timedelta(hours=1)])
def test_the_ladder_must_be_woken_when_its_rung_is_due(wake: datetime | None) -> None:
    assert rules(replace(RINGING, wake_at=wake)) == [Rule.OVERSLEPT]


def test_a_row_that_tells_the_rung_to_the_millisecond_is_no_later_for_it() -> None:
    exact = NOW + timedelta(minutes=1, microseconds=999)
    assert rules(replace(RINGING, wake_at=exact, next_at=NOW + timedelta(minutes=1))) == []


def test_a_due_look_is_late_after_half_a_minute() -> None:
    assert rules(replace(RINGING, wake_at=ago(seconds=30), next_at=ago(seconds=30))) == []
    assert rules(replace(RINGING, wake_at=ago(seconds=31), next_at=ago(seconds=31))) == [Rule.LATE_WAKE]


def test_a_board_that_is_older_than_the_log_says_only_that() -> None:
    assert rules(replace(RINGING, log_seq=6, ordered=False)) == [Rule.BOARD]


def test_what_was_written_this_moment_is_not_judged() -> None:
    assert rules(replace(RINGING, ordered=False, at=NOW)) == []


def test_the_held_work_of_a_restored_backup_is_no_finding() -> None:
    assert rules(replace(RINGING, wake_at=NOW + timedelta(days=36_525))) == []


@pytest.mark.parametrize(
    ("level", "first", "answer", "seconds"),
    [
        (Level.CRITICAL, True, True, 15),
        (Level.CRITICAL, False, True, 30),
        (Level.HIGH, False, True, 60),
        (Level.MEDIUM, False, True, 120),
        (Level.LOW, False, True, 300),
        (Level.CRITICAL, False, False, 300),
    ],
)
def test_each_level_has_its_limit_for_a_message_that_waits(
    level: Level, first: bool, answer: bool, seconds: int
) -> None:
    one = replace(WAITING, level=level, first=first, answer=answer)
    assert rules(unsent=[replace(one, since=ago(seconds=seconds))]) == []
    assert rules(unsent=[replace(one, since=ago(seconds=seconds + 1))]) == [Rule.UNSENT]


def test_what_the_limits_hold_has_a_limit_of_its_own_from_the_time_until_which_it_is_held() -> None:
    held = replace(WAITING, level=Level.HIGH, first=False, held=True)
    assert rules(unsent=[replace(held, since=NOW + timedelta(minutes=20), attempts=3)]) == []
    assert rules(unsent=[replace(held, since=ago(seconds=60))]) == []
    assert rules(unsent=[replace(held, since=ago(seconds=61))]) == [Rule.UNSENT]


def test_whom_the_same_page_has_reached_by_another_way_does_not_wait() -> None:
    assert rules(unsent=[replace(WAITING, since=ago(minutes=5), reached=True)]) == []


def test_many_messages_of_one_incident_are_one_finding_that_tells_the_oldest() -> None:
    late = [replace(WAITING, since=ago(seconds=s), person=f"p{s}") for s in (40, 90, 60)]
    (found,) = judge(now=NOW, limits=LIMITS, unsent=late)
    assert (found.count, found.since, found.params["person"]) == (3, ago(seconds=90), "p90")


def test_leases_and_ends_that_nobody_told_are_found() -> None:
    lease, told = Leased("i1", "C7", ago(seconds=31)), Untold("i2", "C8", ago(seconds=31))
    assert rules(leased=[lease], untold=[told]) == [Rule.LEASE, Rule.UNTOLD]


def test_a_worker_that_fell_silent_is_found_and_one_that_never_was_is_not() -> None:
    assert rules(house=House()) == []
    assert rules(house=House(worker_at=ago(seconds=91), web_at=ago(seconds=5))) == [Rule.WORKER]
    assert rules(house=House(worker_at=NOW, web_at=ago(minutes=2))) == [Rule.WEB]


def test_after_all_of_it_was_down_each_is_given_its_time_from_the_start() -> None:
    silent = House(worker_at=ago(hours=8), web_at=ago(hours=8))
    overdue = replace(RINGING, wake_at=ago(hours=8), next_at=ago(hours=8))

    def found(began: datetime) -> list[Rule]:
        return [f.rule for f in judge(now=NOW, limits=LIMITS, watched=[overdue], house=silent, began=began)]

    assert found(ago(seconds=5)) == []
    assert found(ago(seconds=40)) == [Rule.LATE_WAKE]
    assert found(ago(seconds=91)) == [Rule.LATE_WAKE, Rule.WORKER, Rule.WEB]


def test_the_clerk_may_be_behind_in_a_storm_but_not_for_long() -> None:
    assert rules(house=House(unread=90_000, unread_since=ago(minutes=14))) == []
    behind = House(unread=3, unread_since=ago(minutes=16))
    assert rules(house=behind) == [Rule.CLERK]
    assert not judge(now=NOW, limits=LIMITS, house=behind, began=ago(minutes=1)), "it has just begun to read"


def test_the_logs_last_entry_must_be_the_boards_also_of_what_is_closed() -> None:
    assert rules(house=House(head=Head("i9", "C9", ago(minutes=1), 12, 12))) == []
    assert rules(house=House(head=Head("i9", None, ago(minutes=1), 12, None))) == [Rule.BOARD]


def test_the_gravest_comes_first_and_in_it_the_longest() -> None:
    later = replace(WAITING, incident="i2", code="C8", since=ago(minutes=1))
    found = judge(
        now=NOW,
        limits=LIMITS,
        watched=[replace(RINGING, ordered=False)],
        unsent=[later, replace(WAITING, since=ago(minutes=2))],
        house=House(unread=1, unread_since=ago(hours=1)),
    )
    assert [(f.rule, f.code) for f in found] == [
        (Rule.PAGELESS, "C7"),
        (Rule.UNSENT, "C7"),
        (Rule.UNSENT, "C8"),
        (Rule.CLERK, ""),
    ]
    assert [f.rule.trouble for f in found][-1] is Trouble.RECORD


def test_a_demo_at_sixty_times_speed_has_sixty_times_the_patience() -> None:
    assert Limits().times(60).first == timedelta(minutes=15)


@pytest.mark.parametrize("locale", LOCALES)
def test_every_rule_has_its_sentence_its_cure_and_its_place_on_the_wall(locale: str) -> None:
    words = words_for(locale)
    for rule in Rule:
        params = {"person": "Li", "way": "sms", "attempts": "2", "seq": "3", "log": "4"}
        finding = Finding(rule, NOW, "i1", "C7", 2, params)
        for text in (words.reason(finding.says), words.reason(finding.cure), words.t(f"wall.audit.{rule}", code="C7")):
            assert "{" not in text
            assert not text.startswith(("audit.", "wall."))
