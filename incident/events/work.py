"""What is done about it: steps, resources, risks, the word."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from incident.events.opening import StepPlan


@dataclass(frozen=True, slots=True)
class StepStarted:
    step: str
    person: str


@dataclass(frozen=True, slots=True)
class StepFinished:
    step: str
    person: str
    result: str | None = None


@dataclass(frozen=True, slots=True)
class StepFailed:
    """The step did not work; its fallback is what to do now. It may be started again."""

    step: str
    person: str
    result: str


@dataclass(frozen=True, slots=True)
class StepSkipped:
    step: str
    person: str
    reason: str


@dataclass(frozen=True, slots=True)
class StepAdded:
    step: StepPlan
    person: str


@dataclass(frozen=True, slots=True)
class StepOverdue:
    step: str
    due: datetime


@dataclass(frozen=True, slots=True)
class Updated:
    """The word: what is going on, and when the next word comes."""

    text: str
    next_due: datetime | None
    audience: str = "internal"
    restored_percent: int | None = None
    customers_affected: int | None = None
    needs: str | None = None


@dataclass(frozen=True, slots=True)
class UpdateMissed:
    due: datetime
    next_due: datetime


@dataclass(frozen=True, slots=True)
class Noted:
    text: str


@dataclass(frozen=True, slots=True)
class RiskAssessed:
    """Likelihood and consequence from 1 to 5; `risk` is looked up in the matrix, it is no product."""

    likelihood: int
    consequence: int
    risk: str
    measure: str


@dataclass(frozen=True, slots=True)
class ResourceRequested:
    request: int
    item: str
    quantity: int
    needed_by: datetime | None = None


@dataclass(frozen=True, slots=True)
class ResourceArrived:
    request: int
    quantity: int


WorkEvent = (
    StepStarted
    | StepFinished
    | StepFailed
    | StepSkipped
    | StepAdded
    | StepOverdue
    | Updated
    | UpdateMissed
    | Noted
    | RiskAssessed
    | ResourceRequested
    | ResourceArrived
)
