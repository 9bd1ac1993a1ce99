"""Fifty walls in one thread. Each comes back after a cut as a browser does, a second later, with the last id it saw.

For each wall: an entry that is not the one after the last was missed or seen twice; a snapshot begins anew. That is
all that a wall promises, so it is checked as it happens.
"""

from __future__ import annotations

import random
import re
import selectors
import socket
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from incident.clock import monotonic

EVENT: Final = re.compile(rb"(?:^|\n)(?:id: (\d+)\n)?event: (entry|snapshot|heartbeat|bye)\ndata: ([^\n]*)")
SILENT_S: Final = 17.0
"""After so long without a heartbeat the page begins again (web/static/live.js)."""
_AGAIN_S: Final = 1.0
_READ: Final = 1 << 18


@dataclass
class Wall:
    """`last` is the position that it has seen."""

    number: int
    socket: socket.socket | None = None
    open: bool = False
    rest: bytes = b""
    last: int | None = None
    heard: float = 0.0
    due: float = 0.0
    connections: int = 0
    snapshots: int = 0
    entries: int = 0
    missed: int = 0
    twice: int = 0
    faults: list[str] = field(default_factory=list)


class Walls(threading.Thread):
    """`warned` counts heartbeats that said that nothing can be written."""

    def __init__(self, count: int, ports: Sequence[int], key: str, seed: int) -> None:
        super().__init__(name="walls", daemon=True)
        self.walls: Final = [Wall(number) for number in range(count)]
        self._ports, self._key, self._chance = ports, key, random.Random(f"walls {seed}")
        self._waiting = selectors.DefaultSelector()
        self._ended = threading.Event()
        self.warned = 0

    def stop(self) -> None:
        self._ended.set()
        self.join(10)

    def behind(self, head: int) -> list[Wall]:
        """Those that have not seen the entry at that position."""
        return [wall for wall in self.walls if wall.last is None or wall.last < head]

    def run(self) -> None:
        while not self._ended.is_set():
            now = monotonic()
            for wall in self.walls:
                if wall.socket is None and wall.due <= now:
                    self._open(wall)
                elif wall.socket is not None and now - wall.heard > SILENT_S:
                    self._cut(wall)
            for key, _ in self._waiting.select(0.1):
                try:
                    self._take(key.data)
                except OSError:
                    self._cut(key.data)
        for wall in self.walls:
            self._cut(wall)
        self._waiting.close()

    def _open(self, wall: Wall) -> None:
        seen = f"Last-Event-ID: {wall.last}\r\n" if wall.last is not None else ""
        head = f"GET /api/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {self._key}\r\n{seen}\r\n"
        wall.heard, wall.rest, wall.open = monotonic(), b"", False
        try:
            wall.socket = socket.create_connection(("127.0.0.1", self._chance.choice(self._ports)), 2)
            wall.socket.sendall(head.encode())
        except OSError:
            self._cut(wall)
        else:
            self._waiting.register(wall.socket, selectors.EVENT_READ, wall)

    def _cut(self, wall: Wall) -> None:
        if wall.socket is not None:
            if wall.socket.fileno() in self._waiting.get_map():
                self._waiting.unregister(wall.socket)
            wall.socket.close()
        wall.socket, wall.due = None, monotonic() + _AGAIN_S

    def _take(self, wall: Wall) -> None:
        assert wall.socket is not None
        data = wall.socket.recv(_READ)
        if not data:
            return self._cut(wall)
        if not wall.open:
            wall.open, wall.connections = True, wall.connections + 1
            if not data.startswith(b"HTTP/1.1 200"):
                return self._cut(wall)
        wall.rest += data
        whole = wall.rest.rfind(b"\n\n")
        if whole < 0:
            return None
        events, wall.rest = wall.rest[: whole + 1], wall.rest[whole + 1 :]
        for found in EVENT.finditer(events):
            self._hear(wall, found[2], found[1], found[3])
        return None

    def _hear(self, wall: Wall, kind: bytes, ident: bytes | None, data: bytes) -> None:
        wall.heard = monotonic()
        if kind == b"heartbeat":
            self.warned += b'"refusing": true' in data
        elif kind == b"snapshot" and ident is not None:
            wall.snapshots += 1
            wall.last = int(ident)
        elif kind == b"entry" and ident is not None:
            self._count(wall, int(ident))

    def _count(self, wall: Wall, position: int) -> None:
        wall.entries += 1
        if wall.last is not None and position != wall.last + 1:
            wall.faults.append(f"wall {wall.number}: {position} after {wall.last}")
            if position <= wall.last:
                wall.twice += 1
            else:
                wall.missed += position - wall.last - 1
        wall.last = max(wall.last or 0, position)
