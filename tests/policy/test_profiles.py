"""The table of profiles, row by row, figure by figure."""

from __future__ import annotations

from datetime import timedelta

import pytest

from incident.calendars import CalendarKind
from incident.levels import Degree, Kind, Level, grade
from incident.policy import ClockName, GoalName, Policy, Span, lint, load_policies

POLICIES = load_policies()
LEVELS = (Level.CRITICAL, Level.HIGH, Level.MEDIUM, Level.LOW)
PROFILES = {"it-emergency", "it-service", "appliance", "smart-home", "drill", "strictest"}

# The clocks by level, Critical to Low: a number with its unit, `?` where the figure is assumed, None where none runs.
TABLE: dict[str, dict[str, tuple[str | None, ...]]] = {
    "it-emergency": {
        "response": ("15 min", "1 h", "2 h", "24 h ?"),
        "activate": ("5 min ?", "15 min ?", "30 min ?", "4 h ?"),
    },
    "it-service": {
        "acknowledge": ("4 h",) * 4,
        "response": ("4 h", "4 h", "24 h", "24 h"),
        "diagnose": ("24 h",) * 4,
        "dispatch": ("48 h", "48 h", None, None),
        "process": ("48 h", "48 h", "72 h", "72 h"),
        "repair": ("72 h", "72 h", "96 h", "96 h"),
        "follow_up": ("72 h", "72 h", None, None),
    },
    "appliance": {"response": ("24 h",) * 4, "solution": ("72 h",) * 4},
    "smart-home": {
        "first_contact": ("1 h",) * 4,
        "response": ("24 h ?",) * 4,
        "progress_notice": ("3 workday ?",) * 4,
    },
    "drill": {
        "response": ("15 min", "1 h", "2 h", "24 h ?"),
        "activate": ("5 min ?", "15 min ?", "30 min ?", "4 h ?"),
    },
    "strictest": {
        "acknowledge": ("15 min", "1 h", "2 h", "4 h"),
        "first_contact": ("15 min", "1 h", "1 h", "1 h"),
        "response": ("15 min", "1 h", "2 h", "24 h"),
        "activate": ("5 min ?", "15 min ?", "30 min ?", "4 h ?"),
        "diagnose": ("24 h",) * 4,
        "dispatch": ("48 h", "48 h", None, None),
        "process": ("48 h", "48 h", "72 h", "72 h"),
        "solution": ("72 h",) * 4,
        "repair": ("72 h", "72 h", "96 h", "96 h"),
        "follow_up": ("72 h", "72 h", None, None),
        "progress_notice": ("3 workday ?",) * 4,
    },
}


def written(policy: Policy, clock: str, level: Level) -> str | None:
    target = policy.clocks.get(ClockName(clock), {}).get(level)
    return None if target is None else f"{target.value} {target.unit}{' ?' if target.assumed else ''}"


def test_these_profiles_and_no_others_are_shipped() -> None:
    assert set(POLICIES) == PROFILES == set(TABLE)
    assert all(policy.id == name for name, policy in POLICIES.items())


@pytest.mark.parametrize(("profile", "clock"), [(p, c) for p in sorted(PROFILES) for c in ClockName])
def test_a_clock_has_the_figures_of_the_table(profile: str, clock: ClockName) -> None:
    found = tuple(written(POLICIES[profile], clock, level) for level in LEVELS)
    assert found == TABLE[profile].get(clock, (None,) * 4)


@pytest.mark.parametrize("profile", sorted(PROFILES))
def test_every_profile_is_free_of_findings(profile: str) -> None:
    assert lint([POLICIES[profile]]) == ()


@pytest.mark.parametrize("profile", sorted(PROFILES))
def test_word_is_given_as_often_as_the_level_asks(profile: str) -> None:
    cadences = [POLICIES[profile].cadence_for(level) for level in LEVELS]
    assert (cadences[0].first_min, cadences[0].scope_min) == (5, 5)
    assert [cadence.every_min for cadence in cadences] == [20, 60, 120, 240]


@pytest.mark.parametrize("profile", sorted(PROFILES))
def test_rungs_follow_each_other_faster_the_graver_the_level(profile: str) -> None:
    policy = POLICIES[profile]
    assert [policy.escalation_step(level) // timedelta(minutes=1) for level in LEVELS] == [5, 10, 20, 240]
    assert [policy.escalation_step_min[level].assumed for level in LEVELS] == [False, True, True, True]


@pytest.mark.parametrize(
    ("profile", "minutes"),
    [
        ("it-emergency", [20, 60, 120, 480]),
        ("it-service", [60, 120, 480, 1440]),
        ("smart-home", [60, 120, 480, 1440]),
        ("appliance", [20, 240, 1440, 1440]),
        ("drill", [20, 60, 120, 480]),
        ("strictest", [20, 60, 120, 480]),
    ],
)
def test_an_answer_holds_for_less_time_the_graver_the_level_and_nobody_demanded_how_long(
    profile: str, minutes: list[int]
) -> None:
    holds = POLICIES[profile].quiet_min
    assert [holds[level].minutes for level in LEVELS] == minutes
    assert all(step.assumed for step in holds.values())


@pytest.mark.parametrize("profile", sorted(PROFILES))
def test_the_goals_are_those_demanded(profile: str) -> None:
    policy = POLICIES[profile]
    assert {name: policy.goal(name) for name in GoalName} == {
        GoalName.RESOLUTION_RATE: 0.95,
        GoalName.MAJOR_RESOLUTION_RATE: 0.98,
        GoalName.FIRST_FIX_RATE: 0.95,
        GoalName.FIRST_FIX_DAYS: 7,
        GoalName.SATISFACTION_EXCELLENT: 80,
        GoalName.SATISFACTION_GOOD: 70,
        GoalName.SATISFIED_SHARE: 0.9,
        GoalName.STOCK_OUT_RATE: 0.05,
        GoalName.KIT_STOCK_OUT_RATE: 0,
        GoalName.SURVEY_ANSWERS: 5,
    }
    assert policy.retention_years == 3


def test_only_drills_are_outside_the_figures() -> None:
    assert [name for name, policy in POLICIES.items() if policy.excluded_from_kpi] == ["drill"]


def test_the_drill_differs_from_it_emergency_in_nothing_that_is_due() -> None:
    named = {"id", "version", "name", "purpose", "excluded_from_kpi"}
    emergency, drill = (POLICIES[name].model_dump(exclude=named) for name in ("it-emergency", "drill"))
    assert emergency == drill


@pytest.mark.parametrize("profile", sorted(PROFILES))
def test_only_profiles_that_count_working_days_have_a_business_calendar(profile: str) -> None:
    counted = any(t.unit is Span.WORKDAY for targets in POLICIES[profile].clocks.values() for t in targets.values())
    assert (POLICIES[profile].calendar.kind is CalendarKind.BUSINESS) is counted
    if counted:
        calendar = POLICIES[profile].calendar
        assert (calendar.country, calendar.tz, calendar.opens.hour, calendar.closes.hour) == (
            "CN",
            "Asia/Shanghai",
            9,
            18,
        )


H, M, L = Degree.HIGH, Degree.MEDIUM, Degree.LOW


@pytest.mark.parametrize(
    ("impact", "urgency", "level"),
    [
        (H, H, Level.CRITICAL),
        (H, M, Level.HIGH),
        (M, H, Level.HIGH),
        (M, M, Level.MEDIUM),
        (L, H, Level.MEDIUM),
        (H, L, Level.MEDIUM),
        (M, L, Level.LOW),
        (L, M, Level.LOW),
        (L, L, Level.LOW),
    ],
)
@pytest.mark.parametrize("profile", sorted(PROFILES))
def test_the_matrix_grades_by_impact_and_urgency(profile: str, impact: Degree, urgency: Degree, level: Level) -> None:
    assert POLICIES[profile].matrix[impact][urgency] is level


@pytest.mark.parametrize(
    ("kind", "injury", "major", "level"),
    [
        (Kind.SYSTEM_OUTAGE, False, False, Level.HIGH),
        (Kind.DATA_LOSS, False, False, Level.HIGH),
        (Kind.PLATFORM_DOWN, False, False, Level.HIGH),
        (Kind.OTHER, False, True, Level.HIGH),
        (Kind.FIRE_OR_SHOCK, False, False, Level.CRITICAL),
        (Kind.GAS_LEAK, False, False, Level.CRITICAL),
        (Kind.OTHER, True, False, Level.CRITICAL),
        (Kind.OTHER, False, False, Level.LOW),
    ],
)
@pytest.mark.parametrize("profile", sorted(PROFILES))
def test_the_floors_lift_what_looks_small(profile: str, kind: Kind, injury: bool, major: bool, level: Level) -> None:
    policy = POLICIES[profile]
    graded = grade(
        matrix=policy.matrix,
        floors=policy.floors,
        kind=kind,
        impact=L,
        urgency=L,
        stated=Level.LOW,
        injury=injury,
        major=major,
    )
    assert graded.level is level
