"""The simulated phones as a channel: what is sent stands on the phone at once, and counts as delivered.

Beside the phones there are mailboxes and chats, which show and cannot answer.
"""

from __future__ import annotations

import hashlib
from typing import Final

from anyio import to_thread
from sqlalchemy import Engine

from incident.clock import Clock
from incident.notify.channels import Outgoing, Sent
from incident.notify.guard import SIMULATED
from incident.organisation.people import WayKind
from incident.store import phones
from incident.store.engine import writing
from incident.words import words_for

DELIVERED: Final = "delivered"


def screen(way: WayKind, address: str) -> str:
    """Under which name messages to an address are shown: a phone's own number; of others a digest, which may stand in
    a path and gives no secret away."""
    if way in (WayKind.SMS, WayKind.VOICE):
        return address
    return f"{way}-{hashlib.sha256(address.encode()).hexdigest()[:12]}"


class SimulatedChannel:
    """A `Channel` for every way. A call stands on the phone as the text that would be spoken."""

    provider: Final = SIMULATED

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    async def send(self, message: Outgoing) -> Sent:
        """Put it on the phone, which is a row in the database: a thread waits for it."""
        return await to_thread.run_sync(self._put, message)

    async def close(self) -> None:
        """There is nothing to let go of."""

    def _put(self, message: Outgoing) -> Sent:
        body = message.body
        if message.way is WayKind.VOICE:
            body = words_for(message.locale).t("delivery.call", text=body)
        if message.subject:
            body = f"{message.subject}\n\n{body}"
        with writing(self._engine) as connection:
            number = phones.put(
                connection,
                number=screen(message.way, message.to),
                direction="to_phone",
                at=self._clock.now(),
                body=body,
                incident=message.incident,
            )
        return Sent(f"sim-{number}", DELIVERED)
