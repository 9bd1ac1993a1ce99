"""What an incident is after its log so far. `incident.evolve` makes it, entry by entry.

The state holds nothing that the log does not say, and reads neither clock nor roster. Everything is frozen; a
reader may keep an old state while the writer goes on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from incident.errors import Reason
from incident.events import Cadence, CommunicationJudged, Reported, Rung, StepPlan, Summoned
from incident.levels import Level
from incident.posts import Post


class Phase(StrEnum):
    """Where the incident stands in the six-stage emergency flow. Risk assessment runs beside it all."""

    REPORTED = "reported"
    GRADED = "graded"
    ACTIVATED = "activated"
    HANDLING = "handling"
    RECOVERING = "recovering"
    VERIFYING = "verifying"
    REVIEWING = "reviewing"
    CLOSED = "closed"
    MERGED = "merged"

    @property
    def over(self) -> bool:
        """Whether nothing is due any more: no wake, no page."""
        return self in (Phase.CLOSED, Phase.MERGED)


@dataclass(frozen=True, slots=True)
class ClockState:
    """`breached` is set once the breach was written down, so that it is written once."""

    due: datetime
    assumed: bool = False
    met_at: datetime | None = None
    breached: bool = False

    def verdict(self, now: datetime) -> str:
        """met, breached or running at `now`. Exactly on time is met."""
        if self.met_at is not None:
            return "met" if self.met_at <= self.due else "breached"
        return "breached" if now > self.due else "running"


@dataclass(frozen=True, slots=True)
class PagedPerson:
    """One person's part in the alarm: paged at `at` on `rung`; `answer` is declined or unreachable, or None."""

    person: str
    page: int
    rung: int
    at: datetime
    reason: Reason
    answer: str | None = None
    delivered: bool = False


@dataclass(frozen=True, slots=True)
class Alarm:
    """The ladder's state. `ringing` until a person answers or the incident is resolved; then `next_at` is None.

    `waiting` are those of the rung who come next in turn, `time` is how often the rung has been paged.
    """

    ringing: bool
    rung: int
    round: int
    page: int
    next_at: datetime | None
    paged: tuple[PagedPerson, ...] = ()
    waiting: tuple[Summoned, ...] = ()
    time: int = 1

    def on_rung(self) -> tuple[PagedPerson, ...]:
        """Those paged last: the people whom this page number went to."""
        return tuple(p for p in self.paged if p.page == self.page)


@dataclass(frozen=True, slots=True)
class Quiet:
    """When a person last did something, and what followed from hearing nothing: the commander was asked (`warned`), the
    answer expired, with `page` the one that asked the commander first."""

    heard_at: datetime | None = None
    warned: bool = False
    expired_at: datetime | None = None
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Maintenance:
    """The planned maintenance that the report fell into, as it was then. `holds`: nobody is paged before `until`."""

    window: str
    name: str
    about: str
    owner: str
    until: datetime
    holds: bool = True


@dataclass(frozen=True, slots=True)
class StepState:
    """`status` is waiting, running, done, failed or skipped."""

    plan: StepPlan
    status: str = "waiting"
    person: str | None = None
    started_at: datetime | None = None
    due: datetime | None = None
    ended_at: datetime | None = None
    result: str | None = None
    overdue: bool = False


@dataclass(frozen=True, slots=True)
class Word:
    """The last update and when the next is due. `due` is None while nobody owes one.

    `owed_since` is the first due time that passed in silence since the last update; None while the word is kept.
    """

    due: datetime | None = None
    count: int = 0
    text: str | None = None
    at: datetime | None = None
    missed: int = 0
    owed_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Pinned:
    """What the incident pinned when it was graded, by digest, with what the rules made of it."""

    policy: str
    policy_version: int
    policy_digest: str
    cadence: Cadence
    playbook: str
    playbook_version: int
    playbook_digest: str
    playbook_reason: Reason
    ladder: tuple[Rung, ...]
    closeout: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Request:
    item: str
    quantity: int
    arrived: int = 0
    needed_by: datetime | None = None


@dataclass(frozen=True, slots=True)
class Findings:
    """What must be known before closing."""

    cause: str | None = None
    measure: str | None = None
    test: str | None = None
    test_passed: bool = False
    verified_by: str | None = None


@dataclass(frozen=True)
class Incident:
    """The whole state. `posts` maps each post to those who hold it; the commander is apart because there is one.

    `commanders` are all who ever were. `judged` is the last judgement of its communication.
    `paused_at` is since when a drill's clock stands still, `stood_still` for how long it did before in all;
    `sealed_at` is when the drill ended.
    """

    id: str
    seq: int
    at: datetime
    phase: Phase
    report: Reported
    opened_at: datetime
    level: Level = Level.LOW
    level_reasons: tuple[Reason, ...] = ()
    pinned: Pinned | None = None
    clocks: Mapping[str, ClockState] = field(default_factory=dict)
    alarm: Alarm = Alarm(ringing=False, rung=0, round=0, page=0, next_at=None)
    quiet: Quiet = Quiet()
    maintenance: Maintenance | None = None
    responders: tuple[str, ...] = ()
    commander: str | None = None
    commanders: tuple[str, ...] = ()
    command_since: datetime | None = None
    offered_to: str | None = None
    posts: Mapping[Post, tuple[str, ...]] = field(default_factory=dict)
    steps: Mapping[str, StepState] = field(default_factory=dict)
    started_at: datetime | None = None
    word: Word = Word()
    restored_percent: int | None = None
    customers_affected: int | None = None
    risks: int = 0
    risk: str | None = None
    requests: Mapping[int, Request] = field(default_factory=dict)
    findings: Findings = Findings()
    closeout: frozenset[str] = frozenset()
    followed_up: bool = False
    recovered_at: datetime | None = None
    restored_at: datetime | None = None
    resolved_at: datetime | None = None
    resolved_by: str | None = None
    verified_at: datetime | None = None
    closed_at: datetime | None = None
    merged_into: str | None = None
    absorbed: tuple[str, ...] = ()
    paused_at: datetime | None = None
    stood_still: timedelta = timedelta()
    sealed_at: datetime | None = None
    judged: CommunicationJudged | None = None

    @property
    def answered(self) -> bool:
        """Whether a person has it. While False and not over, nobody does."""
        return self.commander is not None

    @property
    def holds_back(self) -> bool:
        """Whether what maintenance holds back was not let go yet."""
        return self.maintenance is not None and self.maintenance.holds

    @property
    def held(self) -> bool:
        """Whether nobody is paged because of planned maintenance, and nobody has taken it all the same."""
        return self.holds_back and self.phase in (Phase.GRADED, Phase.ACTIVATED) and not self.alarm.ringing

    @property
    def expired(self) -> bool:
        """Whether it rings because nothing was heard of those who have it."""
        return self.alarm.ringing and self.quiet.expired_at is not None

    @property
    def unreachable(self) -> bool:
        """The ladder rings and has nobody to ring: no one on duty, or no way to any of them works."""
        rung = self.alarm.on_rung()
        return self.alarm.ringing and (not rung or all(p.answer == "unreachable" for p in rung))

    def waiting_for(self, step: str) -> tuple[str, ...]:
        """The steps that must come before this one and are neither done nor skipped."""
        return tuple(
            s
            for s in self.steps[step].plan.after
            if s in self.steps and self.steps[s].status not in ("done", "skipped")
        )

    def holding(self, post: Post) -> tuple[str, ...]:
        """Who holds a post. One that nobody fills is the commander's; empty while nobody commands."""
        return self.posts.get(post) or ((self.commander,) if self.commander else ())

    def led(self) -> frozenset[str]:
        """Everyone who reports to the commander: responders and holders of posts."""
        people = {*self.responders, *(person for held in self.posts.values() for person in held)}
        return frozenset(people - {self.commander})


_NAMES: Final = frozenset(Incident.__dataclass_fields__)


def changed(state: Incident, **fields: Any) -> Incident:
    """`dataclasses.replace` for an incident: the same, but thirty times as quick, and every entry takes two. It copies
    what is there instead of setting each field anew, for which the state has no slots."""
    if not fields.keys() <= _NAMES:
        raise TypeError(f"no field of an incident: {', '.join(sorted(fields.keys() - _NAMES))}")
    new = object.__new__(Incident)
    vars(new).update(vars(state), **fields)
    return new


def silent(state: Incident) -> Incident:
    return changed(state, alarm=replace(state.alarm, ringing=False, next_at=None))


def marked(alarm: Alarm, person: str, page: int | None, *, answer: str | None = None, delivered: bool = False) -> Alarm:
    """The alarm with one person's part changed: for one page, or for all (`page` None)."""
    paged = tuple(
        replace(p, answer=answer or p.answer, delivered=delivered or p.delivered)
        if p.person == person and page in (None, p.page)
        else p
        for p in alarm.paged
    )
    return replace(alarm, paged=paged)


_begun: list[tuple[tuple[StepPlan, ...], Mapping[str, StepState]]] = []


def waiting(plans: tuple[StepPlan, ...]) -> Mapping[str, StepState]:
    """The steps before anybody began one. Those of the last playbook are kept: in a storm all incidents start it."""
    for kept, steps in _begun:
        if kept is plans:
            return steps
    steps = {plan.id: StepState(plan) for plan in plans}
    _begun[:] = [(plans, steps)]
    return steps
