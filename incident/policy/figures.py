"""The figures of a policy. Each says where it comes from: `demanded` names the demand, `assumed` marks our own."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Minutes = Annotated[int, Field(ge=1, le=60 * 24 * 60)]


class ClockName(StrEnum):
    """The named clocks. All start when the incident is reported.

    Response is the first human acknowledgement by a person on the roster; activate is the start of the playbook.
    """

    ACKNOWLEDGE = "acknowledge"
    FIRST_CONTACT = "first_contact"
    RESPONSE = "response"
    ACTIVATE = "activate"
    DIAGNOSE = "diagnose"
    DISPATCH = "dispatch"
    PROCESS = "process"
    SOLUTION = "solution"
    REPAIR = "repair"
    FOLLOW_UP = "follow_up"
    PROGRESS_NOTICE = "progress_notice"


class Span(StrEnum):
    """The unit of a target. Only working days go by the policy's calendar."""

    MIN = "min"
    H = "h"
    WORKDAY = "workday"


_LENGTH: Final = {
    Span.MIN: timedelta(minutes=1),
    Span.H: timedelta(hours=1),
    Span.WORKDAY: timedelta(days=1),
}


class Figure(BaseModel):
    """`demanded` names the row or practice that asks for the figure. The lint wants exactly one of the two."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    assumed: bool = False
    demanded: Annotated[str, StringConstraints(min_length=1)] | None = None


class Target(Figure):
    """How long a clock may run."""

    value: Annotated[int, Field(ge=1, le=100_000)]
    unit: Span

    @property
    def length(self) -> timedelta:
        """For comparing targets. A working day is taken as 24 hours: the least that it takes on the wall clock,
        to the nearest hours, since it ends with the working hours of a later day."""
        return self.value * _LENGTH[self.unit]


class Cadence(Figure):
    """Minutes between updates: the first after opening, the scope after that, then at least every so often."""

    first_min: Minutes
    scope_min: Minutes
    every_min: Minutes


class Step(Figure):
    """Minutes that a rung of the ladder has before the next one is paged, or that an answer holds in silence."""

    minutes: Minutes


class GoalName(StrEnum):
    """What statistics are held against. Rates and shares are from 0 to 1, satisfaction marks from 0 to 100."""

    RESOLUTION_RATE = "resolution_rate"
    MAJOR_RESOLUTION_RATE = "major_resolution_rate"
    FIRST_FIX_RATE = "first_fix_rate"
    FIRST_FIX_DAYS = "first_fix_days"
    SATISFACTION_EXCELLENT = "satisfaction_excellent"
    SATISFACTION_GOOD = "satisfaction_good"
    SATISFIED_SHARE = "satisfied_share"
    STOCK_OUT_RATE = "stock_out_rate"
    KIT_STOCK_OUT_RATE = "kit_stock_out_rate"
    SURVEY_ANSWERS = "survey_answers"


LESS_IS_BETTER: Final = frozenset({GoalName.STOCK_OUT_RATE, GoalName.KIT_STOCK_OUT_RATE})


class Goal(Figure):
    """A figure that statistics aim at."""

    value: Annotated[float, Field(ge=0, le=100)]
