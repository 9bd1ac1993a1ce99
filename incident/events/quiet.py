"""Nothing was heard of an incident that somebody had taken."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class AcknowledgementWarned:
    """The commander is asked whether they still have it. `heard_at` is the last human act, `expires_at` the limit."""

    person: str
    heard_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class AcknowledgementExpired:
    """The answer holds no longer: `page` is the page that asks the commander first. The command stays theirs until
    somebody else takes it."""

    person: str
    heard_at: datetime
    page: int


QuietEvent = AcknowledgementWarned | AcknowledgementExpired
