"""The ways by which a message reaches a person. Their values are what a person's record and the outbox hold."""

from __future__ import annotations

from enum import StrEnum


class WayKind(StrEnum):
    SMS = "sms"
    VOICE = "voice"
    MAIL = "mail"
