"""A page held back while planned maintenance is under way, and what let it go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from incident.errors import Reason
from incident.events.opening import Due


@dataclass(frozen=True, slots=True)
class PagingHeld:
    """Nobody is paged before `until`. The window as it was then: its id and name, why and whose it is."""

    window: str
    name: str
    about: str
    owner: str
    until: datetime


@dataclass(frozen=True, slots=True)
class PagingReleased:
    """From here on it is an incident like any other; all clocks run from now."""

    because: Reason
    clocks: tuple[Due, ...]


MaintenanceEvent = PagingHeld | PagingReleased
