"""A live drill stands still, goes on, and ends. No incident but a drill's has these."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from incident.errors import Reason


@dataclass(frozen=True, slots=True)
class DrillPaused:
    """The drill's clock stands still: nobody is paged, nothing comes due. By its control, or for a real Critical."""

    because: Reason


@dataclass(frozen=True, slots=True)
class DrillResumed:
    """It goes on: whatever was due is due later by the time that has passed since `since`."""

    since: datetime


@dataclass(frozen=True, slots=True)
class DrillEnded:
    """It is over, and its log is sealed: after this entry comes only what its review says of it."""


DrillEvent = DrillPaused | DrillResumed | DrillEnded
