"""The shapes in which a dry run is read: by the API, the page, the terminal. Sentences are in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass

from incident.record.shapes import Instant, Why


@dataclass(frozen=True, slots=True)
class WayAt:
    """One message: by which way, and when it would go out."""

    way: str
    at: Instant


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody whom a page or a notice goes to, why them, and by what. No ways: nothing of it would go out."""

    person: str
    name: str
    reason: Why
    ways: tuple[WayAt, ...]


@dataclass(frozen=True, slots=True)
class Moment:
    """One line. `kind` is page, nobody (it rings and has nobody to ring), gap (a rung that nobody holds), told,
    breached, or the name of another entry. Rungs count from 1; `round` is 0 for the first time up the ladder.
    `late`: after the target."""

    at: Instant
    after_s: int
    kind: str
    says: str
    people: tuple[Asked, ...] = ()
    rung: int | None = None
    round: int = 0
    tier: str | None = None
    why: Why | None = None
    late: bool = False


@dataclass(frozen=True, slots=True)
class RungView:
    """A rung of the ladder. `dead`: nobody held it when its turn came."""

    n: int
    tier: str
    who: str
    function: str
    wait_s: int
    dead: bool


@dataclass(frozen=True, slots=True)
class DryRun:
    """What would happen. `target` is when the first answer is due, `missed_at` when that would pass unanswered.

    `folded_into` is the code of the open incident that the report would be counted in, instead of all this. `taken_by`
    is who has an incident that exists: then nobody is paged as long as they are heard of. `ends` says why the telling
    stops: round (the second round has begun), quiet (nothing more comes due), horizon.
    """

    at: Instant
    code: str | None
    title: str
    kind: str
    level: str
    level_reasons: tuple[Why, ...]
    unit: str
    unit_name: str
    routed: Why
    policy: str | None
    playbook: str | None
    playbook_name: str | None
    playbook_reason: Why | None
    ladder: tuple[RungView, ...]
    target: Instant | None
    missed_at: Instant | None
    first_page_at: Instant | None
    headquarters_at: Instant | None
    second_round_at: Instant | None
    taken_by: str | None
    folded_into: str | None
    ends: str
    moments: tuple[Moment, ...]
