"""A provider's receipt finds its message and raises it. What it means for the incident follows after the commit."""

from __future__ import annotations

from datetime import datetime

import structlog
from sqlalchemy import Connection

from incident.desk.requests import Act
from incident.notify import way_news
from incident.notify.receipts import Meaning, failure, meaning, rank
from incident.notify.settle import delivered, given_up
from incident.organisation import Organisation
from incident.organisation.people import WayKind
from incident.store import holding, sends
from incident.store.outbox import Outgoing, SendState

_log = structlog.get_logger(__name__)


def received(
    connection: Connection,
    organisation: Organisation,
    *,
    send: str | None,
    provider_id: str | None,
    status: str,
    code: int | str | None,
    now: datetime,
) -> list[Act]:
    """Take one receipt; the answer is what the incident's log must be told once this is committed.

    `send` is our own id, which the callback carries; without it the provider's finds the message. Receipts that are
    late, doubled, unknown or of nobody change nothing.
    """
    found = _find(connection, send, provider_id)
    if found is None:
        return []
    way = WayKind(found.way)
    failed, means = failure(way, status, code), meaning(status)
    state = SendState.DELIVERED if means is Meaning.DELIVERED else SendState.FAILED if failed else None
    raised = sends.receipt(
        connection,
        found.id,
        status=status,
        rank=rank(way, status),
        now=now,
        state=state,
        reason=failed.reason if failed else None,
    )
    if raised is None:
        return []
    if raised.leads and state is not None:
        holding.ended(connection, raised, state, now, failed.reason if failed else None)
    if failed is not None:
        if failed.alarm:
            _log.error("receipt.provider_alarm", reason=failed.reason.key, send=found.id)
        if failed.is_the_ways_fault:
            way_news.broke(connection, organisation, raised, failed.reason, now)
        return list(given_up(connection, raised, failed.reason, now))
    return list(delivered(connection, raised)) if state is SendState.DELIVERED else []


def _find(connection: Connection, send: str | None, provider_id: str | None) -> Outgoing | None:
    if send and send.isascii() and send.isdecimal() and len(send) < 16:
        return sends.get(connection, int(send))
    return sends.by_provider_id(connection, provider_id) if provider_id else None
