"""The gate between the outbox and the phones: what goes now, what is bundled, what is held by the limits.

Decided with the claim, in its transaction, so that nothing is lost between: what is held stays `waiting` with a later
time. What the first page of a Critical is, orders.py says: it passes, and costs no question. So does what a person asks
for (an offer, a code, a test) and the question whether somebody still has it.

The count is exact on SQLite, which has one writer, and on PostgreSQL, where one worker at a time counts for a contact.
Only the very first message of several workers to a contact that got none for an hour is not counted against each
other: at most one more for each worker beyond the first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from sqlalchemy import Connection

from incident.errors import Reason
from incident.notify.limits import (
    FLOOD_GATHER,
    FLOOD_SPAN,
    LAST_CALL,
    LIMITS,
    Allowed,
    allow,
    flooding,
)
from incident.orders import NOTICE, NUDGE, PAGE, TO
from incident.organisation.people import WayKind
from incident.rates import FLOOD_ABOVE, Limit
from incident.store import alarms, holding, outbox
from incident.store.alarms import Alarm
from incident.store.holding import NOTHING, Contact, Kept, Known, Past
from incident.store.outbox import Outgoing

HELD: Final = (PAGE, NOTICE, NUDGE)
"""What the limits may hold."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The limits of each way, none for a way that is to be left alone; and from how many alarms on it is a flood."""

    ways: Mapping[WayKind, tuple[Limit, ...]] = field(default_factory=lambda: LIMITS)
    flood_above: int = FLOOD_ABOVE


@dataclass(slots=True)
class Plan:
    """What becomes of the messages that are due: each by itself, several in one, later."""

    single: list[Outgoing] = field(default_factory=list)
    bundles: list[list[Outgoing]] = field(default_factory=list)
    held: dict[tuple[datetime, Reason], list[int]] = field(default_factory=dict)


def plan(
    due: Sequence[Outgoing], known: Known, limits: Sequence[Limit], now: datetime, flood: Callable[[], bool]
) -> Plan:
    """For the messages that are due to one contact, in the queue's order. `flood` is asked only if it matters."""
    found = Plan()
    out: list[Past] = []  # what this very plan lets go
    for kept, sends in _kinds(due).items():
        before = [p for p in (*known.past, *out) if p.to == kept.to and (kept.drill or not p.drill)]
        past = [p.at or now for p in before]
        gathered = kept in known.held or any(send.held_since for send in sends)
        quiet = not past and not gathered and len(sends) == 1
        flooded = not quiet and kept.drill is None and flood()
        answer = allow(past, (*limits, FLOOD_GATHER) if flooded else limits, now)
        if not isinstance(answer, Allowed) and not _must_go(sends, now):
            bundled = any(p.bundle and (p.at or now) > now - FLOOD_SPAN for p in before)
            if not (flooded and kept.purpose == PAGE and gathered and not bundled):
                for send in sends:
                    until = min(answer.until, send.expires_at - LAST_CALL)
                    found.held.setdefault((until, answer.reason), []).append(send.id)
                continue
        several = len(sends) > 1
        if gathered or (several and (flooded or _room(past, limits, now, len(sends)) < len(sends))):
            found.bundles.append(sends)
            out.append(_under_way(sends[0]))
        else:
            found.single += sends
            out += map(_under_way, sends)
    return found


def _under_way(send: Outgoing) -> Past:
    return Past(None, send.drill is not None, bundle=False, to=send.facts.get(TO))


def _kinds(due: Sequence[Outgoing]) -> dict[Kept, list[Outgoing]]:
    """By what may stand in one message; real ones first, and pages before the rest."""
    found: dict[Kept, list[Outgoing]] = {}
    for send in sorted(due, key=lambda send: (send.drill is not None, send.purpose != PAGE)):
        found.setdefault(Kept.of(send), []).append(send)
    return found


def _must_go(sends: Iterable[Outgoing], now: datetime) -> bool:
    return any(send.expires_at - LAST_CALL <= now for send in sends)


def _room(past: Sequence[datetime], limits: Sequence[Limit], now: datetime, wanted: int) -> int:
    """How many may go to this contact now, as far as `wanted`."""
    for more in range(wanted):
        if not isinstance(allow([*past, *[now] * more], limits, now), Allowed):
            return more
    return wanted


class Gate:
    """Claims what may go out. `more` says after a claim that there may be more due than were looked at."""

    def __init__(self, rules: Rules) -> None:
        self._rules: Final = rules
        self._longest: Final = max(
            (limit.span for limits in rules.ways.values() for limit in limits), default=timedelta(0)
        )
        self.more = False

    def claim(self, connection: Connection, now: datetime, limit: int, lease: timedelta, by: str) -> list[Outgoing]:
        """As `outbox.claim`, within the limits: bundles come as the message that leads them."""
        due = outbox.due(connection, now, limit)
        self.more = len(due) == limit
        single: list[Outgoing] = []
        counted: list[Outgoing] = []
        for send in due:
            (counted if self._counts(send, now) else single).append(send)
        leads: list[Outgoing] = []
        for plan_ in self._plans(connection, counted, tuple(single), now):
            single += plan_.single
            for sends in plan_.bundles:
                leads.append(holding.bundle(connection, sends, now=now, until=now + lease, by=by))
            for (until, reason), ids in plan_.held.items():
                holding.hold(connection, ids, until, now, reason)
        return [*outbox.take(connection, single, now + lease, by), *leads]

    def _counts(self, send: Outgoing, now: datetime) -> bool:
        """Whether the limits may hold it. What is too old goes on to where it is seen and told."""
        limited = self._rules.ways.get(WayKind(send.way), ())
        return bool(limited) and not send.first and send.purpose in HELD and now <= send.expires_at

    def _plans(
        self, connection: Connection, counted: Sequence[Outgoing], free: Sequence[Outgoing], now: datetime
    ) -> list[Plan]:
        """One plan for each contact. `free` goes whatever the limits say, and is counted."""
        due: dict[Contact, list[Outgoing]] = {}
        for send in counted:
            due.setdefault(Contact(send.person, send.way), []).append(send)
        if not due:
            return []
        known = holding.recent(connection, due, now - self._longest)
        crowded = [contact for contact in due if contact in known or len(due[contact]) > 1]
        ours = holding.own(connection, crowded)
        if ours and connection.dialect.name == "postgresql":  # what others have taken before it was ours
            known |= holding.recent(connection, ours, now - self._longest)
        for send in free:
            contact = Contact(send.person, send.way)
            if contact in due:
                before = known.get(contact, NOTHING)
                known[contact] = Known((*before.past, _under_way(send)), before.held)
        newest = _once(lambda: alarms.newest(connection))
        return [
            plan(
                sends,
                known.get(contact, NOTHING),
                self._rules.ways[WayKind(contact.way)],
                now,
                partial(self._flooded, newest, sends, now),
            )
            for contact, sends in due.items()
            if contact in ours or contact not in crowded
        ]

    def _flooded(self, newest: Callable[[], Sequence[Alarm]], sends: Sequence[Outgoing], now: datetime) -> bool:
        """Whether the units whose incidents these are have a flood: the storm of one team holds up no other's pages.
        One that is no longer among the newest says that the whole house has."""
        unit = {alarm.incident: alarm.unit for alarm in newest()}
        units = {unit.get(send.incident) for send in sends if send.drill is None}
        opened = [alarm.opened_at for alarm in newest() if alarm.unit in units or None in units]
        return flooding(opened, now, above=self._rules.flood_above)


def _once(ask: Callable[[], list[Alarm]]) -> Callable[[], list[Alarm]]:
    """The answer of the first time: it is one moment."""
    answers: list[list[Alarm]] = []

    def asked() -> list[Alarm]:
        if not answers:
            answers.append(ask())
        return answers[0]

    return asked
