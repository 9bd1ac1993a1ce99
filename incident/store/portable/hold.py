"""What a restored database had still to do is held: nobody is paged by two installations for one incident.

Held is put off by a hundred years. An answer cancels a held message like any other, a command on a held incident wakes
that incident like any other, and what was held can be let go exactly as it was.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, delete, func, select, update

from incident.store import meta
from incident.store.outbox import SendState
from incident.store.tables import SENDING, WAITING, board, outbox
from incident.store.tables import meta as table_of_meta
from incident.store.types import OFF, moved

NAME: Final = "held"
_HALF: Final = OFF / 2


@dataclass(frozen=True, slots=True)
class Held:
    """How many messages and incidents wait to be let go, and since when."""

    since: datetime
    messages: int
    incidents: int


def free(connection: Connection) -> None:
    """Free what the workers of another machine had in hand: they will not come back for it."""
    taken = update(outbox).where(outbox.c.state == SENDING)
    connection.execute(taken.values(state=str(SendState.WAITING), lease_until=None, lease_by=None))


def hold(connection: Connection, now: datetime) -> Held:
    """Put off every waiting message and every look at an incident, and what the log has not been told of pages."""
    messages = connection.execute(
        update(outbox).where(outbox.c.state == WAITING).values(not_before=moved(outbox.c.not_before, OFF))
    ).rowcount
    incidents = connection.execute(
        update(board).where(board.c.wake_at.is_not(None)).values(wake_at=moved(board.c.wake_at, OFF))
    ).rowcount
    untold = list(connection.scalars(select(outbox.c.id).where(outbox.c.untold.is_(True))))
    connection.execute(update(outbox).where(outbox.c.untold.is_(True)).values(untold=False))
    meta.put(connection, NAME, json.dumps({"since": now.isoformat(), "untold": untold}))
    return Held(now, messages, incidents)


def held_since(connection: Connection) -> datetime | None:
    """Since when something is held; None when nothing is."""
    kept = meta.get(connection, NAME)
    return datetime.fromisoformat(json.loads(kept)["since"]) if kept is not None else None


def held(connection: Connection) -> Held | None:
    """What is held now; None when nothing is."""
    since = held_since(connection)
    if since is None:
        return None
    late = since + _HALF
    messages = select(func.count()).where(outbox.c.state == WAITING, outbox.c.not_before > late)
    incidents = select(func.count()).where(board.c.wake_at > late)
    return Held(since, connection.scalar(messages) or 0, connection.scalar(incidents) or 0)


def let_go(connection: Connection) -> Held | None:
    """Let go what is held, as it was: what is too old is not sent, and a ladder climbs one rung. None: nothing was."""
    found = held(connection)
    if found is None:
        return None
    late = found.since + _HALF
    waits = update(outbox).where(outbox.c.state == WAITING, outbox.c.not_before > late)
    connection.execute(waits.values(not_before=moved(outbox.c.not_before, -OFF)))
    sleeps = update(board).where(board.c.wake_at > late)
    connection.execute(sleeps.values(wake_at=moved(board.c.wake_at, -OFF)))
    untold = json.loads(meta.get(connection, NAME) or "{}")["untold"]
    connection.execute(update(outbox).where(outbox.c.id.in_(untold)).values(untold=True))
    connection.execute(delete(table_of_meta).where(table_of_meta.c.name == NAME))
    return found
