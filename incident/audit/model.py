"""What can be found, how grave it is, and how long each thing may take before it is one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from incident.errors import Reason, why
from incident.levels import Level


class Trouble(StrEnum):
    """`page`: somebody may not be paged. `record`: pages go out, but what is read of them is behind."""

    PAGE = "page"
    RECORD = "record"


class Rule(StrEnum):
    """Every law that is audited, by weight: the first one broken is what the wall says.

    Its sentence is `audit.<rule>`, the cure `audit.<rule>.do`, what the wall says `wall.audit.<rule>`.
    """

    ABANDONED = "abandoned"
    """Open, and nobody has it, nobody is asked and no look is due."""
    SILENT = "silent"
    """Nobody has it and its ladder does not ring."""
    PAGELESS = "pageless"
    """Its ladder rings for somebody, and no page to anybody was ever ordered."""
    OVERSLEPT = "overslept"
    """The board would wake it later than its next rung is due."""
    LATE_WAKE = "late_wake"
    """Its look was due and nobody took it."""
    UNREACHABLE = "unreachable"
    """It rings and has nobody to ring."""
    UNSENT = "unsent"
    """A message should have gone out and has not."""
    LEASE = "lease"
    """A worker took messages, died, and nobody takes them over."""
    WORKER = "worker"
    """No worker has been heard of: what is ordered next would not go out."""
    WEB = "web"
    """No web process has been heard of: nobody can report or answer by a link."""
    UNTOLD = "untold"
    """A page has come to its end and its incident was not told: the ladder waits for somebody who was not reached."""
    BOARD = "board"
    """The board shows an older state than the log holds."""
    CLERK = "clerk"
    """What is searched and counted lags behind the log."""

    @property
    def trouble(self) -> Trouble:
        return Trouble.RECORD if self in (Rule.CLERK, Rule.BOARD) else Trouble.PAGE


CAUSES: Final[Mapping[str, tuple[Rule, ...]]] = {
    "sending": (Rule.WORKER, Rule.UNSENT, Rule.LEASE, Rule.UNTOLD),
    "waking": (Rule.LATE_WAKE, Rule.ABANDONED, Rule.SILENT, Rule.PAGELESS, Rule.OVERSLEPT),
    "people": (Rule.UNREACHABLE,),
    "web": (Rule.WEB,),
    "reading": (Rule.BOARD, Rule.CLERK),
}
"""What is broken together when one thing is: nobody is woken four times for one dead worker. First in each stands what
the others follow from. The rules of one are of one trouble."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One law that one incident breaks, or the whole house (`incident` empty). `since` is when it began to.

    `count` is how many things are so (messages, mostly); `params` fill the sentence beside code and count.
    """

    rule: Rule
    since: datetime
    incident: str = ""
    code: str = ""
    count: int = 1
    params: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str]:
        """What makes it the same finding a minute later."""
        return str(self.rule), self.incident

    @property
    def says(self) -> Reason:
        return why(f"audit.{self.rule}", **{**self.params, "code": self.code, "n": self.count})

    @property
    def cure(self) -> Reason:
        return why(f"audit.{self.rule}.do", code=self.code)


@dataclass(frozen=True, slots=True)
class Limits:
    """How long each thing may take, in the house's clock. All figures are ours: nobody demands them. [assumed]

    `unsent` goes by level; the first page of a Critical has its own, and so has what nobody is asked to answer.
    """

    wake: timedelta = timedelta(seconds=30)
    first: timedelta = timedelta(seconds=15)
    critical: timedelta = timedelta(seconds=30)
    high: timedelta = timedelta(seconds=60)
    medium: timedelta = timedelta(minutes=2)
    low: timedelta = timedelta(minutes=5)
    notice: timedelta = timedelta(minutes=5)
    held: timedelta = timedelta(minutes=1)
    """After the time until which the limits hold a message: by then it goes, bundled, or is held until a later time."""
    lease: timedelta = timedelta(seconds=30)
    untold: timedelta = timedelta(seconds=30)
    unreachable: timedelta = timedelta(minutes=6)
    """Longer than the five minutes after which an incident looks again whether somebody is on duty."""
    alive: timedelta = timedelta(seconds=90)
    clerk: timedelta = timedelta(minutes=15)
    just_now: timedelta = timedelta(seconds=10)
    """What was written so lately is not judged: its other half may be under way."""

    def times(self, rate: float) -> Limits:
        """The same for a clock that runs `rate` times as fast: the machine is no quicker for it."""
        return self if rate == 1.0 else Limits(**{f.name: getattr(self, f.name) * rate for f in fields(self)})

    def unsent(self, level: Level, *, first: bool, answer: bool, held: bool = False) -> timedelta:
        """How long a message may wait after its time has come."""
        if held:
            return self.held
        if not answer:
            return self.notice
        by_level = {
            Level.CRITICAL: self.critical,
            Level.HIGH: self.high,
            Level.MEDIUM: self.medium,
            Level.LOW: self.low,
        }
        return self.first if first else by_level[level]

    @property
    def shortest_unsent(self) -> timedelta:
        return min(self.first, self.critical, self.high, self.medium, self.low, self.notice)
