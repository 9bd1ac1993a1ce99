"""What an attempt means for its send: sent, again later, on to the next way, or the end of this person's ways."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import Connection

from incident.commands import NoteDelivery, NoteFailure
from incident.desk.requests import Act
from incident.errors import Reason
from incident.notify import way_news
from incident.notify.channels import SendFailed, Sent
from incident.notify.receipts import Meaning, meaning
from incident.notify.retries import Action, delay
from incident.notify.simulated import DELIVERED
from incident.orders import KNOWN_S, PAGE
from incident.organisation import Organisation
from incident.store import holding, outbox, sends
from incident.store.outbox import SendState

BY: Final = "system"
_HOPEFUL: Final = (SendState.WAITING, SendState.SENDING, SendState.SENT, SendState.DELIVERED)


class Tried(NamedTuple):
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
    breath: tuple[Tried, ...] = ()
    """Where several providers were tried one after the other: each of these tries, the one that stands among them."""


def settle(
    connection: Connection,
    tried: Sequence[Tried],
    *,
    by: str,
    jitter: Callable[[], float],
    organisation: Callable[[], Organisation],
) -> dict[int, list[Act]]:
    """Write the outcomes down; gives what each incident's log must be told once that is committed, by send.

    What went out, nearly all of them, is written in two statements for the whole batch. `organisation` is asked only
    when a way has broken, whose owner is told by another.
    """
    every = [attempt for one in tried for attempt in one.breath or (one,)]
    sends.attempted(connection, [_attempt(one, by) for one in every if one.sent or one.failed or one.reason])
    sends.all_sent(connection, by, [_row(one, one.sent) for one in tried if one.sent])
    for one in tried:
        if one.failed and one.failed.outcome.is_the_ways_fault:
            way_news.broke(connection, organisation(), one.send, one.failed.outcome.reason, one.at)
        if one.send.leads:
            _share(connection, one, by)
    return {
        one.send.id: list(_told(connection, one, by=by, jitter=jitter())) for one in tried if not _is_on_its_way(one)
    }


def _is_on_its_way(tried: Tried) -> bool:
    """The provider has it, as of nearly all, and no more than that is known: there is nothing to tell yet."""
    return tried.sent is not None and meaning(tried.sent.status) is not Meaning.DELIVERED


def _share(connection: Connection, tried: Tried, by: str) -> None:
    """What a bundle carried went with it, or waits again, for another lead; what ends with it: see `_told`."""
    if tried.sent:
        holding.went(connection, tried.send, by, provider=tried.provider, status=tried.sent.status, at=tried.at)
    elif tried.failed is None and tried.ended is not SendState.FAILED:
        holding.let_go(connection, tried.send, by, tried.at)


def _told(connection: Connection, tried: Tried, *, by: str, jitter: float) -> Iterator[Act]:
    if tried.sent:
        send = tried.send.id
        sends.receipt(connection, send, status=DELIVERED, rank=99, now=tried.at, state=SendState.DELIVERED)
        if tried.send.leads:
            holding.ended(connection, tried.send, SendState.DELIVERED, tried.at, None)
        yield from delivered(connection, tried.send)
    elif tried.failed:
        yield from _failed(connection, tried, tried.failed, by=by, jitter=jitter)
    elif tried.ended and tried.reason:
        if sends.end(connection, tried.send.id, by, state=tried.ended, reason=tried.reason, now=tried.at):
            if tried.send.leads and tried.ended is SendState.FAILED:
                holding.ended(connection, tried.send, SendState.FAILED, tried.at, tried.reason)
            yield from given_up(connection, tried.send, tried.reason, tried.at)
    elif tried.reason:
        again = tried.at + delay(tried.send.attempts, None, jitter)
        sends.retry_at(connection, tried.send.id, by, again, tried.reason)


def _attempt(tried: Tried, by: str) -> sends.Attempt:
    """What is written down of one try: what was asked of which provider, and what it answered."""
    outcome, detail, provider_id = "again", "", None
    if tried.sent:
        outcome, detail, provider_id = "sent", tried.sent.status, tried.sent.provider_id
    elif tried.failed:
        outcome = str(tried.failed.outcome.action)
        detail = f"{tried.failed.outcome.reason.key} {tried.failed.code or ''}".strip()
    elif tried.reason:
        outcome, detail = str(tried.ended or "again"), tried.reason.key
    return sends.Attempt(
        send=tried.send.id,
        at=tried.at,
        by=by,
        provider=tried.provider or "-",
        provider_id=provider_id,
        outcome=outcome,
        detail=detail,
        took_ms=round(tried.took_s * 1000),
    )


def _row(tried: Tried, sent: Sent) -> sends.WentOut:
    return sends.WentOut(
        send=tried.send.id,
        provider=tried.provider,
        provider_id=sent.provider_id,
        status=sent.status,
        at=tried.at,
        body=tried.body,
    )


def delivered(connection: Connection, send: outbox.Outgoing) -> Iterator[Act]:
    """The log is told of a page that arrived; of anything else that arrived it need not know. The person's next way
    may wait for as long as they want, and a way that was broken is mended."""
    way_news.arrived(connection, send)
    if send.purpose == PAGE:
        if KNOWN_S in send.facts:
            sends.may_wait(connection, send.incident, send.page, send.person)
        yield Act(send.incident, NoteDelivery(send.page, send.person, send.way), BY)


def ended(connection: Connection, send: outbox.Outgoing, now: datetime) -> Iterator[Act]:
    """What the log must know of a page that has come to its end, from its row alone."""
    if send.state is SendState.DELIVERED:
        yield from delivered(connection, send)
    elif send.reason is not None:
        yield from given_up(connection, send, sends.as_reason(send.reason), now)


def _failed(connection: Connection, tried: Tried, failed: SendFailed, *, by: str, jitter: float) -> Iterator[Act]:
    send, outcome = tried.send, failed.outcome
    again = tried.at + delay(send.attempts, failed.retry_after, jitter)
    if outcome.action is Action.AGAIN and again < send.expires_at:
        sends.retry_at(connection, send.id, by, again, outcome.reason)
        if send.leads:
            holding.let_go(connection, send, by, again)
        return
    if sends.end(connection, send.id, by, state=SendState.FAILED, reason=outcome.reason, now=tried.at):
        if send.leads:
            holding.ended(connection, send, SendState.FAILED, tried.at, outcome.reason)
        yield from given_up(connection, send, outcome.reason, tried.at)


def given_up(connection: Connection, send: outbox.Outgoing, reason: Reason, now: datetime) -> Iterator[Act]:
    """One way has failed: the person's next one goes at once; after the last one the incident is told, and climbs."""
    if send.purpose == PAGE and not next_way(connection, send, now):
        yield Act(send.incident, NoteFailure(send.page, send.person, send.way, reason), BY)


def next_way(connection: Connection, send: outbox.Outgoing, now: datetime) -> bool:
    """The person's next way of that page goes at once. False when none is left that may still reach them."""
    left = [s for s in sends.siblings(connection, send.incident, send.page, send.person) if s.state in _HOPEFUL]
    waiting = next((sibling for sibling in left if sibling.state is SendState.WAITING), None)
    if waiting is not None:
        sends.bring_forward(connection, waiting.id, now)
    return bool(left)
