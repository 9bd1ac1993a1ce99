"""Every wish that can be put to an incident, in the imperative and frozen.

Texts arrive stripped and limited: the doors (web, hooks, replies) check them with pydantic. People are ids of the
organisation. `via` is sms, voice, link, web or api.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

from incident.errors import Reason
from incident.levels import Level
from incident.maintenance import NO_WINDOWS, Windows
from incident.organisation import Organisation
from incident.playbooks.model import Playbook
from incident.policy import Policy
from incident.posts import Post
from incident.report import Report


class Library(Protocol):
    """Policies and playbooks: today's, and every one that an incident has ever pinned."""

    def policy(self, name: str | None) -> Policy:
        """Today's version of a profile, the default for None. Raises Unknown."""
        ...

    def pinned_policy(self, digest: str) -> Policy: ...

    def playbooks(self) -> tuple[Playbook, ...]: ...

    def pinned_playbook(self, digest: str) -> Playbook: ...


@dataclass(frozen=True, slots=True)
class Moment:
    """Everything from outside that a decision may look at. `now` is never before the incident's last entry."""

    now: datetime
    by: str
    organisation: Organisation
    library: Library
    windows: Windows = NO_WINDOWS


@dataclass(frozen=True, slots=True)
class Open:
    """Open an incident. The desk hands in the next code and what it knows of the key: the closed incident before."""

    report: Report
    code: str
    previous: str | None = None
    drill: str | None = None


@dataclass(frozen=True, slots=True)
class Tick:
    """Look at the clock: write down whatever has come due. On an incident with nothing due it does nothing."""


@dataclass(frozen=True, slots=True)
class Acknowledge:
    person: str
    via: str


@dataclass(frozen=True, slots=True)
class Decline:
    person: str
    via: str
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Regrade:
    level: Level
    reason: str


@dataclass(frozen=True, slots=True)
class StartPlaybook:
    """Starts the pinned playbook; twice is once. Only Low waits for this, graver levels start by themselves."""


@dataclass(frozen=True, slots=True)
class TakeCommand:
    person: str


@dataclass(frozen=True, slots=True)
class OfferCommand:
    to: str
    briefing: str | None = None


@dataclass(frozen=True, slots=True)
class AcceptCommand:
    person: str


@dataclass(frozen=True, slots=True)
class FillPost:
    post: Post
    person: str


@dataclass(frozen=True, slots=True)
class VacatePost:
    post: Post
    person: str


@dataclass(frozen=True, slots=True)
class StartStep:
    step: str
    person: str


@dataclass(frozen=True, slots=True)
class FinishStep:
    step: str
    person: str
    result: str | None = None


@dataclass(frozen=True, slots=True)
class FailStep:
    step: str
    person: str
    result: str


@dataclass(frozen=True, slots=True)
class SkipStep:
    step: str
    person: str
    reason: str


@dataclass(frozen=True, slots=True)
class AddStep:
    text: str
    owner: Post
    person: str
    limit_min: int | None = None


@dataclass(frozen=True, slots=True)
class Update:
    text: str
    audience: str = "internal"
    restored_percent: int | None = None
    customers_affected: int | None = None
    needs: str | None = None


@dataclass(frozen=True, slots=True)
class Note:
    text: str


@dataclass(frozen=True, slots=True)
class Amend:
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AssessRisk:
    likelihood: int
    consequence: int
    measure: str


@dataclass(frozen=True, slots=True)
class RequestResource:
    item: str
    quantity: int
    needed_by: datetime | None = None


@dataclass(frozen=True, slots=True)
class ReceiveResource:
    request: int
    quantity: int


@dataclass(frozen=True, slots=True)
class RecordFindings:
    cause: str | None = None
    measure: str | None = None


@dataclass(frozen=True, slots=True)
class Recover:
    """The monitor's own all-clear."""

    note: str | None = None


@dataclass(frozen=True, slots=True)
class Recur:
    """The alert fires again after its own all-clear. The desk puts this when it folds such a repeat."""


@dataclass(frozen=True, slots=True)
class Restore:
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Resolve:
    person: str
    via: str
    note: str | None = None
    cause: str | None = None
    measure: str | None = None


@dataclass(frozen=True, slots=True)
class Verify:
    person: str
    test: str
    passed: bool = True


@dataclass(frozen=True, slots=True)
class TickCloseout:
    item: str


@dataclass(frozen=True, slots=True)
class FollowUp:
    text: str


@dataclass(frozen=True, slots=True)
class Close:
    summary: str | None = None


@dataclass(frozen=True, slots=True)
class Reopen:
    reason: str


@dataclass(frozen=True, slots=True)
class JudgeCommunication:
    """From 1 to 5 each, None for what was not observed; what is judged has its reason."""

    person: str
    accuracy: int | None = None
    clarity: int | None = None
    feedback: int | None = None
    accuracy_reason: str | None = None
    clarity_reason: str | None = None
    feedback_reason: str | None = None


@dataclass(frozen=True, slots=True)
class Merge:
    """Fold this incident into another. The desk puts `Absorb` to the other in the same transaction."""

    into: str


@dataclass(frozen=True, slots=True)
class Absorb:
    """`level` is that of the incident that is folded in; `held`: it pages nobody either, being in maintenance; `drill`
    its mark, if it is an exercise's."""

    incident: str
    code: str
    level: Level
    held: bool = False
    drill: str | None = None


@dataclass(frozen=True, slots=True)
class PageNow:
    """Page what planned maintenance holds back. On anything else it does nothing."""


@dataclass(frozen=True, slots=True)
class PauseDrill:
    """Let a drill's clock stand still. Its control puts this, nobody else; and so the two below."""

    because: Reason


@dataclass(frozen=True, slots=True)
class ResumeDrill:
    """Let it go on from where it stood."""


@dataclass(frozen=True, slots=True)
class EndDrill:
    """End it: its log is sealed by this entry, and nobody can act on it any more."""


@dataclass(frozen=True, slots=True)
class NoteDelivery:
    page: int
    person: str
    way: str


@dataclass(frozen=True, slots=True)
class NoteFailure:
    """Every way to this person has failed for this page."""

    page: int
    person: str
    way: str
    reason: Reason


Command = (
    Open
    | Tick
    | Acknowledge
    | Decline
    | Regrade
    | StartPlaybook
    | TakeCommand
    | OfferCommand
    | AcceptCommand
    | FillPost
    | VacatePost
    | StartStep
    | FinishStep
    | FailStep
    | SkipStep
    | AddStep
    | Update
    | Note
    | Amend
    | AssessRisk
    | RequestResource
    | ReceiveResource
    | RecordFindings
    | Recover
    | Recur
    | Restore
    | Resolve
    | Verify
    | TickCloseout
    | FollowUp
    | Close
    | Reopen
    | JudgeCommunication
    | Merge
    | Absorb
    | PageNow
    | PauseDrill
    | ResumeDrill
    | EndDrill
    | NoteDelivery
    | NoteFailure
)

COMMANDS: Final[tuple[type[Command], ...]] = Command.__args__

NAMES: Final[Mapping[type[Command], str]] = {
    command: re.sub(r"(?<!^)(?=[A-Z])", "-", command.__name__).lower() for command in COMMANDS
}
"""The name of each command in a path: `TakeCommand` is `take-command`."""
