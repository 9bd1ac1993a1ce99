"""What became of a message: the lease's holder settles it, the provider's receipts raise it, siblings stand in for it.

Every change is conditional, so that whoever comes late or twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Text,
    Update,
    and_,
    bindparam,
    case,
    literal_column,
    null,
    or_,
    select,
    update,
)

from incident.errors import Reason
from incident.orders import KNOWN_S, PAGE
from incident.store.bulk import BulkInsert
from incident.store.outbox import COLUMNS, Outgoing, SendState, outgoing
from incident.store.prepared import Prepared
from incident.store.tables import SENDING, WAITING, attempts, is_put_off, outbox
from incident.store.types import micros

_UNSENT: Final = (SendState.SENDING, SendState.WAITING, SendState.CANCELLED)


def as_json(reason: Reason) -> dict[str, Any]:
    return {"key": reason.key, "params": dict(reason.params)}


def as_reason(value: dict[str, Any]) -> Reason:
    """What `as_json` made of it."""
    return Reason(value["key"], tuple(sorted(value["params"].items())))


def _mine(send: int, by: str) -> ColumnElement[bool]:
    return and_(outbox.c.id == send, outbox.c.state == SENDING, outbox.c.lease_by == by)


class WentOut(NamedTuple):
    """A message that the provider has taken over, and when. `body` is what was said, the link's token masked."""

    send: int
    provider: str
    provider_id: str | None
    status: str
    at: datetime
    body: str | None


class Attempt(NamedTuple):
    """One try: what was asked of which provider, and what it answered."""

    send: int
    at: datetime
    by: str
    provider: str
    provider_id: str | None
    outcome: str
    detail: str
    took_ms: int


_ATTEMPTED: Final = BulkInsert(attempts, *Attempt._fields)


def _is(*states: SendState) -> ColumnElement[bool]:
    """Written into the statement: what is bound is bound for each row anew."""
    return outbox.c.state.in_([literal_column(f"'{state}'") for state in states])


def _went() -> Update:
    went = or_(
        and_(outbox.c.state == SENDING, outbox.c.lease_by == bindparam("holder")),
        _is(SendState.WAITING, SendState.CANCELLED),
        and_(_is(SendState.DELIVERED, SendState.FAILED), outbox.c.provider_id.is_(None)),
    )
    state = case((_is(*_UNSENT), literal_column("'sent'")), else_=outbox.c.state)
    known = case(
        (outbox.c.provider_rank < literal_column("0"), bindparam("status", type_=Text())),
        else_=outbox.c.provider_status,
    )
    return (
        update(outbox)
        .where(outbox.c.id == bindparam("send"), went)
        .values(
            state=state,
            provider=bindparam("by_provider"),
            provider_id=bindparam("id_there"),
            provider_status=known,
            sent_at=bindparam("at"),
            body=bindparam("words"),
            lease_until=null(),
            lease_by=null(),
            settled_at=bindparam("at"),
        )
    )


_WENT: Final = Prepared(_went(), "holder", "send", "by_provider", "id_there", "status", "at", "words")


def all_sent(connection: Connection, by: str, went: Sequence[WentOut]) -> None:
    """They went out. What another has taken over by now is left to it.

    It also holds for what was cancelled in the very moment, or offered again after a late return: it did go out. A
    receipt that was faster than this keeps its state.
    """
    _WENT.each(connection, [(by, *one[:4], micros(one.at), one.body) for one in went])


def attempted(connection: Connection, tries: Sequence[Attempt]) -> None:
    """Write down what was tried, in one statement."""
    _ATTEMPTED(connection, [(one.send, micros(one.at), *one[2:]) for one in tries])


def retry_at(connection: Connection, send: int, by: str, at: datetime, reason: Reason) -> bool:
    """Give it back, not to be tried before `at`. False when it was taken back or another has it."""
    back = update(outbox).where(_mine(send, by))
    done = connection.execute(
        back.values(
            state=str(SendState.WAITING), not_before=at, lease_until=None, lease_by=None, reason=as_json(reason)
        )
    )
    return done.rowcount == 1


def end(connection: Connection, send: int, by: str, *, state: SendState, reason: Reason, now: datetime) -> bool:
    """Give it up: `failed`, `expired` or `set_aside`, with the reason. False when another has it."""
    if state not in (SendState.FAILED, SendState.EXPIRED, SendState.SET_ASIDE):
        raise ValueError(f"{state} is no way to give a message up")
    done = connection.execute(
        update(outbox)
        .where(_mine(send, by))
        .values(
            state=str(state),
            lease_until=None,
            lease_by=None,
            reason=as_json(reason),
            settled_at=now,
            untold=outbox.c.purpose == PAGE,
        )
    )
    return done.rowcount == 1


def untold(connection: Connection, before: datetime, limit: int = 200) -> list[Outgoing]:
    """Pages that came to their end before then and whose incident's log may not know: whoever was to tell it died."""
    query = select(*COLUMNS).where(outbox.c.untold.is_(True), outbox.c.settled_at < before)
    return [outgoing(row) for row in connection.execute(query.order_by(outbox.c.settled_at).limit(limit))]


def told(connection: Connection, ids: Collection[int]) -> None:
    """The log knows how these ended, or need not."""
    if ids:
        known = update(outbox).where(outbox.c.id.in_(list(ids)), outbox.c.untold.is_(True))
        connection.execute(known.values(untold=False))


def get(connection: Connection, send: int) -> Outgoing | None:
    row = connection.execute(select(*COLUMNS).where(outbox.c.id == send)).first()
    return outgoing(row) if row else None


def by_provider_id(connection: Connection, provider_id: str) -> Outgoing | None:
    """The message that a provider knows by this id, also when a later try has got another id since."""
    row = connection.execute(select(*COLUMNS).where(outbox.c.provider_id == provider_id)).first()
    if row is None:
        tried = select(attempts.c.send).where(attempts.c.provider_id == provider_id).limit(1)
        row = connection.execute(select(*COLUMNS).where(outbox.c.id == tried.scalar_subquery())).first()
    return outgoing(row) if row else None


def receipt(
    connection: Connection,
    send: int,
    *,
    status: str,
    rank: int,
    now: datetime,
    state: SendState | None = None,
    reason: Reason | None = None,
) -> Outgoing | None:
    """The provider says what became of it. Ranks only rise: a late or doubled receipt changes nothing and gives None.

    `state` is `delivered` or `failed` when the status decides it. The answer is the message after the change.
    """
    values: dict[str, Any] = {"provider_status": status, "provider_rank": rank}
    if state is not None:
        values |= {"state": str(state), "settled_at": now, "lease_until": None, "lease_by": None}
        values["untold"] = outbox.c.purpose == PAGE
    if reason is not None:
        values["reason"] = as_json(reason)
    query = update(outbox).where(outbox.c.id == send, outbox.c.provider_rank < rank).values(values)
    return get(connection, send) if connection.execute(query).rowcount == 1 else None


def siblings(connection: Connection, incident: str, page: int, person: str) -> list[Outgoing]:
    """All messages of one page to one person, by whatever way, in the order in which they were due."""
    query = select(*COLUMNS).where(outbox.c.incident == incident, outbox.c.page == page, outbox.c.person == person)
    return [outgoing(row) for row in connection.execute(query.order_by(outbox.c.not_before, outbox.c.id))]


def of_incident(connection: Connection, incident: str) -> list[Outgoing]:
    """Every message about an incident, in the order in which they were ordered."""
    query = select(*COLUMNS).where(outbox.c.incident == incident).order_by(outbox.c.id)
    return [outgoing(row) for row in connection.execute(query)]


def bring_forward(connection: Connection, send: int, now: datetime) -> int:
    """Let a waiting message go at once, because the one before it failed. Returns 0 when it went or goes already, or is
    held: then it goes when that is over."""
    mine = and_(outbox.c.id == send, outbox.c.state == WAITING, ~is_put_off)
    query = update(outbox).where(mine, outbox.c.not_before > now)
    return connection.execute(query.values(not_before=now)).rowcount


def may_wait(connection: Connection, incident: str, page: int, person: str) -> None:
    """One way is known to have been delivered: the person's other ones of that page need not hurry for want of a
    receipt, and go when the person wants them."""
    for sibling in siblings(connection, incident, page, person):
        wanted = sibling.created_at + timedelta(seconds=float(sibling.facts.get(KNOWN_S, 0)))
        if sibling.state is SendState.WAITING and sibling.not_before < wanted:
            later = update(outbox).where(outbox.c.id == sibling.id, outbox.c.state == WAITING)
            connection.execute(later.values(not_before=wanted))
