"""Blocking libraries beside the loop: a few threads of their own, and no more waiting than is worth it.

Delivery has only so many messages in flight. What a slow mail server or a dead chat may hold of them is bounded here:
whatever comes beyond that is told so at once and comes again later, and the texts and calls go past it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from typing import Final, TypeVar

from incident.notify.channels import SendFailed
from incident.notify.retries import BUSY

T = TypeVar("T")

ROOM: Final = 48
"""Messages at work or in the queue of one pool: of 128 in flight, mails and chats together leave 32 to texts and calls
however dead their servers are, and in good times the queue is through in a quarter of a second."""


class Pool:
    """At most `threads` at work and `room` with those in the queue. Its threads begin with the first work."""

    def __init__(self, name: str, threads: int, room: int = ROOM) -> None:
        self._room: Final = room
        self._name: Final = name
        self._threads: Final = threads
        self._executor: ThreadPoolExecutor | None = None
        self._lock = Lock()
        self._inside = 0

    async def run(self, work: Callable[[], T]) -> T:
        """Its answer, or its error. Raises SendFailed when there is no room; work that was begun is not broken off."""
        with self._lock:
            if self._inside >= self._room:
                raise SendFailed(BUSY)
            self._inside += 1
            if self._executor is None:
                self._executor = ThreadPoolExecutor(self._threads, thread_name_prefix=self._name)
            future = self._executor.submit(work)
        future.add_done_callback(self._left)
        return await asyncio.wrap_future(future)

    def close(self) -> None:
        """Take nothing more, and wait for nothing."""
        if self._executor is not None:
            self._executor.shutdown(wait=False, cancel_futures=True)
            self._executor = None

    def _left(self, _: Future[T]) -> None:
        with self._lock:
            self._inside -= 1
