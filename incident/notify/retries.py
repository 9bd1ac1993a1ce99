"""What a provider's error means for a send: give the way up, take the next one, or try again, and when.

One table for all codes. The law behind it: a page is never lost to an error that nobody classified. An unknown
refusal (4xx) moves on to the next way, anything else is tried again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from incident.errors import Reason, why


class Action(StrEnum):
    """What to do with the send. BROKEN and NEXT_WAY both go on to the person's next way at once."""

    BROKEN = "broken"
    """Never again on this way."""
    NEXT_WAY = "next_way"
    """This send is over; the way itself may work next time."""
    AGAIN = "again"
    """The same way again after a back-off."""


class Blame(StrEnum):
    """Who can put it right: the person whose number it is, our admins, whoever wrote the text, or the provider."""

    CONTACT = "contact"
    ACCOUNT = "account"
    CONTENT = "content"
    PROVIDER = "provider"


@dataclass(frozen=True, slots=True)
class Outcome:
    """`alarm` calls the admins now: every page by this provider fails, not only this one."""

    action: Action
    blame: Blame
    reason: Reason
    alarm: bool = False

    @property
    def is_the_ways_fault(self) -> bool:
        """Whether the way itself is broken. What our account or our text is to blame for breaks nobody's way."""
        return self.action is Action.BROKEN and self.blame is Blame.CONTACT


def _broken(blame: Blame, name: str, *, alarm: bool = False) -> Outcome:
    return Outcome(Action.BROKEN, blame, why(f"page.failed.{name}"), alarm)


BUSY: Final = Outcome(Action.AGAIN, Blame.PROVIDER, why("page.failed.busy"))
_UNKNOWN: Final = Outcome(Action.AGAIN, Blame.PROVIDER, why("page.failed.unclear"))
_EXPIRED: Final = Outcome(Action.NEXT_WAY, Blame.PROVIDER, why("page.failed.expired"))
UNREACHABLE: Final = Outcome(Action.NEXT_WAY, Blame.CONTACT, why("page.failed.unreachable"))
REFUSED: Final = Outcome(Action.BROKEN, Blame.PROVIDER, why("page.failed.refused"))
NO_ANSWER: Final = Outcome(Action.AGAIN, Blame.PROVIDER, why("page.failed.no_answer"))
"""Time-out, broken connection, an answer that cannot be read: it may have been sent. A double page beats a silence."""

OPTED_OUT: Final = _broken(Blame.CONTACT, "opted_out")
"""The owner has sent STOP: the carrier throws our texts away until they send START."""

OUTCOMES: Final[Mapping[int, Outcome]] = {
    20003: Outcome(Action.NEXT_WAY, Blame.ACCOUNT, why("page.failed.credentials"), alarm=True),
    20429: BUSY,
    21211: _broken(Blame.CONTACT, "invalid_number"),
    21408: _broken(Blame.ACCOUNT, "country_not_enabled"),
    21606: _broken(Blame.ACCOUNT, "sender_unusable"),
    21610: OPTED_OUT,
    21611: BUSY,
    21612: _broken(Blame.ACCOUNT, "no_route"),
    21614: _broken(Blame.CONTACT, "not_mobile"),
    21617: _broken(Blame.CONTENT, "too_long"),
    30001: BUSY,
    30002: _broken(Blame.ACCOUNT, "suspended", alarm=True),
    30003: UNREACHABLE,
    30004: _broken(Blame.CONTACT, "blocked"),
    30005: _broken(Blame.CONTACT, "unknown_number"),
    30006: _broken(Blame.CONTACT, "not_mobile"),
    30007: _broken(Blame.CONTENT, "filtered"),
    30008: _UNKNOWN,
    30034: _broken(Blame.ACCOUNT, "sender_unregistered"),
    30036: _EXPIRED,
}


def outcome(code: int | None, status: int | None = None) -> Outcome:
    """What an error means. `code` is the provider's, `status` the HTTP status if there was one."""
    if code is not None and code in OUTCOMES:
        return OUTCOMES[code]
    if status is None:
        return _UNKNOWN if code else NO_ANSWER
    if status == 429:
        return BUSY
    if status in (401, 403):
        return OUTCOMES[20003]
    return REFUSED if 400 <= status < 500 and status != 408 else _UNKNOWN


OUTAGES: Final = frozenset(
    f"page.failed.{name}"
    for name in (
        "credentials",
        "suspended",
        "no_credit",
        "quota",
        "signature",
        "mail_sender",
        "no_tls",
        "no_answer",
        "unclear",
    )
)
"""Reasons that say something about the provider, not about this message: with two of them in a row, or one that calls
the admins, the provider counts as down."""


SUSPENDED: Final = OUTCOMES[30002]


def elsewhere(outcome: Outcome) -> bool:
    """Whether another provider may succeed where this one has failed. Never for what the person wants or lacks: who has
    opted out with one must not be written to by the other."""
    return outcome.blame is not Blame.CONTACT


FIRST_DELAY: Final = timedelta(seconds=1)
LONGEST_DELAY: Final = timedelta(seconds=30)
LONGEST_OBEYED: Final = timedelta(minutes=2)
"""A Retry-After beyond this is not waited for: a page is asked again rather than forgotten."""


def delay(attempt: int, retry_after: timedelta | None, jitter: float) -> timedelta:
    """The pause after failed attempt number `attempt` (from 1): 1, 2, 4 ... 30 s.

    `jitter` in 0..1 spreads it between half and the whole, so that a thousand sends do not come back together.
    A provider's Retry-After is a lower bound.
    """
    whole = min(FIRST_DELAY * (1 << min(attempt - 1, 10)), LONGEST_DELAY)
    asked = min(retry_after, LONGEST_OBEYED) if retry_after else timedelta(0)
    return max(whole * (0.5 + 0.5 * jitter), asked)


LONGEST_LIFE: Final = timedelta(hours=10)


def give_up_after(response_target: timedelta) -> timedelta:
    """How long after its first attempt a send is still tried: the level's response target, at most ten hours.

    Beyond that the ladder has long gone on, and an old page at night is a false alarm.
    """
    return min(response_target, LONGEST_LIFE)
