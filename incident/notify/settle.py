"""What an attempt means for its send: sent, again later, on to the next way, or the end of this person's ways."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from incident.commands import NoteDelivery, NoteFailure
from incident.desk.requests import Act
from incident.errors import Reason
from incident.notify.channels import SendFailed, Sent
from incident.notify.receipts import Meaning, meaning
from incident.notify.retries import Action, delay
from incident.notify.simulated import DELIVERED
from incident.orders import PAGE
from incident.store import outbox, sends
from incident.store.outbox import SendState

BY: Final = "system"
_HOPEFUL: Final = (SendState.WAITING, SendState.SENDING, SendState.SENT, SendState.DELIVERED)


@dataclass(frozen=True, slots=True)
class Tried:
    """The outcome of one attempt. With neither `sent`, `failed` nor `reason` the last look found it unwanted."""

    send: outbox.Outgoing
    at: datetime
    sent: Sent | None = None
    body: str | None = None
    failed: SendFailed | None = None
    ended: SendState | None = None
    reason: Reason | None = None
    provider: str = ""
    took_s: float = 0.0


def settle(connection: Connection, tried: Tried, *, by: str, jitter: float) -> Iterator[Act]:
    """Write the outcome down; yields what the incident's log must be told once that is committed."""
    if tried.sent:
        yield from _sent(connection, tried, tried.sent, by)
    elif tried.failed:
        yield from _failed(connection, tried, tried.failed, by=by, jitter=jitter)
    elif tried.ended and tried.reason:
        _write(connection, tried, by, str(tried.ended), tried.reason.key)
        if sends.end(connection, tried.send.id, by, state=tried.ended, reason=tried.reason, now=tried.at):
            yield from given_up(connection, tried.send, tried.reason, tried.at)
    elif tried.reason:
        _write(connection, tried, by, "again", tried.reason.key)
        again = tried.at + delay(tried.send.attempts, None, jitter)
        sends.retry_at(connection, tried.send.id, by, again, tried.reason)


def _sent(connection: Connection, tried: Tried, sent: Sent, by: str) -> Iterator[Act]:
    send = tried.send
    _write(connection, tried, by, "sent", sent.status, provider_id=sent.provider_id)
    sends.sent(
        connection,
        send.id,
        by,
        provider=tried.provider,
        provider_id=sent.provider_id,
        status=sent.status,
        now=tried.at,
        body=tried.body,
    )
    if meaning(sent.status) is Meaning.DELIVERED:
        sends.receipt(connection, send.id, status=DELIVERED, rank=99, now=tried.at, state=SendState.DELIVERED)
        yield from delivered(send)


def delivered(send: outbox.Outgoing) -> Iterator[Act]:
    """The log is told of a page that arrived; of anything else that arrived it need not know."""
    if send.purpose == PAGE:
        yield Act(send.incident, NoteDelivery(send.page, send.person, send.way), BY)


def ended(connection: Connection, send: outbox.Outgoing, now: datetime) -> Iterator[Act]:
    """What the log must know of a page that has come to its end, from its row alone."""
    if send.state is SendState.DELIVERED:
        yield from delivered(send)
    elif send.reason is not None:
        yield from given_up(connection, send, sends.as_reason(send.reason), now)


def _failed(connection: Connection, tried: Tried, failed: SendFailed, *, by: str, jitter: float) -> Iterator[Act]:
    send, outcome = tried.send, failed.outcome
    _write(connection, tried, by, str(outcome.action), f"{outcome.reason.key} {failed.code or ''}".strip())
    again = tried.at + delay(send.attempts, failed.retry_after, jitter)
    if outcome.action is Action.AGAIN and again < send.expires_at:
        sends.retry_at(connection, send.id, by, again, outcome.reason)
        return
    if sends.end(connection, send.id, by, state=SendState.FAILED, reason=outcome.reason, now=tried.at):
        yield from given_up(connection, send, outcome.reason, tried.at)


def given_up(connection: Connection, send: outbox.Outgoing, reason: Reason, now: datetime) -> Iterator[Act]:
    """One way has failed: the person's next one goes at once; after the last one the incident is told, and climbs."""
    if send.purpose != PAGE:
        return
    left = [s for s in sends.siblings(connection, send.incident, send.page, send.person) if s.state in _HOPEFUL]
    for sibling in left:
        if sibling.state is SendState.WAITING:
            sends.bring_forward(
                connection, incident=send.incident, page=send.page, person=send.person, way=sibling.way, now=now
            )
            return
    if not left:
        yield Act(send.incident, NoteFailure(send.page, send.person, send.way, reason), BY)


def _write(
    connection: Connection, tried: Tried, by: str, outcome: str, detail: str, *, provider_id: str | None = None
) -> None:
    sends.attempt(
        connection,
        tried.send.id,
        at=tried.at,
        by=by,
        provider=tried.provider or "-",
        outcome=outcome,
        provider_id=provider_id,
        detail=detail,
        took_ms=round(tried.took_s * 1000),
    )
