"""The post-incident report, drafted from the log: what happened, how it was answered, why, what was done, what to keep.

Nothing in it is typed twice: causes, measures and tests are what the handling recorded, figures are folded from the
entries. Durations are seconds, None while their end has not come.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from incident.events import (
    Acknowledged,
    ClockBreached,
    CommandTaken,
    Entry,
    Escalated,
    Paged,
    Resolved,
    StepFinished,
    StepOverdue,
    StepSkipped,
    Updated,
    UpdateMissed,
)
from incident.record.row import name_of
from incident.record.shapes import Instant
from incident.record.view import Reader
from incident.state import Incident


@dataclass(frozen=True, slots=True)
class Commanded:
    """Who commanded from when."""

    person: str
    name: str
    since: Instant


@dataclass(frozen=True, slots=True)
class Review:
    """`noticed_s` runs from the event to the report, `answered_s` from the first page to the first answer, the rest
    from the report. `longest_silence_s` is the longest gap between two updates, the first counted from the report and
    the last up to the resolution."""

    noticed_s: float
    answered_s: float | None
    restored_s: float | None
    resolved_s: float | None
    closed_s: float | None
    pages: int
    people_paged: int
    escalations: int
    updates: int
    updates_missed: int
    longest_silence_s: float
    steps_done: int
    steps_skipped: int
    steps_overdue: int
    clocks_missed: tuple[str, ...]
    commanders: tuple[Commanded, ...]


def review(state: Incident, entries: Sequence[Entry], reader: Reader) -> Review:
    """Fold an incident's log into its report's figures. `entries` are all of its entries, in order."""
    start = state.opened_at
    events = [(entry.at, entry.event) for entry in entries]
    paged = [(at, e) for at, e in events if isinstance(e, Paged) and e.people]
    answered = next((at for at, e in events if isinstance(e, Acknowledged)), None)
    resolved = next((at for at, e in reversed(events) if isinstance(e, Resolved)), None)
    spoken = [at for at, e in events if isinstance(e, Updated)]
    return Review(
        noticed_s=_since(state.report.happened_at, start) or 0.0,
        answered_s=_since(paged[0][0], answered) if paged else None,
        restored_s=_since(start, state.restored_at),
        resolved_s=_since(start, resolved),
        closed_s=_since(start, state.closed_at),
        pages=len(paged),
        people_paged=len({s.person for _, e in paged for s in e.people}),
        escalations=_count(events, Escalated),
        updates=len(spoken),
        updates_missed=_count(events, UpdateMissed),
        longest_silence_s=_longest_gap(start, spoken, resolved or reader.now),
        steps_done=_count(events, StepFinished),
        steps_skipped=_count(events, StepSkipped),
        steps_overdue=_count(events, StepOverdue),
        clocks_missed=tuple(e.clock for _, e in events if isinstance(e, ClockBreached)),
        commanders=tuple(
            Commanded(e.person, name_of(e.person, reader.organisation) or e.person, at)
            for at, e in events
            if isinstance(e, CommandTaken)
        ),
    )


def _count(events: Sequence[tuple[datetime, object]], kind: type[object]) -> int:
    return sum(isinstance(event, kind) for _, event in events)


def _since(start: datetime, end: datetime | None) -> float | None:
    return max(0.0, (end - start).total_seconds()) if end is not None else None


def _longest_gap(start: datetime, spoken: Sequence[datetime], end: datetime) -> float:
    marks = [start, *(at for at in spoken if at <= end), end]
    return max((b - a).total_seconds() for a, b in pairwise(marks))
