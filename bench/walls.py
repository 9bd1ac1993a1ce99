"""Many walls, in a process of their own: one thread, thousands of sockets, nothing made for each event.

`python -m bench.walls PORT PATH READY`, the authorisation header in BENCH_AUTHORIZATION. A stream is open when READY
has come over it. It obeys lines, and answers each with one of JSON:

`open N`    opens streams until there are N
`mark`      what has come since the last mark: events, bytes, reads, streams cut off, seconds, its own processor time
`arrivals`  `{position: [monotonic nanoseconds]}` of a hundred of the walls, and forgets them

An event is counted by its one byte MARK, which a server of the bench puts into each entry exactly once.
"""

from __future__ import annotations

import json
import os
import re
import resource
import select
import socket
import sys
import time
from typing import Any, Final

MARK: Final = b"~"
ENTRY: Final = re.compile(rb'"position": (\d+), "incident"')
SAMPLED: Final = 100

_READ: Final = 1 << 20
_AT_ONCE: Final = 64
_OPEN_S: Final = 120.0


class Walls:
    """All streams. Only of the sampled ones the entries are looked at."""

    def __init__(self, port: int, head: bytes, ready: bytes) -> None:
        self.port, self.head, self.ready = port, head, ready
        self.sockets: dict[int, socket.socket] = {}
        self.opening: set[int] = set()
        self.sampled: set[int] = set()
        self.arrivals: dict[int, list[int]] = {}
        self.poll, self.buffer = select.epoll(), bytearray(_READ)
        self.poll.register(0, select.EPOLLIN)
        self._forget()

    def mark(self) -> dict[str, float]:
        told: dict[str, float] = {
            "events": self.events,
            "bytes": self.bytes,
            "reads": self.reads,
            "closed": self.closed,
        }
        told |= {"seconds": time.monotonic() - self.since, "cpu_s": time.process_time() - self.cpu}
        self._forget()
        return told

    def _forget(self) -> None:
        self.events = self.bytes = self.reads = self.closed = 0
        self.since, self.cpu = time.monotonic(), time.process_time()

    def open(self, count: int) -> dict[str, float]:
        """A few at a time, each counted when its first event is there."""
        end, start = time.monotonic() + _OPEN_S, time.monotonic()
        while len(self.sockets) < count or self.opening:
            while len(self.sockets) < count and len(self.opening) < _AT_ONCE:
                wall = socket.create_connection(("127.0.0.1", self.port), 30)
                wall.sendall(self.head)
                wall.setblocking(False)
                self.sockets[wall.fileno()] = wall
                self.opening.add(wall.fileno())
                self.poll.register(wall, select.EPOLLIN)
            self.take(1.0)
            if time.monotonic() > end:
                sys.exit(f"{len(self.opening)} streams have not opened")
        self.sampled = set(list(self.sockets)[:: max(1, count // SAMPLED)])
        return {"open": count, "seconds": time.monotonic() - start}

    def take(self, timeout_s: float) -> bool:
        """Read what has come; True when there is a line to obey."""
        asked = False
        for fd, _ in self.poll.poll(timeout_s, 4096):
            if fd == 0:
                asked = True
            else:
                self._read(fd)
        return asked

    def _read(self, fd: int) -> None:
        try:
            size = self.sockets[fd].recv_into(self.buffer)
        except BlockingIOError:
            return
        except OSError:
            size = 0
        if size == 0:
            self.closed += 1
            self.poll.unregister(fd)
            return
        self.reads += 1
        self.bytes += size
        self.events += self.buffer.count(MARK, 0, size)
        if fd in self.opening and self.buffer.find(self.ready, 0, size) >= 0:
            self.opening.discard(fd)
        if fd in self.sampled:
            now = time.monotonic_ns()
            for found in ENTRY.finditer(self.buffer, 0, size):
                self.arrivals.setdefault(int(found[1]), []).append(now)


def obey(walls: Walls, line: str) -> Any:
    command, _, count = line.partition(" ")
    if command == "open":
        return walls.open(int(count))
    if command == "mark":
        return walls.mark()
    arrivals, walls.arrivals = walls.arrivals, {}
    return arrivals


def watch(walls: Walls) -> None:
    """Until the input ends."""
    while True:
        if walls.take(1.0):
            line = sys.stdin.readline()
            if not line:
                return
            print(json.dumps(obey(walls, line.strip())), flush=True)


if __name__ == "__main__":
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    given = os.environ.get("BENCH_AUTHORIZATION")
    who = f"Authorization: {given}\r\n" if given else ""
    asked = f"GET {sys.argv[2]} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n{who}\r\n"
    watch(Walls(int(sys.argv[1]), asked.encode(), sys.argv[3].encode()))
