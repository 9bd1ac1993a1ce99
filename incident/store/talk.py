"""The log of talk: every message out with its words and what became of it, every word that came back (S53).

Numbers and links stay out of it: people are ids, and the secret part of a link is masked before it comes here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, insert, select

from incident.orders import PAGE
from incident.store import holding
from incident.store.holding import Beside
from incident.store.tables import WAITING, heard, outbox


@dataclass(frozen=True, slots=True)
class Message:
    """`direction` is out or in. `state` is the outbox's for what went out; `answer` is what an incoming one got back.

    `at` is when it was sent or heard; for what has not gone out, when it is due. `body` is None until it goes out, and
    for what another message carried. `held`: the limits hold it until `at`; `beside` are the other incidents that its
    bundle speaks of, or will.
    """

    direction: str
    at: datetime
    person: str
    way: str
    purpose: str
    state: str
    body: str | None
    answer: str | None = None
    reason: dict[str, Any] | None = None
    held: bool = False
    beside: Beside | None = None


def hear(
    connection: Connection, *, incident: str | None, person: str, via: str, at: datetime, body: str, answer: str | None
) -> None:
    """Write down what somebody texted or pressed."""
    connection.execute(insert(heard).values(incident=incident, person=person, via=via, at=at, body=body, answer=answer))


_SHOWN: Final = (
    *(outbox.c.incident, outbox.c.sent_at, outbox.c.settled_at, outbox.c.not_before, outbox.c.person, outbox.c.way),
    *(outbox.c.purpose, outbox.c.state, outbox.c.body, outbox.c.reason),
    *(outbox.c.drill, outbox.c.held_since, outbox.c.bundle),
)


def of(connection: Connection, incident: str) -> list[Message]:
    """All talk about an incident, the oldest first."""
    went = select(*_SHOWN).where(outbox.c.incident == incident)
    found = [_out(connection, row) for row in connection.execute(went).all()]
    came = select(heard).where(heard.c.incident == incident)
    found += [
        Message("in", r.at, r.person, r.via, "answer", "heard", r.body, r.answer) for r in connection.execute(came)
    ]
    return sorted(found, key=lambda message: message.at)


def held(connection: Connection, incident: str) -> list[Message]:
    """The pages about it that the limits hold now, in the order in which they may go."""
    query = select(*_SHOWN).where(outbox.c.incident == incident, outbox.c.purpose == PAGE, outbox.c.state == WAITING)
    query = query.where(outbox.c.held_since.is_not(None)).order_by(outbox.c.not_before)
    return [_out(connection, row) for row in connection.execute(query).all()]


def _out(connection: Connection, row: Any) -> Message:
    waits = row.state == "waiting"
    is_held = waits and row.held_since is not None
    carried = row.bundle is not None and not waits
    return Message(
        direction="out",
        at=row.sent_at or (row.settled_at if carried else None) or row.not_before,
        person=row.person,
        way=row.way,
        purpose=row.purpose,
        state=row.state,
        body=row.body,
        reason=row.reason,
        held=is_held,
        beside=holding.beside(connection, row) if is_held or carried else None,
    )
