"""What the limits hold back, and the bundles that carry it: rows of the outbox, and no table of their own.

A held message is `waiting` with a later `not_before` and `held_since`. When its contact (a person by one way) may be
rung again, one message takes the lead and carries all of its kind that are held: they are `sending` with `bundle` set
to the lead's id, and share what becomes of it. A crash leaves what any crash leaves, a lease that runs out.

All of it is set by set: ten thousand held messages are one statement, not ten thousand.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple
from zlib import crc32

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Text,
    and_,
    bindparam,
    func,
    literal_column,
    null,
    or_,
    select,
    text,
    union_all,
    update,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from incident.errors import Reason
from incident.orders import PAGE, TO
from incident.store.outbox import COLUMNS, Outgoing, SendState, outgoing
from incident.store.sends import as_json
from incident.store.tables import SENDING, WAITING, board, outbox
from incident.store.types import Instant

_TURNS: Final = 0x1C1D_0003
"""The space of PostgreSQL's advisory locks in which a contact's limits are counted by one worker at a time."""


class _To(FunctionElement[str]):
    """The fact of a message that says to which of a person's addresses it goes, read where it lies."""

    type = Text()
    inherit_cache = True


@compiles(_To, "sqlite")
def _to_sqlite(element: _To, compiler: object, **_: object) -> str:
    return f"json_extract(outbox.facts, '$.{TO}')"


@compiles(_To, "postgresql")
def _to_postgresql(element: _To, compiler: object, **_: object) -> str:
    return f"(CAST(outbox.facts AS json) ->> '{TO}')"


class Contact(NamedTuple):
    """A person by one way."""

    person: str
    way: str


class Past(NamedTuple):
    """A message that went to a contact, or is under way: then `at` is None. `bundle`: it carried others. `to` says to
    which of the person's addresses, each of which has limits of its own."""

    at: datetime | None
    drill: bool
    bundle: bool
    to: str | None = None


class Kept(NamedTuple):
    """What may stand in one message: pages with pages, a drill's with its own, for one address."""

    purpose: str
    drill: str | None
    to: str | None = None

    @classmethod
    def of(cls, send: Outgoing) -> Kept:
        return cls(send.purpose, send.drill, send.facts.get(TO))


class Known(NamedTuple):
    """What is known of a contact when its next message is due."""

    past: Sequence[Past]
    held: Collection[Kept]


NOTHING: Final = Known((), ())

_held: Final = and_(outbox.c.state == WAITING, outbox.c.held_since.is_not(None))
_ours: Final = outbox.c.not_before <= outbox.c.expires_at
"""Not what a restored backup holds: that has a `not_before` beyond its life, and stays where it is."""
_alone: Final = or_(outbox.c.bundle.is_(None), outbox.c.bundle == outbox.c.id)


def _recent() -> Any:
    """What went, what is under way, what is held. Each part by an index that holds little of it."""
    people: BindParameter[str] = bindparam("people", expanding=True)
    ways: BindParameter[str] = bindparam("ways", expanding=True)
    theirs = and_(outbox.c.person.in_(people), outbox.c.way.in_(ways))
    columns = (outbox.c.person, outbox.c.way, outbox.c.drill, _To())
    carries, nothing = outbox.c.bundle.is_not(None), literal_column("''", Text())
    went = select(literal_column("'went'"), *columns, carries, outbox.c.sent_at, nothing)
    flying = select(literal_column("'flying'"), *columns, carries, null(), nothing)
    kept = select(literal_column("'held'"), *columns, literal_column("false"), null(), outbox.c.purpose)
    # No index serves the person of what is under way: a planner would read all that they ever got.
    under_way = and_(func.coalesce(outbox.c.person, "").in_(people), outbox.c.way.in_(ways))
    return union_all(
        went.where(theirs, outbox.c.sent_at >= bindparam("since", type_=Instant())),
        flying.where(under_way, outbox.c.state == SENDING, _alone),
        kept.where(theirs, _held, _ours).group_by(*columns, outbox.c.purpose),
    )


_RECENT: Final = _recent()


def recent(connection: Connection, contacts: Collection[Contact], since: datetime) -> dict[Contact, Known]:
    """What is known of these contacts: what went to them since then, what is under way, what is held."""
    asked = {"people": sorted({c.person for c in contacts}), "ways": sorted({c.way for c in contacts}), "since": since}
    past: dict[Contact, list[Past]] = {}
    held: dict[Contact, set[Kept]] = {}
    for what, person, way, drill, to, carries, at, purpose in connection.execute(_RECENT, asked):
        contact = Contact(person, way)
        if what == "held":
            held.setdefault(contact, set()).add(Kept(purpose, drill, to))
        else:
            past.setdefault(contact, []).append(Past(at, drill is not None, bool(carries), to))
    return {c: Known(past.get(c, ()), held.get(c, ())) for c in contacts if c in past or c in held}


def own(connection: Connection, contacts: Collection[Contact]) -> set[Contact]:
    """Those of the contacts whose limits nobody else is counting now; nobody will until this transaction ends.

    SQLite has one writer anyway. Asked and not waited for: two that wait for each other would be a deadlock.
    """
    if connection.dialect.name != "postgresql":
        return set(contacts)
    keys = {contact: crc32("\n".join(contact).encode()) - 2**31 for contact in contacts}
    query = text("SELECT k, pg_try_advisory_xact_lock(:space, k) FROM unnest(CAST(:keys AS int[])) AS k")
    rows = connection.execute(query, {"space": _TURNS, "keys": sorted(set(keys.values()))})
    got = {key for key, ours in rows if ours}
    return {contact for contact, key in keys.items() if key in got}


def hold(connection: Connection, sends: Iterable[int], until: datetime, now: datetime, reason: Reason) -> None:
    """Leave these for later: they are bundled when their contact may be rung again."""
    later = update(outbox).where(outbox.c.id.in_(list(sends)), outbox.c.state == WAITING)
    since = func.coalesce(outbox.c.held_since, bindparam("now", now, type_=Instant()))
    connection.execute(later.values(not_before=until, held_since=since, reason=as_json(reason), bundle=None))


def bundle(connection: Connection, due: Sequence[Outgoing], *, now: datetime, until: datetime, by: str) -> Outgoing:
    """Let the worst take the lead and carry the rest: of `due`, which are of one kind, and of all of that kind that is
    held for the same contact. Under one lease. What another worker looks at in this moment is left to it.
    """
    one, kind = due[0], Kept.of(due[0])
    same = and_(
        *(outbox.c.person == one.person, outbox.c.way == one.way, outbox.c.purpose == kind.purpose),
        outbox.c.drill.is_(None) if kind.drill is None else outbox.c.drill == kind.drill,
        _To().is_(None) if kind.to is None else _To() == kind.to,
    )
    kept = select(outbox.c.id).where(same, _held, _ours, outbox.c.expires_at > now).with_for_update(skip_locked=True)
    ids = {*(send.id for send in due), *connection.scalars(kept)}
    among = and_(_among(connection, ids), outbox.c.state == WAITING)
    worst = select(*COLUMNS).where(among).order_by(outbox.c.turn, outbox.c.id).limit(1)
    lead = outgoing(connection.execute(worst).one())
    since = func.coalesce(outbox.c.held_since, bindparam("now", now, type_=Instant()))
    values = {"state": str(SendState.SENDING), "lease_until": until, "lease_by": by, "bundle": lead.id}
    taken = update(outbox).where(among).values(**values, held_since=since, attempts=outbox.c.attempts + 1)
    connection.execute(taken)
    return lead._replace(state=SendState.SENDING, lease_by=by, attempts=lead.attempts + 1, bundle=lead.id)


def _among(connection: Connection, ids: Collection[int]) -> ColumnElement[bool]:
    """Ten thousand ids are one parameter: neither database takes as many of them one by one in every version."""
    listed = json.dumps(sorted(ids))
    if connection.dialect.name == "postgresql":
        return outbox.c.id.in_(
            text("SELECT CAST(x AS bigint) FROM json_array_elements_text(CAST(:ids AS json)) AS x").bindparams(
                ids=listed
            )
        )
    return outbox.c.id.in_(text("SELECT value FROM json_each(:ids)").bindparams(ids=listed))


def carried(connection: Connection, lead: int, by: str) -> int:
    """The last look at a bundle: how many incidents are in it that are still wanted and still leased to `by`."""
    still = and_(outbox.c.bundle == lead, outbox.c.state == SENDING, outbox.c.lease_by == by)
    return connection.scalar(select(func.count(outbox.c.incident.distinct())).where(still)) or 0


def _others(lead: Outgoing, *states: SendState) -> ColumnElement[bool]:
    return and_(outbox.c.bundle == lead.id, outbox.c.id != lead.id, outbox.c.state.in_([str(s) for s in states]))


def went(connection: Connection, lead: Outgoing, by: str, *, provider: str, status: str, at: datetime) -> None:
    """The lead has gone out, and what it carries with it. They have no `sent_at`: it was one message."""
    mine = and_(_others(lead, SendState.SENDING), outbox.c.lease_by == by)
    values = {"state": str(SendState.SENT), "provider": provider, "provider_status": status, "settled_at": at}
    connection.execute(update(outbox).where(mine).values(**values, lease_until=None, lease_by=None, reason=None))


def ended(connection: Connection, lead: Outgoing, state: SendState, now: datetime, reason: Reason | None) -> None:
    """The lead is `delivered` or `failed`: so is what it carries. The log is told later (`untold`)."""
    before = [SendState.SENDING, SendState.SENT, *([SendState.FAILED] if state is SendState.DELIVERED else [])]
    values = {"state": str(state), "settled_at": now, "reason": as_json(reason) if reason else None}
    values["untold"] = outbox.c.purpose == PAGE
    connection.execute(update(outbox).where(_others(lead, *before)).values(**values, lease_until=None, lease_by=None))


def let_go(connection: Connection, lead: Outgoing, by: str, at: datetime) -> None:
    """The lead does not go, or not now: what it carries waits again, until `at`, for another lead."""
    mine = and_(_others(lead, SendState.SENDING), outbox.c.lease_by == by)
    back = update(outbox).where(mine).values(state=str(SendState.WAITING), not_before=at, bundle=None)
    connection.execute(back.values(lease_until=None, lease_by=None))


class Standing(NamedTuple):
    """What is held now, for how many people, and since when the oldest is."""

    messages: int
    people: int
    since: datetime | None


def standing(connection: Connection) -> Standing:
    query = select(func.count(), func.count(outbox.c.person.distinct()), func.min(outbox.c.held_since)).where(_held)
    return Standing(*connection.execute(query).one())


CODES: Final = 5
"""Of the other incidents of a bundle so many are named, the rest is counted."""


class Beside(NamedTuple):
    """The other incidents that share a bundle with a message, or will: some codes in their order, and how many more."""

    codes: tuple[str, ...]
    more: int


def beside(connection: Connection, send: Any) -> Beside:
    """`send` has person, way, purpose, drill, incident and, when a bundle carried it, `bundle`."""
    if send.bundle is not None:
        together = outbox.c.bundle == send.bundle
    else:
        drill = outbox.c.drill.is_(None) if send.drill is None else outbox.c.drill == send.drill
        theirs = and_(outbox.c.person == send.person, outbox.c.way == send.way, outbox.c.purpose == send.purpose)
        together = and_(theirs, drill, _held)
    others = select(outbox.c.incident).where(together, outbox.c.incident != send.incident).distinct().subquery()
    count = connection.scalar(select(func.count()).select_from(others)) or 0
    query = select(board.c.code).where(board.c.incident.in_(select(others))).order_by(board.c.number).limit(CODES)
    codes = tuple(connection.scalars(query)) if count else ()
    return Beside(codes, count - len(codes))
