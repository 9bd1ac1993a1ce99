"""How many messages in how long one address gets, as people write it in the settings. What becomes of more than that:
`notify.limits`, `notify.gate`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Final


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `count` messages to one contact within any `span`."""

    count: int
    span: timedelta


_UNITS: Final = {"s": 1, "m": 60, "h": 3600}
_LIMIT: Final = re.compile(r"([1-9]\d{0,3})/([1-9]\d{0,3})([smh])")
LONGEST: Final = timedelta(hours=24)
OFF: Final = "off"


def read(text: str) -> tuple[Limit, ...]:
    """`5/15m, 11/1h`: five in 15 minutes and eleven an hour; `off` for no limit. Raises ValueError."""
    if text.strip().casefold() == OFF:
        return ()
    limits = []
    for part in text.split(","):
        found = _LIMIT.fullmatch(part.strip())
        if found is None:
            raise ValueError(f"no limit: {part}")
        count, span, unit = found.groups()
        limits.append(Limit(int(count), timedelta(seconds=int(span) * _UNITS[unit])))
        if limits[-1].span > LONGEST:
            raise ValueError(f"no limit: {part}")
    return tuple(limits)


SMS: Final = "5/15m,11/1h"
VOICE: Final = "3/15m,7/1h"
OTHER: Final = "30/15m,60/1h"
"""What costs nobody's sleep: mail, chat. Generous, and bundled all the same when ten thousand alarms come."""

FLOOD_ABOVE: Final = 10
"""More than ten alarms in ten minutes are more than an operator can take in (EEMUA 191 and ISA 18.2 count so)."""
