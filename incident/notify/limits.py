"""How much one person's phone is rung, and when an alarm load is a flood. Data first; pure.

What is held is not dropped: it is bundled into one message that says how many incidents wait. The first page of a
Critical is never held (the order that carries it says so), so nobody sleeps through the one that matters.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from incident.errors import Reason, why
from incident.organisation.people import WayKind


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `count` messages to one contact within any `span`."""

    count: int
    span: timedelta


_QUARTER: Final = timedelta(minutes=15)
_HOUR: Final = timedelta(hours=1)

LIMITS: Final[Mapping[WayKind, tuple[Limit, ...]]] = {
    WayKind.SMS: (Limit(5, _QUARTER), Limit(11, _HOUR)),
    WayKind.VOICE: (Limit(3, _QUARTER), Limit(7, _HOUR)),
    WayKind.MAIL: (),
    WayKind.CHAT: (),
}


@dataclass(frozen=True, slots=True)
class Allowed:
    """Send it now."""


@dataclass(frozen=True, slots=True)
class Held:
    """Not before `until`, the first moment at which no limit stands against it, if nothing else is sent meanwhile."""

    until: datetime
    reason: Reason


def allow(
    history: Sequence[datetime], limits: Iterable[Limit], now: datetime, *, never_held: bool = False
) -> Allowed | Held:
    """May one more go to this contact now, given when the others went (in any order)?

    A time after `now` (the clock was set back) counts as now, so that it holds nothing longer than one span.
    """
    if never_held:
        return Allowed()
    sent = sorted(min(at, now) for at in history)
    held = [
        Held(sent[-limit.count] + limit.span, _reason(limit))
        for limit in limits
        if len(sent) >= limit.count and sent[-limit.count] + limit.span > now
    ]
    return max(held, key=lambda h: h.until, default=Allowed())


def _reason(limit: Limit) -> Reason:
    return why("page.held", count=limit.count, minutes=int(limit.span.total_seconds() // 60))


FLOOD_SPAN: Final = timedelta(minutes=10)
FLOOD_ABOVE: Final = 10
"""More than ten alarms in ten minutes are more than an operator can take in (EEMUA 191 and ISA 18.2 count so)."""
FLOOD_OVER_BELOW: Final = 5

CHATTER_SPAN: Final = timedelta(minutes=1)
CHATTER_FROM: Final = 3


def flooded(arrivals: Iterable[datetime], now: datetime, *, before: bool) -> bool:
    """Whether it is a flood now; `before` is the last answer. It begins above ten and ends below five."""
    recent = _within(arrivals, FLOOD_SPAN, now)
    return recent >= FLOOD_OVER_BELOW if before else recent > FLOOD_ABOVE


def chattering(arrivals: Iterable[datetime], now: datetime) -> bool:
    """Whether one source (the arrivals are its own) comes and goes: three or more in a minute."""
    return _within(arrivals, CHATTER_SPAN, now) >= CHATTER_FROM


def _within(arrivals: Iterable[datetime], span: timedelta, now: datetime) -> int:
    return sum(1 for at in arrivals if now - span < at <= now)
