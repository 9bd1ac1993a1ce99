"""What the auditor has read, as values: the rules know no database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from incident.levels import Level


@dataclass(frozen=True, slots=True)
class Watched:
    """An open incident as its board row says it stands. `ordered`: some page for it lies in the outbox.

    `paged_at` is when somebody was last paged, `log_seq` the last entry that the log has of it.
    """

    incident: str
    code: str
    phase: str
    opened_at: datetime
    wake_at: datetime | None
    next_at: datetime | None
    paged_at: datetime | None
    ringing: bool
    unreachable: bool
    commander: str | None
    ordered: bool
    seq: int
    log_seq: int
    at: datetime
    """The time of its last entry."""
    held: bool = False
    """Planned maintenance keeps it from paging anybody, until its wake."""


@dataclass(frozen=True, slots=True)
class Unsent:
    """A message that waits. `since`: when it should first have gone out, before any retry put it off.

    `answer`: it asks for one. `reached`: the same page has reached the same person's provider by another way.
    """

    incident: str
    code: str
    person: str
    way: str
    level: Level
    first: bool
    answer: bool
    since: datetime
    attempts: int
    reached: bool
    held: bool = False
    """The limits hold it until `since`, to be bundled."""


@dataclass(frozen=True, slots=True)
class Leased:
    """A message in the hands of a worker whose time is over."""

    incident: str
    code: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Untold:
    """A page that ended, whose incident's log does not know yet."""

    incident: str
    code: str
    ended_at: datetime


@dataclass(frozen=True, slots=True)
class Head:
    """The log's last entry, and the entry that the board shows of its incident; `code` and `shown` None without a
    row."""

    incident: str
    code: str | None
    at: datetime
    seq: int
    shown: int | None


@dataclass(frozen=True, slots=True)
class House:
    """What is true of the whole: who was heard of when, how far the clerk is, where the log ends.

    `unread_since` is the time of the first entry that the clerk has not read, None when it has read all.
    """

    worker_at: datetime | None = None
    web_at: datetime | None = None
    unread: int = 0
    unread_since: datetime | None = None
    head: Head | None = None
    somebody: bool = False
    """An organisation was loaded."""
