"""Values that an incident pins, and how it came to be: reported, graded, started."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from incident.errors import Reason
from incident.events.rungs import Rung
from incident.levels import Degree, Kind, Level
from incident.posts import Post
from incident.report import Channel, Source


@dataclass(frozen=True, slots=True)
class Due:
    """A named clock of the policy: due at `at`; `assumed` when the figure is ours and not demanded."""

    name: str
    at: datetime
    assumed: bool = False


@dataclass(frozen=True, slots=True)
class Cadence:
    """Seconds between updates: the first after opening, the scope after that, then every so often.

    `quiet_s` without any human act end an answer; None where the pinned policy knows no such limit.
    """

    first_s: int
    scope_s: int
    every_s: int
    quiet_s: int | None = None


@dataclass(frozen=True, slots=True)
class StepPlan:
    """The skeleton of a playbook's step; its words are in the playbook of the pinned digest, or in `text`."""

    id: str
    owner: Post
    weight: str
    limit_s: int | None = None
    after: tuple[str, ...] = ()
    life_safety: bool = False
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Reported:
    code: str
    title: str
    kind: Kind
    happened_at: datetime
    channel: Channel
    source: Source
    unit: str
    routed: Reason
    impact: Degree | None = None
    urgency: Degree | None = None
    stated: Level | None = None
    place: str | None = None
    product: str | None = None
    serial: str | None = None
    symptom: str | None = None
    scope: str | None = None
    reporter: str | None = None
    customer: str | None = None
    service: str | None = None
    dedup_key: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    links: tuple[str, ...] = ()
    injury: bool = False
    major: bool = False
    missing: tuple[str, ...] = ()
    previous: str | None = None
    drill: str | None = None


@dataclass(frozen=True, slots=True)
class Graded:
    """The level with its reasons, and everything pinned at that moment: policy, clocks, playbook, ladder."""

    level: Level
    reasons: tuple[Reason, ...]
    policy: str
    policy_version: int
    policy_digest: str
    clocks: tuple[Due, ...]
    cadence: Cadence
    playbook: str
    playbook_version: int
    playbook_digest: str
    playbook_reason: Reason
    ladder: tuple[Rung, ...]
    closeout: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Regraded:
    """All clocks are recomputed from the report. `reason` is the person's own sentence."""

    level: Level
    was: Level
    reason: str
    clocks: tuple[Due, ...]
    cadence: Cadence
    ladder: tuple[Rung, ...]


@dataclass(frozen=True, slots=True)
class PlaybookStarted:
    playbook: str
    version: int
    digest: str
    steps: tuple[StepPlan, ...]
    automatic: bool = True


@dataclass(frozen=True, slots=True)
class ReportAmended:
    """Elements of the report that were missing or wrong."""

    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Merged:
    into: str


@dataclass(frozen=True, slots=True)
class Absorbed:
    incident: str
    code: str


OpeningEvent = Reported | Graded | Regraded | PlaybookStarted | ReportAmended | Merged | Absorbed
