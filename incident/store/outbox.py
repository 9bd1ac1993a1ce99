"""The outbox: every message that is wanted, and whose turn it is.

A message is `waiting` until somebody claims it, `sending` under a lease, then `sent`, and `delivered` or `failed` when
the provider says so. `cancelled` (no longer wanted), `expired` (too old to be true) and `set_aside` (cannot be sent,
reported) are ends. Each state has one owner who moves it on: the relay, the lease's holder, the provider's receipt.
A crash leaves `sending` behind; when the lease is over, `recover` offers it again: a double is possible, silence not.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, NamedTuple

from pydantic_core import to_json
from sqlalchemy import ColumnElement, Connection, Select, and_, bindparam, exists, func, or_, select, update

from incident.orders import PAGE, Cancel, Send
from incident.store.bulk import BulkInsert
from incident.store.prepared import Prepared, among, listed
from incident.store.tables import DELIVERED, SENDING, WAITING, is_put_off, outbox
from incident.store.types import instant, micros


class SendState(StrEnum):
    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    SET_ASIDE = "set_aside"


class Outgoing(NamedTuple):
    """A message as it lies in the outbox. `reason` is a Reason's key and params; `attempts` counts claims."""

    id: int
    incident: str
    position: int
    page: int
    person: str
    way: str
    purpose: str
    urgency: int
    first: bool
    drill: str | None
    facts: dict[str, Any]
    state: SendState
    not_before: datetime
    expires_at: datetime
    lease_by: str | None
    attempts: int
    provider: str | None
    provider_id: str | None
    provider_status: str | None
    provider_rank: int
    reason: dict[str, Any] | None
    created_at: datetime
    sent_at: datetime | None
    held_since: datetime | None = None
    bundle: int | None = None

    @property
    def leads(self) -> bool:
        """Whether it carries others besides itself: see `store.holding`."""
        return self.bundle == self.id


class Ordered(NamedTuple):
    """A new message with the entry that it follows from. `token` is the link's; it is put with the facts.

    `cancelled` when it was taken back within the batch that ordered it.
    """

    send: Send
    position: int
    at: datetime
    token: str | None = None
    cancelled: bool = False


COLUMNS: Final = (
    outbox.c.id,
    outbox.c.incident,
    outbox.c.position,
    outbox.c.page,
    outbox.c.person,
    outbox.c.way,
    outbox.c.purpose,
    outbox.c.urgency,
    outbox.c.first,
    outbox.c.drill,
    outbox.c.facts,
    outbox.c.state,
    outbox.c.not_before,
    outbox.c.expires_at,
    outbox.c.lease_by,
    outbox.c.attempts,
    outbox.c.provider,
    outbox.c.provider_id,
    outbox.c.provider_status,
    outbox.c.provider_rank,
    outbox.c.reason,
    outbox.c.created_at,
    outbox.c.sent_at,
    outbox.c.held_since,
    outbox.c.bundle,
)


_STATE: Final = Outgoing._fields.index("state")
_JSON: Final = tuple(map(Outgoing._fields.index, ("facts", "reason")))
_TIMES: Final = tuple(map(Outgoing._fields.index, ("not_before", "expires_at", "created_at", "sent_at", "held_since")))
_FLAG: Final = Outgoing._fields.index("first")


def outgoing(row: Any) -> Outgoing:
    """A row of `COLUMNS` as a value."""
    values = list(row)
    values[_STATE] = SendState(values[_STATE])
    return Outgoing(*values)


def _as_it_lies(row: Any) -> Outgoing:
    """The same of what a `Prepared` gave, which looks nothing up."""
    values = list(row)
    values[_STATE] = SendState(values[_STATE])
    values[_FLAG] = bool(values[_FLAG])
    for place in _JSON:
        if values[place] is not None:
            values[place] = json.loads(values[place])
    for place in _TIMES:
        if values[place] is not None:
            values[place] = instant(values[place])
    return Outgoing._make(values)


def turn(send: Send) -> int:
    """0 for the first page of a Critical, which jumps the queue; then 1 for Critical to 4 for Low."""
    return 0 if send.first else 4 - send.urgency


def add(connection: Connection, ordered: Sequence[Ordered]) -> None:
    """Put messages into the outbox, all in one statement."""
    _INSERT(connection, [_row(one) for one in ordered])


_INSERT: Final = BulkInsert(
    outbox,
    "incident",
    "position",
    "page",
    "person",
    "way",
    "purpose",
    "urgency",
    "first",
    "turn",
    "drill",
    "facts",
    "state",
    "not_before",
    "expires_at",
    "attempts",
    "provider_rank",
    "created_at",
    "settled_at",
)


def _row(one: Ordered) -> tuple[object, ...]:
    send, at = one.send, micros(one.at)
    facts = {**send.facts, "token": one.token} if one.token else send.facts
    return (
        send.incident,
        one.position,
        send.page,
        send.person,
        str(send.way),
        send.purpose,
        send.urgency,
        send.first,
        turn(send),
        send.drill,
        to_json(facts).decode(),
        "cancelled" if one.cancelled else "waiting",
        micros(send.not_before),
        micros(send.expires_at),
        0,
        -1,
        at,
        at if one.cancelled else None,
    )


def cancel_pages(connection: Connection, cancels: Sequence[Cancel], now: datetime) -> int:
    """Take back every page that has not gone out, of an incident or of one person in it. What is being sent at this
    moment fails its last look."""
    whole = {cancel.incident for cancel in cancels if cancel.person is None}
    single = {(c.incident, c.person) for c in cancels if c.person is not None and c.incident not in whole}
    wanted: list[ColumnElement[bool]] = [outbox.c.incident.in_(list(whole))] if whole else []
    wanted += [and_(outbox.c.incident == incident, outbox.c.person == person) for incident, person in single]
    if not wanted:
        return 0
    query = (
        update(outbox)
        .where(or_(*wanted), outbox.c.purpose == PAGE)
        .where(or_(outbox.c.state == WAITING, outbox.c.state == SENDING))
        .values(state=str(SendState.CANCELLED), settled_at=now)
    )
    return connection.execute(query).rowcount


# Built once: a worker asks these of every handful of messages, and building them costs more than asking.
_DUE: Final = (
    select(*COLUMNS)
    .where(outbox.c.state == WAITING, outbox.c.not_before <= bindparam("now"))
    .order_by(outbox.c.turn, outbox.c.not_before)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_FIRST_DUE: Final = Prepared(_DUE.where(outbox.c.turn == 0), "now", "most")
_OTHERS_DUE: Final = Prepared(_DUE.where(outbox.c.turn > 0), "now", "most")
"""Apart: the first pages of Criticals are found at once, however many calls wait for their time in the other turns."""
_TAKE: Final = Prepared(
    update(outbox)
    .where(among(outbox.c.id, "ids"))
    .values(
        state=str(SendState.SENDING),
        lease_until=bindparam("until"),
        lease_by=bindparam("holder"),
        attempts=outbox.c.attempts + 1,
        bundle=None,
    ),
    *("ids", "until", "holder"),
)
_STILL: Final = Prepared(
    select(outbox.c.id).where(
        among(outbox.c.id, "ids"), outbox.c.state == SENDING, outbox.c.lease_by == bindparam("holder")
    ),
    *("ids", "holder"),
)


def claim(connection: Connection, now: datetime, limit: int, lease: timedelta, by: str) -> list[Outgoing]:
    """Take up to `limit` messages whose time has come, in the queue's order, under a lease in the name of `by`.

    `by` names one process. Many may claim at once: nobody gets what another one has, nobody waits for another.
    """
    return take(connection, due(connection, now, limit), now + lease, by)


def due(connection: Connection, now: datetime, limit: int) -> list[Outgoing]:
    """Up to `limit` messages whose time has come, in the queue's order. Until the transaction ends they are nobody
    else's."""
    found: list[Outgoing] = []
    for query in (_FIRST_DUE, _OTHERS_DUE):
        rows = query.rows(connection, micros(now), limit - len(found))
        found += map(_as_it_lies, rows)
        if len(found) >= limit:
            break
    return found


def take(connection: Connection, sends: Sequence[Outgoing], until: datetime, by: str) -> list[Outgoing]:
    """Put these under a lease in the name of `by`; as they are then. Each goes by itself."""
    if sends:
        _TAKE.run(connection, listed(one.id for one in sends), micros(until), by)
    taken = SendState.SENDING
    return [one._replace(state=taken, lease_by=by, attempts=one.attempts + 1, bundle=None) for one in sends]


def still_wanted(connection: Connection, sends: Sequence[int], by: str) -> set[int]:
    """The last look before sending: which of these are still wanted and still leased to `by`."""
    return {id_ for (id_,) in _STILL.rows(connection, listed(sends), by)}


def has_overdue_leases(connection: Connection, now: datetime) -> bool:
    """Whether somebody took a message and did not settle it in time: `recover` has work."""
    query = select(outbox.c.id).where(outbox.c.state == SENDING, outbox.c.lease_until < now).limit(1)
    return connection.scalar(query) is not None


def recover(connection: Connection, now: datetime, limit: int = 500) -> int:
    """Offer again what somebody took and never settled. Returns how many."""
    lost = (
        select(outbox.c.id)
        .where(outbox.c.state == SENDING, outbox.c.lease_until < now)
        .order_by(outbox.c.lease_until)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    ids = list(connection.scalars(lost))
    if ids:
        again = update(outbox).where(outbox.c.id.in_(ids), outbox.c.state == SENDING)
        connection.execute(again.values(state=str(SendState.WAITING), lease_until=None, lease_by=None))
    return len(ids)


def lessees(connection: Connection) -> list[str]:
    """Who holds leases now."""
    return [str(by) for by in connection.scalars(select(outbox.c.lease_by).where(outbox.c.state == SENDING).distinct())]


def release(connection: Connection, by: Collection[str]) -> int:
    """Offer again at once what these held: they are known to be dead, nobody need wait for their leases to run out."""
    again = update(outbox).where(outbox.c.state == SENDING, outbox.c.lease_by.in_(list(by)))
    return connection.execute(again.values(state=str(SendState.WAITING), lease_until=None, lease_by=None)).rowcount


def release_own(connection: Connection, by: str, besides: Collection[int]) -> int:
    """Offer again what stands in the name of `by`, but for what it knows that it has."""
    known = list(besides)
    stray = and_(outbox.c.id.not_in(known), or_(outbox.c.bundle.is_(None), outbox.c.bundle.not_in(known)))
    mine = and_(outbox.c.state == SENDING, outbox.c.lease_by == by, stray)
    again = update(outbox).where(mine)
    return connection.execute(again.values(state=str(SendState.WAITING), lease_until=None, lease_by=None)).rowcount


def oldest_unsent(connection: Connection, now: datetime) -> datetime | None:
    """Since when the oldest message that should have gone out by `now` has been due; None when nothing is late.

    A page that was tried and put off is due since it was ordered, until its person was reached by another way: each try
    that fails would make it young again.
    """
    waiting = select(func.min(outbox.c.not_before)).where(outbox.c.state == WAITING, outbox.c.not_before <= now)
    sending = select(func.min(outbox.c.not_before)).where(outbox.c.state == SENDING)
    found = [at for query in (waiting, sending, _retried(now)) if (at := connection.scalar(query)) is not None]
    return min(found, default=None)


def _retried(now: datetime) -> Select[Any]:
    other = outbox.alias()
    reached = exists().where(
        *(other.c[name] == outbox.c[name] for name in ("incident", "page", "person")),
        other.c.state.in_((SendState.SENT, SendState.DELIVERED)),
    )
    return select(func.min(outbox.c.created_at)).where(
        outbox.c.state == WAITING,
        outbox.c.not_before > now,
        ~is_put_off,
        outbox.c.attempts > 0,
        outbox.c.page > 0,
        outbox.c.held_since.is_(None),  # what the limits hold waits for its own time
        outbox.c.drill.is_(None),
        ~reached,
    )


def last_delivered(connection: Connection) -> datetime | None:
    """When a message last reached a phone, as far as the provider's receipts tell: the proof that pages arrive."""
    query = select(func.max(outbox.c.settled_at)).where(outbox.c.state == DELIVERED)
    found: datetime | None = connection.scalar(query)
    return found


def next_at(connection: Connection) -> datetime | None:
    """When the next waiting message may go out: until then the relay may sleep."""
    found: datetime | None = connection.scalar(select(func.min(outbox.c.not_before)).where(outbox.c.state == WAITING))
    return found
