"""Who was paged, what became of it, who answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from incident.errors import Reason
from incident.posts import Tier


@dataclass(frozen=True, slots=True)
class Summoned:
    """A person whom a page goes to, and why this person."""

    person: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class Remark:
    """Something about a person that decided whether they were paged: passed over, or asked in spite of something."""

    person: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class Paged:
    """`page` numbers an incident's pages from 1, `rung` counts from 0; `next_at` is when the next is due.

    `waiting` are those of the rung who come next in turn, `time` counts how often the rung has been paged, from 1.
    """

    page: int
    rung: int
    round: int
    tier: Tier
    people: tuple[Summoned, ...]
    reason: Reason
    next_at: datetime
    waiting: tuple[Summoned, ...] = ()
    time: int = 1
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True, slots=True)
class Escalated:
    """To rung `rung`, past the top if there is none; the remarks are on people of the rung that was passed."""

    rung: int
    tier: Tier
    reason: Reason
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True, slots=True)
class Notified:
    """Told without being asked for an answer: management and service at activation, the tier above at a breach."""

    people: tuple[Summoned, ...]
    about: Reason


@dataclass(frozen=True, slots=True)
class PageDelivered:
    page: int
    person: str
    way: str


@dataclass(frozen=True, slots=True)
class PageFailed:
    """The last way to this person failed for this page."""

    page: int
    person: str
    way: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """`rostered` tells whether this answer counts for the response clock; `via` is sms, voice, link, web or api."""

    person: str
    via: str
    rostered: bool = True


@dataclass(frozen=True, slots=True)
class Declined:
    person: str
    via: str
    note: str | None = None


@dataclass(frozen=True, slots=True)
class ClockBreached:
    clock: str
    due: datetime


AlarmEvent = Paged | Escalated | Notified | PageDelivered | PageFailed | Acknowledged | Declined | ClockBreached
