"""How many live streams one process keeps, and how many of them one visitor may have.

A stream is a connection that stays: without a limit a script that opens them and forgets them would in time take every
connection, also those by which reports come in. Who is turned away is told when to come again, and a wall does so by
itself.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final

from incident.errors import why
from web.auth import Visitor
from web.problems import Full, TooOften
from web.sockets import CONNECTIONS

STREAMS: Final = CONNECTIONS * 4 // 5
"""Of all connections; the rest is for everything that is not a stream."""
OF_A_KEY: Final = CONNECTIONS * 3 // 5
"""A key is a hall full of walls, or many halls."""
OF_A_PERSON: Final = 100
AGAIN_S: Final = 15


class Seats:
    """Counts on the event loop. `most` are the connections that this process can have."""

    def __init__(self, most: int = CONNECTIONS) -> None:
        self._share = min(most, CONNECTIONS) / CONNECTIONS
        self._taken: Counter[str] = Counter()

    def ask(self, visitor: Visitor) -> None:
        """Raises Full when nobody, TooOften when this visitor can have no more."""
        most = OF_A_PERSON if visitor.person else OF_A_KEY * self._share
        if self._taken[visitor.by] >= most:
            raise TooOften(why("api.streams_of_one", limit=int(most)), retry_after=AGAIN_S)
        if self._taken.total() >= STREAMS * self._share:
            raise Full(why("api.streams_full"), retry_after=AGAIN_S)

    def taken(self, by: str) -> Seat:
        """What a visitor sits on while the block lasts."""
        return Seat(self._taken, by)


@dataclass(frozen=True, slots=True)
class Seat:
    """Every wall keeps one as long as it is open: a generator would be a kilobyte."""

    taken: Counter[str]
    by: str

    def __enter__(self) -> None:
        self.taken[self.by] += 1

    def __exit__(self, *_: object) -> None:
        self.taken[self.by] -= 1
        if not self.taken[self.by]:
            del self.taken[self.by]
