"""What every translator takes and gives."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from incident.errors import Reason
from incident.intake.mapping import IDENTITY, Mapping
from incident.report import Signal

MOST_ALERTS: Final = 1000
"""Alerts that one payload may hold. A larger one is refused whole, and the fault says to send fewer at a time:
Alertmanager's webhook has `max_alerts` for that, and then tells us how many it left out."""


@dataclass(frozen=True, slots=True)
class Translated:
    """The signals in the payload's order, and notes: what the payload held that gives no signal, and why."""

    signals: tuple[Signal, ...]
    notes: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Door:
    """How one integration is set up. `language` is a tag such as `zh` or `en-GB`, for payloads that hold several;
    `mapping` says where the generic format finds each field."""

    language: str = "en"
    mapping: Mapping = IDENTITY


class Translator(Protocol):
    """Raises BadInput. `now` decides only what has already expired."""

    def __call__(self, body: bytes, door: Door, now: datetime) -> Translated: ...
