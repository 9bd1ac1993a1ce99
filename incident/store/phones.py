"""The simulated phones: what stands in for Twilio when none is configured. One row for each message, either way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, func, insert, select

from incident.store.tables import phone_messages

Direction = Literal["to_phone", "from_phone"]


@dataclass(frozen=True, slots=True)
class PhoneMessage:
    id: int
    number: str
    direction: Direction
    at: datetime
    body: str
    incident: str | None


_COLUMNS = (
    phone_messages.c.id,
    phone_messages.c.number,
    phone_messages.c.direction,
    phone_messages.c.at,
    phone_messages.c.body,
    phone_messages.c.incident,
)


def put(
    connection: Connection,
    *,
    number: str,
    direction: Direction,
    at: datetime,
    body: str,
    incident: str | None = None,
) -> int:
    """Show a message on a phone, or take one typed into it. Returns its id, which stands for the provider's."""
    new = insert(phone_messages).values(number=number, direction=direction, at=at, body=body, incident=incident)
    return int(connection.execute(new.returning(phone_messages.c.id)).scalar_one())


def messages(connection: Connection, number: str, after: int = 0, limit: int = 200) -> list[PhoneMessage]:
    """A phone's messages after an id, the oldest first; with more than `limit` of them, the newest ones."""
    query = select(*_COLUMNS).where(phone_messages.c.number == number, phone_messages.c.id > after)
    rows = connection.execute(query.order_by(phone_messages.c.id.desc()).limit(limit)).all()
    return [_message(row) for row in reversed(rows)]


def latest(connection: Connection) -> dict[str, PhoneMessage]:
    """The last message of each phone that has one, by number."""
    last = select(func.max(phone_messages.c.id)).group_by(phone_messages.c.number)
    rows = connection.execute(select(*_COLUMNS).where(phone_messages.c.id.in_(last)))
    return {message.number: message for message in map(_message, rows)}


def _message(row: object) -> PhoneMessage:
    return PhoneMessage(*row)  # type: ignore[misc]
