"""The simulated phones as a channel: what is sent stands on the phone at once, and counts as delivered."""

from __future__ import annotations

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
        with writing(self._engine) as connection:
            number = phones.put(
                connection,
                number=message.to,
                direction="to_phone",
                at=self._clock.now(),
                body=body,
                incident=message.incident,
            )
        return Sent(f"sim-{number}", DELIVERED)
