"""The log of talk: every message out with its words and what became of it, every word that came back (S53).

Numbers and links stay out of it: people are ids, and the secret part of a link is masked before it comes here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from incident.store.tables import heard, outbox


@dataclass(frozen=True, slots=True)
class Message:
    """`direction` is out or in. `state` is the outbox's for what went out; `answer` is what an incoming one got back.

    `at` is when it was sent or heard; for what has not gone out, when it is due. `body` is None until it goes out.
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


def hear(
    connection: Connection, *, incident: str | None, person: str, via: str, at: datetime, body: str, answer: str | None
) -> None:
    """Write down what somebody texted or pressed."""
    connection.execute(insert(heard).values(incident=incident, person=person, via=via, at=at, body=body, answer=answer))


def of(connection: Connection, incident: str) -> list[Message]:
    """All talk about an incident, the oldest first."""
    went = select(
        outbox.c.sent_at,
        outbox.c.not_before,
        outbox.c.person,
        outbox.c.way,
        outbox.c.purpose,
        outbox.c.state,
        outbox.c.body,
        outbox.c.reason,
    ).where(outbox.c.incident == incident)
    found = [
        Message("out", r.sent_at or r.not_before, r.person, r.way, r.purpose, r.state, r.body, reason=r.reason)
        for r in connection.execute(went)
    ]
    came = select(heard).where(heard.c.incident == incident)
    found += [
        Message("in", r.at, r.person, r.via, "answer", "heard", r.body, r.answer) for r in connection.execute(came)
    ]
    return sorted(found, key=lambda message: message.at)
