"""The profile that satisfies all the others at once, computed from them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from incident.calendars import ROUND_THE_CLOCK, Calendar, CalendarKind
from incident.levels import Degree, Level
from incident.policy.figures import LESS_IS_BETTER, Cadence, ClockName, Goal, GoalName, Span, Step, Target
from incident.policy.model import Policy
from incident.text import Text

STRICTEST: Final = "strictest"

_NAME: Final = Text(en="Strictest", zh="最严", zh_hant="最嚴")
_PURPOSE: Final = Text(
    en="For contracts under several policies: each clock has the shortest time that any of them sets.",
    zh="适用于同时受多套策略约束的合同：每项时限取各策略中最短者。",
    zh_hant="適用於同時受多套政策約束的合約：每項時限取各政策中最短者。",
)
_BEFORE_RESPONSE: Final = (ClockName.ACKNOWLEDGE, ClockName.FIRST_CONTACT)


def strictest(policies: Iterable[Policy]) -> Policy:
    """Per clock and level the smallest target of the policies that count for KPIs, so drills have no say.

    Acknowledge and first contact are never later than response. Raises ValueError without any policy.
    """
    others = [policy for policy in policies if not policy.excluded_from_kpi and policy.id != STRICTEST]
    if not others:
        raise ValueError("no policy to be stricter than")
    clocks = _clocks(others)
    return Policy(
        id=STRICTEST,
        version=sum(policy.version for policy in others),  # a new version of any of them makes a new one of this
        name=_NAME,
        purpose=_PURPOSE,
        matrix={impact: {urgency: _cell(others, impact, urgency) for urgency in Degree} for impact in Degree},
        floors=_floors(others),
        clocks=clocks,
        cadence={level: _cadence([policy.cadence[level] for policy in others]) for level in Level},
        escalation_step_min={
            level: min((policy.escalation_step_min[level] for policy in others), key=lambda step: step.minutes)
            for level in Level
        },
        quiet_min=_quiet(others),
        calendar=_calendar(others, clocks),
        targets=_goals(others),
        retention_years=max(policy.retention_years for policy in others),
    )


def _smallest(targets: Iterable[Target]) -> Target:
    """Of equal ones a demanded figure before an assumed one."""
    return min(targets, key=lambda target: (target.length, target.assumed))


def _clocks(others: Sequence[Policy]) -> dict[ClockName, dict[Level, Target]]:
    found: dict[ClockName, dict[Level, Target]] = {}
    for clock in ClockName:
        by_policy = [policy.clocks[clock] for policy in others if clock in policy.clocks]
        levels = [level for level in Level if any(level in targets for targets in by_policy)]
        if levels:
            found[clock] = {
                level: _smallest(targets[level] for targets in by_policy if level in targets) for level in levels
            }
    response = found.get(ClockName.RESPONSE, {})
    for clock in _BEFORE_RESPONSE:
        for level, target in found.get(clock, {}).items():
            if level in response and target.length > response[level].length:
                found[clock][level] = response[level]
    return found


def _cell(others: Sequence[Policy], impact: Degree, urgency: Degree) -> Level:
    cells = [policy.matrix[impact][urgency] for policy in others]
    return max(cells, key=lambda level: level.rank)


def _floors(others: Sequence[Policy]) -> dict[str, Level]:
    marks = sorted({mark for policy in others for mark in policy.floors})
    return {
        mark: max((policy.floors[mark] for policy in others if mark in policy.floors), key=lambda level: level.rank)
        for mark in marks
    }


def _cadence(cadences: Sequence[Cadence]) -> Cadence:
    """Each figure the smallest. The mark is that of the policy with the shortest interval."""
    quickest = min(cadences, key=lambda cadence: (cadence.every_min, cadence.assumed))
    return Cadence(
        first_min=min(cadence.first_min for cadence in cadences),
        scope_min=min(cadence.scope_min for cadence in cadences),
        every_min=quickest.every_min,
        assumed=quickest.assumed,
        demanded=quickest.demanded,
    )


def _quiet(others: Sequence[Policy]) -> dict[Level, Step]:
    found: dict[Level, Step] = {}
    for level in Level:
        holds = [policy.quiet_min[level] for policy in others if level in policy.quiet_min]
        if holds:
            found[level] = min(holds, key=lambda step: step.minutes)
    return found


def _calendar(others: Sequence[Policy], clocks: dict[ClockName, dict[Level, Target]]) -> Calendar:
    """Working days need the business calendar that they were written for."""
    counted = any(target.unit is Span.WORKDAY for targets in clocks.values() for target in targets.values())
    business = (policy.calendar for policy in others if policy.calendar.kind is CalendarKind.BUSINESS)
    return next(business, ROUND_THE_CLOCK) if counted else ROUND_THE_CLOCK


def _goals(others: Sequence[Policy]) -> dict[GoalName, Goal]:
    found: dict[GoalName, Goal] = {}
    for name in GoalName:
        goals = [policy.targets[name] for policy in others if name in policy.targets]
        if goals:
            best: Callable[..., Goal] = min if name in LESS_IS_BETTER else max
            found[name] = best(goals, key=lambda goal: goal.value)
    return found
