"""Which command is legal in which phase, as one table; the answer to an illegal one is its reason.

What depends on more than the phase (who asks, which step, what is recorded already) is decided in `incident.decide`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from incident.commands import (
    NAMES,
    Absorb,
    AcceptCommand,
    Acknowledge,
    AddStep,
    Amend,
    AssessRisk,
    Close,
    Command,
    Decline,
    EndDrill,
    FailStep,
    FillPost,
    FinishStep,
    FollowUp,
    JudgeCommunication,
    Merge,
    Note,
    NoteDelivery,
    NoteFailure,
    OfferCommand,
    PageNow,
    PauseDrill,
    ReceiveResource,
    RecordFindings,
    Recover,
    Recur,
    Regrade,
    Reopen,
    RequestResource,
    Resolve,
    Restore,
    ResumeDrill,
    SkipStep,
    StartPlaybook,
    StartStep,
    TakeCommand,
    Tick,
    TickCloseout,
    Update,
    VacatePost,
    Verify,
)
from incident.errors import Reason, why
from incident.state import Phase

_ALWAYS: Final = frozenset({Tick, Note, NoteDelivery, NoteFailure, Recover, Recur, Absorb})
_DRILL: Final = frozenset({PauseDrill, ResumeDrill, EndDrill})
"""A drill's control may always ask; `incident.decide.drilling` says what of it."""
_OPEN: Final = _ALWAYS | {
    Acknowledge,
    Decline,
    Regrade,
    StartPlaybook,
    TakeCommand,
    Amend,
    Update,
    AssessRisk,
    RequestResource,
    ReceiveResource,
    RecordFindings,
    Resolve,
    Merge,
}
_STEPS: Final = frozenset({StartStep, FinishStep, FailStep, SkipStep, AddStep})
_COMMAND: Final = frozenset({OfferCommand, AcceptCommand, FillPost, VacatePost})
_HANDLING: Final = _OPEN | _STEPS | _COMMAND | {Restore, TickCloseout, FollowUp}
_AFTER: Final = (
    _ALWAYS
    | _STEPS
    | _COMMAND
    | {
        Acknowledge,
        TakeCommand,
        Amend,
        Update,
        AssessRisk,
        ReceiveResource,
        RecordFindings,
        TickCloseout,
        FollowUp,
        Reopen,
    }
)

ALLOWED: Final[Mapping[Phase, frozenset[type[Command]]]] = {
    Phase.REPORTED: frozenset(),
    Phase.GRADED: _OPEN | {PageNow},
    Phase.ACTIVATED: _OPEN | _STEPS | {PageNow},
    Phase.HANDLING: _HANDLING,
    Phase.RECOVERING: _HANDLING - {Restore},
    Phase.VERIFYING: _AFTER | {Verify},
    Phase.REVIEWING: _AFTER | {Close, JudgeCommunication},
    Phase.CLOSED: _ALWAYS | {Reopen, JudgeCommunication},
    Phase.MERGED: _ALWAYS,
}


def refusal(phase: Phase, command: type[Command]) -> Reason | None:
    """None when the command is legal in this phase, else why it is not."""
    if command in ALLOWED[phase] or command in _DRILL:
        return None
    return why("refused.phase", phase=phase, command=NAMES[command])
