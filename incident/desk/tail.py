"""The tail: one reader of the log for each process, that hands every new entry to a subscriber, once and in order.

What this process's own desk has committed is offered to it, and handed on without being read again. For the rest it
looks every so often by itself, so that what other processes write is seen without any bell.
Positions have no gaps and are committed in order: what comes after the last one seen is all that is new, and an offer
that does not follow it shows that others have written between.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

from sqlalchemy import Engine

from incident.clock import monotonic
from incident.store import log
from incident.store.engine import reading
from incident.store.log import Stored

_log = logging.getLogger(__name__)

POLL_S: Final = 0.25
REST_S: Final = 0.05
"""After a look that found something. A person sees no difference, and in a storm it saves most of the looks."""
LIMIT: Final = 500

OFFERED_MOST: Final = 64
"""Offers kept, if nobody takes them for a while; what is dropped is read from the log."""

Deliver = Callable[[Sequence[Stored]], None]


class Tail:
    """Made asleep; `start` begins to look."""

    def __init__(self, engine: Engine, *, poll_s: float = POLL_S, limit: int = LIMIT) -> None:
        self._engine, self._poll_s, self._limit = engine, poll_s, limit
        self._position = 0
        self._blind_from: float | None = None
        self._offered: deque[Sequence[Stored]] = deque(maxlen=OFFERED_MOST)
        self._read_at = float("-inf")
        self._woken = threading.Event()
        self._rest = threading.Event()
        self._closed = False
        self._thread: threading.Thread | None = None

    @property
    def position(self) -> int:
        """The last position that was delivered, or that it was told to begin after."""
        return self._position

    @property
    def blind_s(self) -> float:
        """For how many seconds the log could not be read, or not be delivered; 0 while all is well."""
        since = self._blind_from
        return 0.0 if since is None else monotonic() - since

    def offer(self, lines: Sequence[Stored]) -> None:
        """The lines of whole decisions, just committed by this process. From any thread; passed over while nobody
        listens."""
        if lines and self._thread is not None:
            self._offered.append(lines)
            self._woken.set()

    def start(self, deliver: Deliver, after: int) -> None:
        """Hand everything after position `after` to `deliver`, in a thread of its own.

        The lines of one decision always come together, the last of them with the board row. `deliver` takes a batch
        whole, or raises and gets the same batch again.
        """
        if self._thread is not None:
            raise RuntimeError("a tail has one subscriber")
        self._position = after
        self._thread = threading.Thread(target=self._run, args=(deliver,), name="tail", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop looking, after the batch in hand. Twice is once."""
        self._closed = True
        self._rest.set()
        self._woken.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self, deliver: Deliver) -> None:
        while not self._closed:
            self._woken.clear()
            found = False
            try:
                found = self._look(deliver)
                self._blind_from = None
            except Exception:  # it must be there when the database comes back, and say for how long it saw nothing
                self._read_at = float("-inf")  # an offer that was in hand is read
                if self._blind_from is None:
                    self._blind_from = monotonic()
                    _log.exception("the tail of the log is blind")
            if found:
                self._rest.wait(REST_S)
            self._woken.wait(self._poll_s)

    def _look(self, deliver: Deliver) -> bool:
        found = False
        while not self._closed and (lines := self._own() or self._read()):
            deliver(lines)
            self._position, found = lines[-1].position, True
        return found

    def _own(self) -> Sequence[Stored]:
        """The next offer, if it is what follows. One that is to come later stays."""
        while self._offered:
            lines = self._offered[0]
            if lines[0].position > self._position + 1:
                return ()
            self._offered.popleft()
            if lines[0].position == self._position + 1:
                return lines
        return ()

    def _read(self) -> Sequence[Stored]:
        """What the log holds, when there is a gap before an offer, and else every so often until there is no more."""
        now = monotonic()
        if not self._offered and now - self._read_at < self._poll_s:
            return ()
        self._read_at = float("-inf")
        lines = self._next()
        if not lines:
            self._read_at = now
        return lines

    def _next(self) -> list[Stored]:
        """The next lines, up to a limit, but never the half of a decision."""
        limit = self._limit
        with reading(self._engine) as connection:
            while True:
                lines = log.after(connection, self._position, limit)
                if len(lines) < limit:
                    return lines
                whole = next((n for n in range(len(lines), 0, -1) if lines[n - 1].row is not None), 0)
                if whole:
                    return lines[:whole]
                limit *= 2
