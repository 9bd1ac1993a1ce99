"""The auditor: each minute it looks whether the pager keeps its own laws, and shouts when it does not.

It stands beside the watch, in a thread of its own: neither waits for the other. What it finds is written where every
process sees it (walls, `/readyz`, `/metrics`), what is well again is closed, and what stays is paged to headquarters by
the ladder that everybody is paged by. Should paging itself be what is broken, the outside dead-man falls silent and
speaks. Several auditors may look at once; they find the same, and what they write is the same.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Engine

from incident.audit import CAUSES, Finding, House, Leased, Limits, Trouble, Unsent, Untold, Watched, judge
from incident.clock import Clock, FastClock, monotonic
from incident.desk.desk import Desk
from incident.desk.requests import OpenReport
from incident.errors import NoOrganisation, Reason
from incident.levels import Kind, Level
from incident.organisation import Organisation
from incident.report import Channel, Report, Source
from incident.store import audit as store
from incident.store import findings, signs
from incident.store.engine import changing, reading
from incident.store.findings import Kept
from incident.store.portable.hold import held_since

_log = logging.getLogger(__name__)

EVERY_S: Final = 60.0
AGAIN_S: Final = 15.0
"""After an audit that was not well: what is put right shall be seen soon, on the walls and by the dead-man."""
SHARE: Final = 20.0
"""For each second of looking so many of rest: in a storm something is always wrong, and the pages have the machine."""
MOST: Final = 20_000
"""Open incidents that one audit looks at. With more than that the storm itself is what everybody sees."""
PAGE_AFTER: Final = timedelta(minutes=3)
"""A finding that stands for so long is no passing moment: somebody is paged for it."""
PAGE_AGAIN: Final = timedelta(hours=1)
ANSWER_S: Final = 20.0
KEY: Final = "auditor:"
PRODUCT: Final = "pager"
BY: Final = "system"


@dataclass(frozen=True, slots=True)
class Audit:
    """What one look came to. `proved`: worker and web gave a sign lately and there is somebody to page, so a report
    would be taken and what it orders would go out. `held`: what was restored pages nobody until it is let go."""

    at: datetime
    findings: tuple[Finding, ...]
    looked: int
    took_ms: int
    proved: bool
    held: bool = False

    @property
    def well(self) -> bool:
        """Nothing is wrong, nothing is held and the way of a page is proved: what the dead-man may be told."""
        return not self.findings and self.proved and not self.held


@dataclass(slots=True)
class _Seen:
    watched: list[Watched]
    unsent: list[Unsent]
    leased: list[Leased]
    untold: list[Untold]
    house: House
    held: bool


def look(engine: Engine, clock: Clock, began: datetime | None = None) -> Audit:
    """Look once. Writes nothing; raises the database's own error when nothing can be read. `began`: see `judge`."""
    limits, now, start = Limits().times(rate_of(clock)), clock.now(), monotonic()
    with reading(engine) as connection:
        seen = _Seen(
            [],
            store.unsent(connection, now - limits.shortest_unsent),
            store.leased(connection, now - limits.lease),
            store.untold(connection, now - limits.untold),
            store.house(connection),
            held_since(connection) is not None,
        )
    after: int | None = 0
    while after is not None and len(seen.watched) < MOST:
        with reading(engine) as connection:
            more, after = store.watched(connection, after)
        seen.watched += more
    found = judge(
        now=max(now, clock.now()),
        limits=limits,
        watched=seen.watched,
        unsent=seen.unsent,
        leased=seen.leased,
        untold=seen.untold,
        house=seen.house,
        began=began,
    )
    signs_ = (seen.house.worker_at, seen.house.web_at)
    proved = seen.house.somebody and all(at is not None and now - at <= limits.alive for at in signs_)
    took_ms = round((monotonic() - start) * 1000)
    return Audit(now, tuple(found), len(seen.watched), took_ms, proved, seen.held)


def rate_of(clock: Clock) -> float:
    return clock.rate if isinstance(clock, FastClock) else 1.0


class Auditor:
    """`say` turns a reason into a sentence of the house's language; `told` hears of each audit that was written."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        desk: Desk,
        organisation: Callable[[], Organisation],
        *,
        say: Callable[[Reason], str],
        told: Callable[[Audit], None] = lambda audit: None,
    ) -> None:
        self._engine, self._clock, self._desk = engine, clock, desk
        self._organisation, self._say, self._told = organisation, say, told
        self._began = clock.now()

    def audit(self) -> Audit:
        """Look, write down what was found, page for what has stood too long."""
        found = look(self._engine, self._clock, self._began)
        with changing(self._engine) as connection:
            findings.record(connection, found.findings, found.at)
            signs.audited(connection, signs.Audited(found.at, found.looked, len(found.findings), found.took_ms))
            standing = findings.standing(connection)
        for finding in found.findings:
            _log.error("audit: %s %s since %s", finding.rule, finding.code or "-", finding.since.isoformat())
        self._page(standing, found.at)
        self._told(found)
        return found

    def run(self, stop: threading.Event) -> None:
        """Audit now and each minute, sooner while something is wrong, until `stop` is set."""
        while not stop.is_set():
            rest = AGAIN_S
            try:
                found = self.audit()
                rest = EVERY_S if found.well else max(AGAIN_S, SHARE * found.took_ms / 1000)
            except Exception:  # whatever it is, the next one may do: /readyz tells the age of the last that did
                _log.exception("the auditor could not look; it tries again")
            stop.wait(rest)

    def _page(self, standing: Sequence[Kept], now: datetime) -> None:
        """One page a cause, for all that is broken by it; at most one an hour."""
        rate = rate_of(self._clock)
        for cause, rules in CAUSES.items():
            several = sorted(
                (k for k in standing if k.finding.rule in rules), key=lambda k: rules.index(k.finding.rule)
            )
            if not several:
                continue
            last = max((kept.paged_at for kept in several if kept.paged_at), default=None)
            lasting = min(kept.opened_at for kept in several) <= now - PAGE_AFTER * rate
            if lasting and (last is None or last <= now - PAGE_AGAIN * rate):
                self._report(cause, several, now)

    def _report(self, cause: str, several: Sequence[Kept], now: datetime) -> None:
        try:
            unit = self._organisation().root
        except NoOrganisation:
            return
        try:
            self._desk.submit(OpenReport(self._worded(cause, several, unit), BY, scope=KEY)).result(ANSWER_S)
        except Exception:  # whatever it is, it was not paged: the next audit asks again
            _log.exception("the auditor could not page headquarters for %s", cause)
            return
        with changing(self._engine) as connection:
            findings.paged(connection, [kept.id for kept in several], now)
        _log.error("audit: paged headquarters for %s", cause)

    def _worded(self, cause: str, several: Sequence[Kept], unit: str) -> Report:
        first = several[0].finding
        says = [self._say(kept.finding.says) for kept in several[:5]]
        cures = dict.fromkeys(self._say(kept.finding.cure) for kept in several[:5])
        grave = first.rule.trouble is Trouble.PAGE
        return Report(
            title=says[0][:200],
            kind=Kind.OTHER,
            level=Level.CRITICAL if grave else Level.MEDIUM,
            product=PRODUCT,
            symptom="\n".join([*says, *cures])[:4000],
            scope=self._say(Reason("audit.scope")),
            channel=Channel.MONITOR,
            source=Source.SYSTEM,
            unit=unit,
            dedup_key=f"{KEY}{cause}",
        )
