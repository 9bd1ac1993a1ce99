"""A policy is data: an incident pins its digest when it is graded, so a later edit never rewrites an old verdict."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cached_property
from hashlib import sha256
from typing import Annotated, Any, Final, Self, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from incident.calendars import ROUND_THE_CLOCK, Calendar
from incident.errors import Reason
from incident.levels import Degree, Kind, Level
from incident.policy.figures import Cadence, ClockName, Goal, GoalName, Span, Step, Target
from incident.text import Text

DEFAULT_POLICY: Final = "it-emergency"

MARKS: Final = frozenset({*map(str, Kind), "injury", "major_fault"})
"""What a floor may be set for: a kind of incident, or one of the two marks that a report carries."""

V = TypeVar("V")


def _all_levels(by_level: Mapping[Level, V]) -> Mapping[Level, V]:
    lacking = [level for level in Level if level not in by_level]
    if lacking:
        raise ValueError(f"levels lacking: {', '.join(lacking)}")
    return by_level


def _known_marks(floors: Mapping[str, Level]) -> Mapping[str, Level]:
    unknown = sorted(set(floors) - MARKS)
    if unknown:
        raise ValueError(f"unknown: {', '.join(unknown)}; a floor is for one of {', '.join(sorted(MARKS))}")
    return floors


Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=60)]
Floors = Annotated[Mapping[str, Level], AfterValidator(_known_marks)]


class Waiver(BaseModel):
    """Why, in writing, a clock may run longer for this level than for a lesser one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    clock: ClockName
    level: Level
    reason: Text


@dataclass(frozen=True, slots=True)
class ClockDue:
    """A clock that runs from the report to `due`. `warning` says what is doubtful about the date."""

    name: ClockName
    due: datetime
    assumed: bool
    warning: Reason | None = None


class Policy(BaseModel):
    """One profile in one version. Its shape is checked here, its sense by `incident.policy.lint`.

    `quiet_min` is how long an answer holds while no person does anything; a level without it never expires.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Slug
    version: Annotated[int, Field(ge=1)]
    name: Text
    purpose: Text
    matrix: Mapping[Degree, Mapping[Degree, Level]]
    floors: Floors
    clocks: Mapping[ClockName, Mapping[Level, Target]]
    cadence: Annotated[Mapping[Level, Cadence], AfterValidator(_all_levels)]
    escalation_step_min: Annotated[Mapping[Level, Step], AfterValidator(_all_levels)]
    quiet_min: Mapping[Level, Step] = {}
    calendar: Calendar = ROUND_THE_CLOCK
    waivers: tuple[Waiver, ...] = ()
    targets: Mapping[GoalName, Goal]
    retention_years: Annotated[int, Field(ge=3)] = 3
    excluded_from_kpi: bool = False

    def dues(self, level: Level, start: datetime) -> tuple[ClockDue, ...]:
        """Every clock of the level, all started at `start`, the time of the report. In the order of `ClockName`."""
        start = start.astimezone(UTC)
        return tuple(
            self._due_in_workdays(name, target, start)
            if length is None
            else ClockDue(name, start + length, target.assumed)
            for name, target, length in self._targets[level]
        )

    @cached_property
    def _targets(self) -> Mapping[Level, tuple[tuple[ClockName, Target, timedelta | None], ...]]:
        """What runs at each level, in order, and for how long; None where working days count."""

        def of(level: Level) -> Iterator[tuple[ClockName, Target, timedelta | None]]:
            for name in ClockName:
                target = self.clocks.get(name, {}).get(level)
                if target is not None:
                    yield name, target, None if target.unit is Span.WORKDAY else target.length

        return {level: tuple(of(level)) for level in Level}

    def _due_in_workdays(self, name: ClockName, target: Target, start: datetime) -> ClockDue:
        deadline = self.calendar.add_workdays(start, target.value)
        return ClockDue(name, deadline.at, target.assumed, deadline.warning)

    def cadence_for(self, level: Level) -> Cadence:
        """How often the commander owes a word at this level."""
        return self.cadence[level]

    def escalation_step(self, level: Level) -> timedelta:
        """How long a rung has before the next is paged, where the playbook says nothing else."""
        return timedelta(minutes=self.escalation_step_min[level].minutes)

    def goal(self, name: GoalName) -> float | None:
        """The figure to aim at; None if the policy sets none."""
        goal = self.targets.get(name)
        return None if goal is None else goal.value

    def dump(self) -> str:
        """Canonical JSON: the same policy always gives the same text, whatever the order of its file's keys."""
        unsaid = {"quiet_min"} if not self.quiet_min else None  # what was pinned before keeps its digest
        return json.dumps(
            self.model_dump(mode="json", exclude=unsaid),
            ensure_ascii=False,
            allow_nan=False,
            sort_keys=True,
            separators=(",", ":"),
        )

    @classmethod
    def load(cls, text: str) -> Self:
        """What `dump` wrote. Raises pydantic's ValidationError when a field is unknown or missing."""
        return cls.model_validate_json(text)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of `dump()`, in hex: what an incident pins."""
        return sha256(self.dump().encode()).hexdigest()

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        copied = super().model_copy(update=update, deep=deep)
        copied.__dict__.pop("digest", None)  # pydantic copies cached properties, changed or not
        return copied


class Verdict(StrEnum):
    """How a clock stands."""

    MET = "met"
    BREACHED = "breached"
    RUNNING = "running"


def verdict(due: datetime, met_at: datetime | None, now: datetime) -> Verdict:
    """Exactly on time is met. Without `met_at` the clock runs until it is past due at `now`."""
    if met_at is not None:
        return Verdict.MET if met_at <= due else Verdict.BREACHED
    return Verdict.BREACHED if now > due else Verdict.RUNNING
