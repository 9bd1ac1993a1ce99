"""What the auditor found: open while it is so, kept for ever with when it began and when it was right again."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, select, text, update

from incident.audit.model import Finding, Rule
from incident.store.tables import findings
from incident.store.types import EPOCH, micros

_OPEN: Final = text(
    "INSERT INTO findings (rule, incident, code, count, params, since, opened_at, closed_at) VALUES"
    " (:rule, :incident, :code, :count, :params, :since, :opened_at, 0) ON CONFLICT DO NOTHING"
)
"""Two auditors that find the same open one finding."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A finding as it is written. `paged_at` is when somebody was last paged for it."""

    id: int
    finding: Finding
    opened_at: datetime
    closed_at: datetime | None
    paged_at: datetime | None


def standing(connection: Connection) -> list[Kept]:
    """What is wrong as far as the last audit knows, the gravest first."""
    rows = connection.execute(select(findings).where(findings.c.closed_at == EPOCH))
    weight = {rule: place for place, rule in enumerate(Rule)}
    found = [kept for row in rows if (kept := _kept(row)) is not None]
    return sorted(found, key=lambda kept: (weight[kept.finding.rule], kept.finding.since))


def record(connection: Connection, found: Sequence[Finding], now: datetime) -> None:
    """From now on these stand: new ones are opened, what is well again is closed, the rest is left as it is."""
    before = {kept.finding.key: kept for kept in standing(connection)}
    after = {finding.key: finding for finding in found}
    fresh = [_row(finding, now) for key, finding in after.items() if key not in before]
    if fresh:
        connection.execute(_OPEN, fresh)
    over = [kept.id for key, kept in before.items() if key not in after]
    if over:
        connection.execute(update(findings).where(findings.c.id.in_(over)).values(closed_at=now))
    for key, finding in after.items():
        if key in before and (finding.count, finding.params) != (before[key].finding.count, before[key].finding.params):
            same = update(findings).where(findings.c.id == before[key].id)
            connection.execute(same.values(count=finding.count, params=dict(finding.params)))


def paged(connection: Connection, ids: Collection[int], now: datetime) -> None:
    """Somebody was paged for these."""
    connection.execute(update(findings).where(findings.c.id.in_(list(ids))).values(paged_at=now))


def last_closed(connection: Connection, since: datetime) -> Kept | None:
    """What was last put right since then."""
    query = select(findings).where(findings.c.closed_at >= since).order_by(findings.c.closed_at.desc()).limit(1)
    row = connection.execute(query).first()
    return _kept(row) if row else None


def history(connection: Connection, before: int | None = None, limit: int = 50) -> list[Kept]:
    """All that was ever found, the newest first."""
    query = select(findings).order_by(findings.c.id.desc()).limit(limit)
    rows: Iterable[Any] = connection.execute(query if before is None else query.where(findings.c.id < before))
    return [kept for row in rows if (kept := _kept(row)) is not None]


def _row(finding: Finding, now: datetime) -> dict[str, object]:
    return {
        "rule": str(finding.rule),
        "incident": finding.incident,
        "code": finding.code,
        "count": finding.count,
        "params": json.dumps(dict(finding.params), ensure_ascii=False),
        "since": micros(finding.since),
        "opened_at": micros(now),
    }


def _kept(row: Any) -> Kept | None:
    """None for a rule that a newer release has written: this one cannot say what it means."""
    if row.rule not in Rule.__members__.values():
        return None
    finding = Finding(Rule(row.rule), row.since, row.incident, row.code, row.count, row.params)
    return Kept(row.id, finding, row.opened_at, None if row.closed_at == EPOCH else row.closed_at, row.paged_at)
