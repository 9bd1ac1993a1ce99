"""One open stream as the hub sees it: where it stands, and how to give it more without waking its task.

Under our own server (`web.sockets`) the hub writes straight to the connection. Elsewhere a wall has no connection to
write to, and its task is called for every portion.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import anyio
import structlog

_log = structlog.get_logger()

STUCK_S: Final = 10.0
"""A wall that takes nothing for so long is gone, or will come back and ask again."""


@dataclass(frozen=True)
class Portion:
    """Bytes for all walls at one place, the position after them, and the heartbeat that is among them, if any."""

    position: int
    data: bytes
    beat: int | None = None

    @cached_property
    def chunk(self) -> bytes:
        """The same as a chunk of HTTP/1.1: made once, not for each wall."""
        return b"%x\r\n%b\r\n" % (len(self.data), self.data)


class Wall:
    """`check_at` is the heartbeat at which its visitor is looked at again."""

    __slots__ = ("_left", "_left_at", "_rest", "_transport", "beat", "check_at", "incident", "position")

    def __init__(self, incident: str | None, transport: asyncio.Transport | None) -> None:
        self.incident, self._transport = incident, transport
        self.position, self.beat, self.check_at = 0, 0, 0
        self._left, self._left_at = 0, 0.0
        self._rest: anyio.CancelScope | None = None

    @property
    def direct(self) -> bool:
        """Whether the hub can write to it."""
        return self._transport is not None

    def ready(self, now: float) -> bool:
        """Whether it has read all it was given. One that reads nothing for too long is cut off."""
        if self._transport is None:
            return True
        if self._transport.is_closing():
            return False
        left = self._transport.get_write_buffer_size()
        if left == 0 or left != self._left:
            self._left, self._left_at = left, now
        elif now - self._left_at > STUCK_S:
            self.cut()
        return left == 0

    def cut(self) -> bool:
        """Cut the connection, whatever it has not read yet. False when there is none to cut."""
        if self._transport is None:
            return False
        _log.info("wall.stuck", unread=self._transport.get_write_buffer_size())
        self._transport.abort()
        return True

    def take(self, portion: Portion) -> bool:
        """Write it, without waiting. False when only its own task can."""
        if portion.data:
            if self._transport is None:
                return False
            self._transport.write(portion.chunk)
        self.move(portion)
        return True

    def move(self, portion: Portion) -> None:
        """It has been given this."""
        self.position = portion.position
        if portion.beat is not None:
            self.beat = portion.beat

    def sleeps(self) -> anyio.CancelScope:
        """What its task rests in until it is called."""
        self._rest = anyio.CancelScope()
        return self._rest

    def call(self) -> None:
        """Wake its task."""
        if self._rest is not None:
            self._rest.cancel()
