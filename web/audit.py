"""What the auditor found, for machines and walls: the verdict of `/readyz`, the heartbeat's part, the API's list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from incident.clock import FastClock, iso
from incident.organisation import Role
from incident.record.shapes import Instant, Why
from incident.record.view import Reader
from incident.store import findings, outbox, signs
from incident.store.engine import reading
from incident.store.findings import Kept
from incident.store.portable.hold import held_since
from web.auth import who
from web.endpoint import Endpoint
from web.house import House, house_of
from web.reading import reader
from web.wire import query_of, shown

AUDIT_MOST_S: Final = 180.0
"""An audit that is older than this did not happen: the watch is down, or its auditor hangs."""
HELD: Final = "held"
CLEARED_FOR: Final = timedelta(minutes=5)
"""For so long a wall says what is well again."""


def rate_of(house: House) -> float:
    return house.clock.rate if isinstance(house.clock, FastClock) else 1.0


def age_s(house: House, at: datetime) -> float:
    """Seconds of the machine since then, also where a demo's clock runs fast."""
    return max(0.0, (house.clock.now() - at).total_seconds()) / rate_of(house)


@dataclass(frozen=True, slots=True)
class Standing:
    """The last audit and what stands of it, read at one moment. `audited` None: there never was one. `held`: since when
    what was restored pages nobody."""

    audited: signs.Audited | None
    kept: tuple[Kept, ...]
    cleared: Kept | None
    ping: signs.Pinged | None
    held: datetime | None

    @classmethod
    def read(cls, connection: Connection, house: House) -> Standing:
        since = house.clock.now() - CLEARED_FOR * rate_of(house)
        return cls(
            signs.last_audit(connection),
            tuple(findings.standing(connection)),
            findings.last_closed(connection, since),
            signs.last_ping(connection),
            held_since(connection),
        )

    def heartbeat(self, house: House) -> dict[str, Any]:
        """What a wall needs for its banner: rules and codes, whose words it has. That paging is held comes first."""
        first = self.kept[0].finding if self.kept else None
        shown = _short(first.rule, first.code, first.since) if first else None
        cleared = self.cleared.finding if self.cleared and not self.kept else None
        return {
            "age_s": round(age_s(house, self.audited.at), 1) if self.audited else None,
            "found": len(self.kept) + (self.held is not None),
            "held": self.held is not None,
            "first": _short(HELD, "", self.held) if self.held else shown,
            "cleared": _short(cleared.rule, cleared.code, self.cleared.closed_at)
            if cleared and self.cleared and self.cleared.closed_at
            else None,
        }

    def verdict(self, house: House, began: datetime) -> tuple[bool, str]:
        """Whether somebody audits at all. What was found is no reason to turn reports away: it is listed beside."""
        if self.audited is None:
            return age_s(house, began) <= AUDIT_MOST_S, "never: does a watch run?"
        age = age_s(house, self.audited.at)
        return age <= AUDIT_MOST_S, f"{age:.0f} s ago, {len(self.kept)} findings"


def _short(rule: str, code: str, at: datetime) -> dict[str, str]:
    return {"rule": str(rule), "code": code, "at": iso(at)}


def problems(standing: Standing, by: Reader) -> list[dict[str, Any]]:
    """Each finding for whoever runs the house: what, since when, what to do."""
    return [
        {
            "rule": str(kept.finding.rule),
            "incident": kept.finding.code or None,
            "since": iso(kept.finding.since),
            "says": by.sentence(kept.finding.says),
            "do": by.sentence(kept.finding.cure),
        }
        for kept in standing.kept
    ]


@dataclass(frozen=True, slots=True)
class FindingView:
    """`code` is the incident's, None where the whole house is meant. `closed_at` is None while it is so."""

    id: int
    rule: str
    incident: str | None
    code: str | None
    count: int
    since: Instant
    opened_at: Instant
    closed_at: Instant | None
    paged_at: Instant | None
    says: Why
    do: Why


@dataclass(frozen=True, slots=True)
class AuditView:
    """The last audit, what stands, what was, and the outside dead-man. Times are None for what never happened.

    `well`: somebody audits, and nothing stands or is held. `held_since`: since then what was restored from a backup
    pages nobody, until `incident resume`. `deadman` tells whether one is configured.
    """

    well: bool
    held_since: Instant | None
    at: Instant | None
    looked: int
    took_ms: int
    worker_at: Instant | None
    delivered_at: Instant | None
    deadman: bool
    pinged_at: Instant | None
    ping_problem: str | None
    standing: list[FindingView]
    history: list[FindingView]
    next: int | None


class HistoryQuery(BaseModel):
    """`before` is the id of the last finding that was seen."""

    model_config = ConfigDict(extra="forbid")

    before: int | None = Field(None, ge=1)
    limit: int = Field(50, ge=1, le=200)


def audit_of(house: House, locale: str, before: int | None = None, limit: int = 50) -> AuditView:
    """Everything that is known of the pager's own health. Blocks."""
    by = reader(house, locale)
    with reading(house.engine) as connection:
        now = Standing.read(connection, house)
        past = findings.history(connection, before, limit + 1)
        worker, delivered = signs.heard(connection, signs.WORKER), outbox.last_delivered(connection)
    lately = now.audited is not None and age_s(house, now.audited.at) <= AUDIT_MOST_S
    return AuditView(
        well=lately and not now.kept and now.held is None,
        held_since=now.held,
        at=now.audited.at if now.audited else None,
        looked=now.audited.looked if now.audited else 0,
        took_ms=now.audited.took_ms if now.audited else 0,
        worker_at=worker,
        delivered_at=delivered,
        deadman=house.settings.deadman_url is not None,
        pinged_at=now.ping.at if now.ping else None,
        ping_problem=now.ping.problem or None if now.ping else None,
        standing=[_view(kept, by) for kept in now.kept],
        history=[_view(kept, by) for kept in past[:limit]],
        next=past[limit - 1].id if len(past) > limit else None,
    )


def _view(kept: Kept, by: Reader) -> FindingView:
    found = kept.finding
    return FindingView(
        id=kept.id,
        rule=str(found.rule),
        incident=found.incident or None,
        code=found.code or None,
        count=found.count,
        since=found.since,
        opened_at=kept.opened_at,
        closed_at=kept.closed_at,
        paged_at=kept.paged_at,
        says=by.why(found.says),
        do=by.why(found.cure),
    )


def get(request: Request) -> Response:
    wanted = query_of(request, HistoryQuery)
    return shown(AuditView, audit_of(house_of(request), who(request).locale, wanted.before, wanted.limit))


ENDPOINTS: Final = (
    Endpoint(
        "GET",
        "/api/audit",
        get,
        Role.VIEWER,
        "operations",
        "Whether the pager keeps its own laws: the last audit, what is wrong, what was, the outside dead-man.",
        query=HistoryQuery,
        answer=AuditView,
    ),
)
