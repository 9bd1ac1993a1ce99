"""What a worker does about its providers between messages: say who is down, hear of others, ask, measure.

Never on the way of a page, and never a reason to stop delivering: only the database's own errors go further.
"""

from __future__ import annotations

from typing import Final

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from incident.clock import monotonic
from incident.notify.prepare import Directory
from incident.notify.providers import Providers
from incident.notify.sending import Sender
from incident.store.engine import changing, reading

HEAR_S: Final = 5.0
"""How long one worker goes on with a provider that another one has found down, at most one page of its own."""
MEASURE_S: Final = 60.0

log = structlog.get_logger(__name__)


class ProviderWatch:
    """Called about once a second, by the thread that delivers."""

    def __init__(self, engine: Engine, providers: Providers, sender: Sender, directory: Directory) -> None:
        self._engine, self._providers, self._sender, self._directory = engine, providers, sender, directory
        self._heard_at = self._measured_at = float("-inf")

    def look(self, *, now: bool = False) -> None:
        """`now`: also for what is only looked at now and then. Raises the database's errors only."""
        self._sender.probe(self._providers.to_probe())
        changed = self._providers.changed()
        if changed:
            with changing(self._engine) as connection:
                self._providers.write(connection, changed)
            self._providers.written(changed)
        at = monotonic()
        if now or at - self._heard_at > HEAR_S:
            self._heard_at = at
            with reading(self._engine) as connection:
                self._providers.read(connection)
        if self._providers.several and (now or at - self._measured_at > MEASURE_S):
            self._measured_at = at
            self._measure()

    def _measure(self) -> None:
        try:
            with reading(self._engine) as connection:
                self._providers.measure(connection, self._directory.organisation())
        except SQLAlchemyError:
            raise
        except Exception as problem:  # without figures the order stands as it was
            log.exception("provider.not_measured", problem=type(problem).__name__)
