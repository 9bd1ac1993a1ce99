"""Whether anything human is heard of an incident that somebody has taken, and until when their answer holds.

Who has answered may have fallen asleep over it, so an answer is not for ever: after a time by level in which no person
does anything, it expires. What the program writes by itself is no sign of life, and neither is a repeat of the report
(which is no entry at all), an alert's own all-clear, or somebody who passes the page on.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from incident.events import (
    Acknowledged,
    AcknowledgementExpired,
    AcknowledgementWarned,
    AlertRecovered,
    AlertReturned,
    ClockBreached,
    CommandTaken,
    Declined,
    DrillEnded,
    DrillPaused,
    DrillResumed,
    Entry,
    Escalated,
    Event,
    Notified,
    Paged,
    PageDelivered,
    PageFailed,
    PagingHeld,
    PagingReleased,
    Resolved,
    SpanExceeded,
    StepAdded,
    StepFailed,
    StepFinished,
    StepOverdue,
    StepSkipped,
    StepStarted,
    Updated,
    UpdateMissed,
    Verified,
)
from incident.state import Incident, Phase, Quiet

WARNED_AT: Final = 0.75
"""The share of the time after which the commander is asked whether they still have it. [assumed]"""

_NO_SIGN: Final = frozenset(
    {Paged, Escalated, Notified, PageDelivered, PageFailed, Declined, ClockBreached, SpanExceeded, StepOverdue}
    | {
        PagingHeld,
        PagingReleased,
        UpdateMissed,
        AlertRecovered,
        AlertReturned,
        AcknowledgementWarned,
        AcknowledgementExpired,
        DrillPaused,
        DrillResumed,
        DrillEnded,
    }
)
BY_NAME: Final = (
    Acknowledged,
    CommandTaken,
    StepStarted,
    StepFinished,
    StepFailed,
    StepSkipped,
    StepAdded,
    Resolved,
    Verified,
)
"""These say who acted, also where a program put the command in a person's name."""


def actor(event: Event) -> str | None:
    """The person whom an event itself names as having acted."""
    return event.person if isinstance(event, BY_NAME) else None


def is_sign(event: Event, by: str) -> bool:
    """Whether an entry shows that a person is at work. A program's note shows nothing; an update is somebody's word."""
    if type(event) in _NO_SIGN:
        return False
    return by.startswith("person:") or actor(event) is not None or isinstance(event, Updated)


def heard(state: Incident, entry: Entry) -> Quiet:
    """What is known of the quiet after one more entry; `state` is the state before it.

    Once the alarm rings because of the quiet, only an answer ends it: somebody's note about a sleeping commander must
    not silence it. (What the commander does counts as an answer: `decide.quiet`.)
    """
    event, quiet = entry.event, state.quiet
    match event:
        case AcknowledgementWarned():
            return replace(quiet, warned=True)
        case AcknowledgementExpired():
            return replace(quiet, expired_at=entry.at, page=event.page)
        case _ if not is_sign(event, entry.by) or (state.expired and not isinstance(event, Acknowledged)):
            return quiet
    return Quiet(entry.at)


def holds_until(state: Incident) -> datetime | None:
    """When the answer expires if nothing more is heard. None where nothing expires: nobody has it, it is resolved, it
    rings already, or the policy that it pinned knows no such limit."""
    return None if state.alarm.ringing else limit(state)


def limit(state: Incident) -> datetime | None:
    """As `holds_until`, also when it has passed and the alarm rings."""
    seconds = state.pinned.cadence.quiet_s if state.pinned else None
    at_work = state.phase in (Phase.HANDLING, Phase.RECOVERING) and state.commander is not None
    if seconds is None or state.quiet.heard_at is None or not at_work:
        return None
    return state.quiet.heard_at + timedelta(seconds=seconds)


def warned_at(state: Incident) -> datetime | None:
    """When the commander is asked; None when nothing expires or they were asked already."""
    until, since = holds_until(state), state.quiet.heard_at
    if until is None or since is None or state.quiet.warned:
        return None
    return since + WARNED_AT * (until - since)
