"""Every fact that an incident's log can hold, in the past tense and frozen.

What was decided from outside knowledge (who was on duty, what the policy asks, what the playbook says) is written
into the event, so that replay never reads today's roster or rules. Events name people by id; phone numbers and
other particulars stay in the directory. Fields may be added with a default, never renamed: see store/codec.py.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from incident.events.alarm import (
    Acknowledged,
    AlarmEvent,
    ClockBreached,
    Declined,
    Escalated,
    Notified,
    Paged,
    PageDelivered,
    PageFailed,
    Remark,
    Summoned,
)
from incident.events.closing import (
    AlertRecovered,
    AlertReturned,
    Closed,
    CloseoutTicked,
    ClosingEvent,
    CommunicationJudged,
    FindingsRecorded,
    FollowedUp,
    Reopened,
    Resolved,
    Restored,
    Verified,
)
from incident.events.command import CommandEvent, CommandOffered, CommandTaken, PostFilled, PostVacated, SpanExceeded
from incident.events.drill import DrillEnded, DrillEvent, DrillPaused, DrillResumed
from incident.events.maintenance import MaintenanceEvent, PagingHeld, PagingReleased
from incident.events.opening import (
    Absorbed,
    Cadence,
    Due,
    Graded,
    Merged,
    OpeningEvent,
    PlaybookStarted,
    Regraded,
    ReportAmended,
    Reported,
    StepPlan,
)
from incident.events.quiet import AcknowledgementExpired, AcknowledgementWarned, QuietEvent
from incident.events.rungs import Hours, Rung, Terms, Who
from incident.events.work import (
    Noted,
    ResourceArrived,
    ResourceRequested,
    RiskAssessed,
    StepAdded,
    StepFailed,
    StepFinished,
    StepOverdue,
    StepSkipped,
    StepStarted,
    Updated,
    UpdateMissed,
    WorkEvent,
)

Event = OpeningEvent | AlarmEvent | MaintenanceEvent | QuietEvent | CommandEvent | WorkEvent | ClosingEvent | DrillEvent

EVENTS: Final[tuple[type[Event], ...]] = Event.__args__

KINDS: Final[Mapping[type[Event], str]] = {
    event: re.sub(r"(?<!^)(?=[A-Z])", "_", event.__name__).lower() for event in EVENTS
}
"""The name of each kind in the log and on the wire: `PageDelivered` is `page_delivered`."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log. `position` is global and gapless, `seq` counts within the incident from 1.

    `by` says who: `person:<id>`, `key:<name>` for a program, `system` for the clock.
    """

    position: int
    incident: str
    seq: int
    at: datetime
    by: str
    event: Event

    @property
    def kind(self) -> str:
        return KINDS[type(self.event)]


__all__ = [
    "EVENTS",
    "KINDS",
    "Absorbed",
    "Acknowledged",
    "AcknowledgementExpired",
    "AcknowledgementWarned",
    "AlarmEvent",
    "AlertRecovered",
    "AlertReturned",
    "Cadence",
    "ClockBreached",
    "Closed",
    "CloseoutTicked",
    "ClosingEvent",
    "CommandEvent",
    "CommandOffered",
    "CommandTaken",
    "CommunicationJudged",
    "Declined",
    "DrillEnded",
    "DrillEvent",
    "DrillPaused",
    "DrillResumed",
    "Due",
    "Entry",
    "Escalated",
    "Event",
    "FindingsRecorded",
    "FollowedUp",
    "Graded",
    "Hours",
    "MaintenanceEvent",
    "Merged",
    "Noted",
    "Notified",
    "OpeningEvent",
    "PageDelivered",
    "PageFailed",
    "Paged",
    "PagingHeld",
    "PagingReleased",
    "PlaybookStarted",
    "PostFilled",
    "PostVacated",
    "QuietEvent",
    "Regraded",
    "Remark",
    "Reopened",
    "ReportAmended",
    "Reported",
    "Resolved",
    "ResourceArrived",
    "ResourceRequested",
    "Restored",
    "RiskAssessed",
    "Rung",
    "SpanExceeded",
    "StepAdded",
    "StepFailed",
    "StepFinished",
    "StepOverdue",
    "StepPlan",
    "StepSkipped",
    "StepStarted",
    "Summoned",
    "Terms",
    "UpdateMissed",
    "Updated",
    "Verified",
    "Who",
    "WorkEvent",
]
