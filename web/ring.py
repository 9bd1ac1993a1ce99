"""The last few thousand entries of the log, each encoded once at most, shared by every open stream.

A stream has no queue of its own, only the position that it has been given: it asks for what came after it. So a slow
wall costs no memory, and a thousand walls that stand at the same position get the same bytes object.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

SIZE: Final = 4096
"""Entries kept: some 6 MB. Older ones are read from the store."""
PORTION: Final = 256
"""Entries handed out at once: whoever is far behind gets several portions, and holds one of them at a time."""


class Frame:
    """One entry as it goes over the wire. What is given as a maker is encoded when the first stream asks for it: in a
    storm that no wall watches, never."""

    __slots__ = ("_data", "incident", "position")

    def __init__(self, position: int, incident: str, data: bytes | Callable[[], bytes]) -> None:
        self.position: Final = position
        self.incident: Final = incident
        self._data = data

    @property
    def data(self) -> bytes:
        if not isinstance(self._data, bytes):
            self._data = self._data()
        return self._data


class Ring:
    """Holds the frames after `start`, without a gap: `start` is the last position that is not in it."""

    def __init__(self, start: int, size: int = SIZE) -> None:
        self._start, self._size = start, size
        self._frames: list[Frame] = []

    @property
    def start(self) -> int:
        """The position before the oldest one kept."""
        return self._start

    @property
    def last(self) -> int:
        return self._start + len(self._frames)

    def add(self, frames: Iterable[Frame]) -> None:
        """Append frames in order. What was seen before is passed over; a gap empties the ring, so that whoever is
        behind it goes to the store instead of missing something."""
        for frame in frames:
            if frame.position <= self.last:
                continue
            if frame.position != self.last + 1:
                self._start, self._frames = frame.position - 1, []
            self._frames.append(frame)
        surplus = len(self._frames) - self._size
        if surplus > self._size // 4:  # dropped in blocks: one by one would move the whole list each time
            del self._frames[:surplus]
            self._start += surplus

    def holds(self, position: int) -> bool:
        """Whether everything after this position is here."""
        return position >= self._start

    def after(self, position: int, incident: str | None = None) -> tuple[int, bytes]:
        """The next portion after a position that the ring `holds`, of one incident or of all, and the position after
        it. A position that has not come yet stays as it is."""
        if position >= self.last:
            return position, b""
        end = min(self.last, position + PORTION)
        frames = self._frames[position - self._start : end - self._start]
        return end, b"".join(frame.data for frame in frames if incident in (None, frame.incident))
