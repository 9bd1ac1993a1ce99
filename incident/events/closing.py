"""From the cause to the verified end."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FindingsRecorded:
    cause: str | None = None
    measure: str | None = None


@dataclass(frozen=True, slots=True)
class AlertRecovered:
    """The monitor says that it is over. Resolves the incident only if nobody has taken it yet."""

    note: str | None = None


@dataclass(frozen=True, slots=True)
class AlertReturned:
    """The monitor reports again what it had called over."""


@dataclass(frozen=True, slots=True)
class Restored:
    """The customers have their service back; what follows is repair."""

    note: str | None = None


@dataclass(frozen=True, slots=True)
class Resolved:
    """`person` is None when the monitor's own recovery resolved what nobody had taken."""

    person: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Verified:
    """The functional test and its outcome. A failed one sends the incident back into handling."""

    test: str
    passed: bool
    person: str


@dataclass(frozen=True, slots=True)
class CloseoutTicked:
    item: str


@dataclass(frozen=True, slots=True)
class FollowedUp:
    text: str


@dataclass(frozen=True, slots=True)
class Closed:
    summary: str | None = None


@dataclass(frozen=True, slots=True)
class Reopened:
    reason: str


@dataclass(frozen=True, slots=True)
class CommunicationJudged:
    """What a reviewer who did not command says of how people were told: 1 to 5 with its reason, None for what could
    not be observed. A later one counts instead; this one stays."""

    person: str
    accuracy: int | None
    clarity: int | None
    feedback: int | None
    accuracy_reason: str | None = None
    clarity_reason: str | None = None
    feedback_reason: str | None = None


ClosingEvent = (
    FindingsRecorded
    | AlertRecovered
    | AlertReturned
    | Restored
    | Resolved
    | Verified
    | CloseoutTicked
    | FollowedUp
    | Closed
    | Reopened
    | CommunicationJudged
)
