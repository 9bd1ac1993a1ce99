"""What is due when, and how a clock stands."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from pydantic import ValidationError

from incident.levels import Level
from incident.policy import ClockName, Policy, Verdict, compare, load_policies, strictest, verdict

POLICIES = load_policies()
START = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def at(clock: str) -> datetime:
    minutes, seconds = map(int, clock.split(":"))
    return START + timedelta(minutes=minutes, seconds=seconds)


@pytest.mark.parametrize(
    ("met", "now", "said"),
    [
        ("14:59", "20:00", Verdict.MET),
        ("15:00", "20:00", Verdict.MET),
        ("15:01", "20:00", Verdict.BREACHED),
        (None, "14:59", Verdict.RUNNING),
        (None, "15:00", Verdict.RUNNING),
        (None, "15:01", Verdict.BREACHED),
    ],
)
def test_fifteen_minutes_are_met_to_the_second(met: str | None, now: str, said: Verdict) -> None:
    response = next(d for d in POLICIES["it-emergency"].dues(Level.CRITICAL, START) if d.name is ClockName.RESPONSE)
    assert response.due == at("15:00")
    assert verdict(response.due, met and at(met), at(now)) is said


def test_all_clocks_start_at_the_report_in_a_fixed_order() -> None:
    dues = POLICIES["it-service"].dues(Level.HIGH, START)
    assert [(due.name, (due.due - START) // timedelta(hours=1)) for due in dues] == [
        (ClockName.ACKNOWLEDGE, 4),
        (ClockName.RESPONSE, 4),
        (ClockName.DIAGNOSE, 24),
        (ClockName.DISPATCH, 48),
        (ClockName.PROCESS, 48),
        (ClockName.REPAIR, 72),
        (ClockName.FOLLOW_UP, 72),
    ]
    assert not any(due.assumed or due.warning for due in dues)


def test_a_clock_that_the_level_lacks_does_not_run() -> None:
    names = {due.name for due in POLICIES["it-service"].dues(Level.LOW, START)}
    assert not names & {ClockName.DISPATCH, ClockName.FOLLOW_UP}


def test_a_report_in_another_zone_gives_the_same_instants_in_utc() -> None:
    shanghai = START.astimezone(timezone(timedelta(hours=8)))
    for policy in POLICIES.values():
        for level in Level:
            dues = policy.dues(level, shanghai)
            assert dues == policy.dues(level, START)
            assert all(due.due.tzinfo is UTC for due in dues)


def test_a_progress_notice_skips_the_national_holiday_and_says_what_is_not_announced() -> None:
    def notice(day: datetime) -> tuple[datetime, bool]:
        due = next(d for d in POLICIES["smart-home"].dues(Level.HIGH, day) if d.name is ClockName.PROGRESS_NOTICE)
        return due.due, due.warning is not None

    before_golden_week = datetime(2026, 9, 30, 2, 0, tzinfo=UTC)
    assert notice(before_golden_week) == (datetime(2026, 10, 10, 10, 0, tzinfo=UTC), False)  # a Saturday, worked
    assert notice(datetime(2099, 3, 2, 2, 0, tzinfo=UTC)) == (datetime(2099, 3, 5, 10, 0, tzinfo=UTC), True)


@pytest.mark.parametrize("name", sorted(POLICIES))
def test_a_pinned_policy_comes_back_as_it_was(name: str) -> None:
    policy = POLICIES[name]
    again = Policy.load(policy.dump())
    assert again == policy
    assert again.digest == policy.digest
    assert again.dues(Level.MEDIUM, START) == policy.dues(Level.MEDIUM, START)


def test_the_digest_goes_by_what_is_said_not_by_the_order_of_the_keys() -> None:
    policy = POLICIES["it-service"]
    data = policy.model_dump(mode="json")
    data["clocks"] = dict(reversed(data["clocks"].items()))
    assert Policy.model_validate(data).digest == policy.digest
    data["version"] += 1
    assert Policy.model_validate(data).digest != policy.digest
    assert len({p.digest for p in POLICIES.values()}) == len(POLICIES)


def test_a_dump_with_an_unknown_key_is_refused() -> None:
    with pytest.raises(ValidationError, match="extra_forbidden"):
        Policy.load(POLICIES["drill"].dump().replace('{"cadence"', '{"grace":1,"cadence"'))


def test_comparing_says_clock_by_clock_which_is_stricter() -> None:
    rows = {(row.clock, row.level): row for row in compare(POLICIES["it-emergency"], POLICIES["it-service"])}
    assert rows[ClockName.RESPONSE, Level.CRITICAL].stricter == "a"
    assert rows[ClockName.RESPONSE, Level.LOW].stricter == "same"
    assert rows[ClockName.ACKNOWLEDGE, Level.LOW].stricter == "b"
    assert rows[ClockName.ACTIVATE, Level.LOW].stricter == "a"
    assert (ClockName.DISPATCH, Level.LOW) not in rows


def test_the_strictest_is_never_slower_than_any_other() -> None:
    others = [policy for policy in POLICIES.values() if policy.id != "strictest"]
    for policy in others:
        assert {row.stricter for row in compare(POLICIES["strictest"], policy)} <= {"a", "same"}


def test_the_strictest_caps_what_comes_before_the_response() -> None:
    for level in Level:
        dues = {due.name: due.due for due in POLICIES["strictest"].dues(level, START)}
        assert dues[ClockName.ACKNOWLEDGE] <= dues[ClockName.RESPONSE]
        assert dues[ClockName.FIRST_CONTACT] <= dues[ClockName.RESPONSE]


def test_the_strictest_gets_a_new_version_with_any_of_its_parents() -> None:
    parents = [policy for policy in POLICIES.values() if policy.id != "strictest"]
    newer = [Policy.model_validate({**parents[0].model_dump(), "version": parents[0].version + 1}), *parents[1:]]
    assert strictest(newer).version == strictest(parents).version + 1


def test_drills_have_no_say_in_the_strictest() -> None:
    with pytest.raises(ValueError, match="no policy"):
        strictest([POLICIES["drill"]])
