"""How much one person's phone is rung, and when an alarm load is a flood. Data first; pure.

What is held is not dropped: it is bundled into one message that says how many incidents wait (`notify.gate`). The
first page of a Critical is never held (the order that carries it says so), so nobody sleeps through the one that
matters. An installation may set other figures: `settings`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from incident.errors import Reason, why
from incident.organisation.people import WayKind
from incident.rates import FLOOD_ABOVE, OTHER, SMS, VOICE, Limit, read

LIMITS: Final[Mapping[WayKind, tuple[Limit, ...]]] = {
    kind: read({WayKind.SMS: SMS, WayKind.VOICE: VOICE}.get(kind, OTHER)) for kind in WayKind
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
FLOOD_OVER_BELOW: Final = 5
FLOOD_GATHER: Final = Limit(1, timedelta(minutes=1))
"""In a flood what is below Critical is gathered for a minute, so that one message says what ten would."""
LAST_CALL: Final = timedelta(seconds=30)
"""Nothing is held beyond its life: so long before its end it goes out, whatever went before."""

CHATTER_SPAN: Final = timedelta(minutes=1)
CHATTER_FROM: Final = 3


def flooded(arrivals: Iterable[datetime], now: datetime, *, before: bool) -> bool:
    """Whether it is a flood now; `before` is the last answer. It begins above ten and ends below five."""
    recent = _within(arrivals, FLOOD_SPAN, now)
    return recent >= FLOOD_OVER_BELOW if before else recent > FLOOD_ABOVE


def flooding(newest: Sequence[datetime], now: datetime, *, above: int = FLOOD_ABOVE) -> bool:
    """Whether it is a flood now, told from the arrivals alone: the newest first, as many as one cares to look back to.

    The same as asking `flooded` at every moment: it began where more than `above` came within ten minutes, unless
    fewer than five were there at some time since. Where neither shows within `newest` it is none.
    """
    low = min(FLOOD_OVER_BELOW, above)
    times = [min(at, now) for at in newest]
    if len(times) < low or times[low - 1] <= now - FLOOD_SPAN:
        return False
    for at, then in enumerate(times):
        if at + above < len(times) and then - times[at + above] < FLOOD_SPAN:
            return True
        if at + low >= len(times) or then - times[at + low] > FLOOD_SPAN:
            return False
    return False


def chattering(arrivals: Iterable[datetime], now: datetime) -> bool:
    """Whether one source (the arrivals are its own) comes and goes: three or more in a minute."""
    return _within(arrivals, CHATTER_SPAN, now) >= CHATTER_FROM


def _within(arrivals: Iterable[datetime], span: timedelta, now: datetime) -> int:
    return sum(1 for at in arrivals if now - span < at <= now)
