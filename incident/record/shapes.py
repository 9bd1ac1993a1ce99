"""The shapes in which an incident is read: the answer of the API, the ground of every page.

Times are aware datetimes here and ISO text with `Z` on the wire. Sentences are already in the reader's language; what
a program should branch on stands beside them as a key. People are named, never numbered: a telephone number is
nowhere in these shapes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from pydantic import PlainSerializer, WithJsonSchema

from incident.clock import iso

Instant = Annotated[
    datetime,
    PlainSerializer(iso, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]


@dataclass(frozen=True, slots=True)
class Who:
    """A person of the directory. Somebody who has left it is still shown, by id."""

    person: str
    name: str


@dataclass(frozen=True, slots=True)
class Why:
    """A reason: `key` and `params` for programs, `text` for people, in the reader's language."""

    key: str
    text: str
    params: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ClockView:
    """`verdict` is met, breached, running, or lapsed: the incident was over before it ran out. `assumed`: the figure is
    ours, nobody demanded it."""

    name: str
    due: Instant
    met_at: Instant | None
    verdict: str
    assumed: bool


@dataclass(frozen=True, slots=True)
class PostView:
    """A post that is held or that the playbook wants. While `people` is empty, the commander holds it."""

    post: str
    people: tuple[Who, ...]
    needed_by: Instant | None
    late: bool


@dataclass(frozen=True, slots=True)
class StepView:
    """A step with its words. `waiting_for` names the steps that must come first and are not done yet."""

    id: str
    text: str
    detail: str | None
    expect: str | None
    fallback: str | None
    owner: str
    owner_people: tuple[Who, ...]
    weight: str
    life_safety: bool
    limit_s: int | None
    after: tuple[str, ...]
    waiting_for: tuple[str, ...]
    status: str
    person: Who | None
    started_at: Instant | None
    due: Instant | None
    ended_at: Instant | None
    result: str | None
    overdue: bool


@dataclass(frozen=True, slots=True)
class PagedView:
    """One person's place in the chain. `answer` is declined, unreachable or None; rungs count from 1."""

    person: str
    name: str
    page: int
    rung: int
    at: Instant
    reason: Why
    answer: str | None
    delivered: bool


@dataclass(frozen=True, slots=True)
class AlarmView:
    """`next_at` is when the next rung is paged; None once somebody has answered."""

    ringing: bool
    unreachable: bool
    rung: int
    rungs: int
    round: int
    next_at: Instant | None
    paged: tuple[PagedView, ...]


@dataclass(frozen=True, slots=True)
class QuietView:
    """Since when nothing was heard of those who have it, and until when their answer holds. `asked`: the commander was
    asked whether they still have it; `expired_at`: it rings again since then."""

    heard_at: Instant
    holds_until: Instant
    asked: bool
    expired_at: Instant | None


@dataclass(frozen=True, slots=True)
class MaintenanceView:
    """The planned maintenance that the report fell into, as it was then. `held`: nobody is paged before `until`."""

    window: str
    name: str
    about: str
    owner: Who
    until: Instant
    held: bool


@dataclass(frozen=True, slots=True)
class UpdatesView:
    """The word so far: how many, the last one, when the next is due, and since when it is owed in silence."""

    count: int
    text: str | None
    at: Instant | None
    next_due: Instant | None
    missed: int
    owed_since: Instant | None


@dataclass(frozen=True, slots=True)
class FindingsView:
    cause: str | None
    measure: str | None
    test: str | None
    test_passed: bool
    verified_by: Who | None


@dataclass(frozen=True, slots=True)
class CloseItemView:
    id: str
    text: str
    ticked: bool


@dataclass(frozen=True, slots=True)
class RequestView:
    """A request for material: `arrived` of `quantity`."""

    request: int
    item: str
    quantity: int
    arrived: int
    needed_by: Instant | None


@dataclass(frozen=True, slots=True)
class ReportView:
    """What was reported. `missing` lists the elements that a full report has and this one still lacks."""

    happened_at: Instant
    channel: str
    source: str
    impact: str | None
    urgency: str | None
    stated: str | None
    place: str | None
    product: str | None
    serial: str | None
    symptom: str | None
    scope: str | None
    reporter: str | None
    customer: str | None
    service: str | None
    dedup_key: str | None
    injury: bool
    major: bool
    labels: Mapping[str, str]
    links: tuple[str, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class IncidentView:
    """One incident as it is read. `level_reason` is the deciding rule as a sentence, `level_reasons` all of them.

    `allowed` names the commands that the phase permits now, as they stand in a path; `to_close` is what closing still
    lacks.
    """

    id: str
    code: str
    seq: int
    at: Instant
    title: str
    kind: str
    level: str
    level_reason: str
    level_reasons: tuple[Why, ...]
    phase: str
    drill: str | None
    opened_at: Instant
    unit: str
    unit_name: str
    routed: Why
    policy: str | None
    policy_version: int | None
    playbook: str | None
    playbook_version: int | None
    playbook_name: str | None
    playbook_reason: Why | None
    playbook_started_at: Instant | None
    clocks: tuple[ClockView, ...]
    alarm: AlarmView
    quiet: QuietView | None
    maintenance: MaintenanceView | None
    commander: Who | None
    command_since: Instant | None
    offered_to: Who | None
    responders: tuple[Who, ...]
    posts: tuple[PostView, ...]
    steps: tuple[StepView, ...]
    updates: UpdatesView
    restored_percent: int | None
    customers_affected: int | None
    risk: str | None
    risks: int
    requests: tuple[RequestView, ...]
    findings: FindingsView
    closeout: tuple[CloseItemView, ...]
    to_close: tuple[Why, ...]
    followed_up: bool
    allowed: tuple[str, ...]
    recovered_at: Instant | None
    restored_at: Instant | None
    resolved_at: Instant | None
    verified_at: Instant | None
    closed_at: Instant | None
    merged_into: str | None
    absorbed: tuple[str, ...]
    paused_at: Instant | None
    sealed_at: Instant | None
    previous: str | None
    report: ReportView


@dataclass(frozen=True, slots=True)
class EntryView:
    """One line of the log. `fields` are the event's own; every reason in them carries its sentence."""

    position: int
    incident: str
    seq: int
    at: Instant
    by: str
    by_name: str | None
    kind: str
    drill: str | None
    fields: Mapping[str, Any]
