"""What a provider says became of a message. It says so late, twice and out of order.

Each status has a rank, and a message only rises: whatever the order in which the same receipts come in, the end is
the same. `sent` is not delivered; a `completed` call may have been voicemail: only a key press is an answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, assert_never

from incident.notify.aliyun_outcomes import report
from incident.notify.retries import UNREACHABLE, Outcome, outcome
from incident.organisation.people import WayKind

MESSAGE: Final = (
    "accepted",
    "scheduled",
    "queued",
    "sending",
    "sent",
    "partially_delivered",
    "canceled",
    "failed",
    "undelivered",
    "delivered",
    "read",
)
"""From the first to the last. A delivery receipt outranks a failure: the phone has it, whatever was said before."""

CALL: Final = (
    "queued",
    "initiated",
    "ringing",
    "in-progress",
    "canceled",
    "failed",
    "busy",
    "no-answer",
    "completed",
)

_RANKS: Final[Mapping[WayKind, Mapping[str, int]]] = {
    WayKind.SMS: {status: rank for rank, status in enumerate(MESSAGE)},
    WayKind.VOICE: {status: rank for rank, status in enumerate(CALL)},
    WayKind.MAIL: {"sent": 0},
    WayKind.CHAT: {"sent": 0},
}


def rank(way: WayKind, status: str | None) -> int:
    """How far a status is, for the conditional update that keeps the highest; -1 for none and for an unknown one."""
    return -1 if status is None else _RANKS[way].get(status, -1)


def advance(way: WayKind, current: str | None, incoming: str) -> str | None:
    """The status to keep if `incoming` is news, else None. A status that nobody knows is no news."""
    return incoming if rank(way, incoming) > rank(way, current) else None


class Meaning(StrEnum):
    """What a status means for the page that the message carried."""

    ON_ITS_WAY = "on_its_way"
    DELIVERED = "delivered"
    UNCLEAR = "unclear"
    """Somebody or something picked up; nobody pressed a key. No proof of anything."""
    FAILED = "failed"
    WITHDRAWN = "withdrawn"
    """We took it back; nothing failed."""


_MEANINGS: Final[Mapping[str, Meaning]] = {
    "delivered": Meaning.DELIVERED,
    "read": Meaning.DELIVERED,
    "completed": Meaning.UNCLEAR,
    "canceled": Meaning.WITHDRAWN,
    "failed": Meaning.FAILED,
    "undelivered": Meaning.FAILED,
    "busy": Meaning.FAILED,
    "no-answer": Meaning.FAILED,
}


_UNEXPLAINED: Final = 30008
"""Twilio's "unknown error", for a failure that comes without a code."""


def meaning(status: str) -> Meaning:
    """What a status means; one that ends nothing, or that nobody knows, is on its way."""
    return _MEANINGS.get(status, Meaning.ON_ITS_WAY)


def failure(way: WayKind, status: str, code: int | str | None) -> Outcome | None:
    """What to do after this receipt, None unless it is a failure. `code` is the provider's, if any: Twilio's are
    numbers, Alibaba Cloud's are words."""
    found = meaning(status)
    match found:
        case Meaning.FAILED:
            if isinstance(code, str):
                return report(code)
            rang_out = way is WayKind.VOICE and status in ("busy", "no-answer")
            return UNREACHABLE if rang_out else outcome(code or _UNEXPLAINED)
        case Meaning.ON_ITS_WAY | Meaning.DELIVERED | Meaning.UNCLEAR | Meaning.WITHDRAWN:
            return None
        case _:
            assert_never(found)
