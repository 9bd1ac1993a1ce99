"""Many walls, in a process of their own: each an open stream whose entries are noted as they come.

`python -m bench.walls PORT PATH COUNT`, the authorisation header in BENCH_AUTHORIZATION. It prints `open` once every
stream has shown its first event. At the end of its input it prints one line of JSON: `{position: [arrivals]}`, each
in monotonic nanoseconds, and the largest event's bytes.
"""

from __future__ import annotations

import json
import os
import re
import select
import selectors
import socket
import sys
import time
from typing import Final

ENTRY: Final = re.compile(rb"(?:^|\n)id: (\d+)\nevent: entry\n")
"""As our hub writes it, and sse-starlette too: the id before the event."""

_READ: Final = 1 << 18
_OPEN_S: Final = 60.0


class Wall:
    """One stream. What has come is scanned up to its last whole event."""

    def __init__(self, port: int, head: bytes) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), 10)
        self.socket.sendall(head)
        self.rest = b""
        self.open = False

    def take(self, arrivals: dict[int, list[int]]) -> int:
        """Read once and note what came; returns the size of the last event. Raises EOFError when it is cut off."""
        data = self.socket.recv(_READ)
        if not data:
            raise EOFError("a wall was cut off")
        now = time.monotonic_ns()
        self.rest += data
        whole = self.rest.rfind(b"\n\n")
        if whole < 0:
            return 0
        events, self.rest = self.rest[: whole + 1], self.rest[whole + 1 :]
        self.open = self.open or b"event: " in events
        found = list(ENTRY.finditer(events))
        for one in found:
            arrivals.setdefault(int(one[1]), []).append(now)
        return len(events) - found[-1].start() if found else 0


def watch(port: int, path: str, count: int, authorization: str) -> None:
    """Open the walls, say so, and note entries until the input ends."""
    head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n{authorization}\r\n".encode()
    walls = [Wall(port, head) for _ in range(count)]
    arrivals: dict[int, list[int]] = {}
    largest, said, end = 0, False, time.monotonic() + _OPEN_S
    with selectors.DefaultSelector() as waiting:
        for wall in walls:
            waiting.register(wall.socket, selectors.EVENT_READ, wall)
        while not (said and select.select([sys.stdin], [], [], 0)[0]):
            for key, _ in waiting.select(0.2):
                largest = max(largest, key.data.take(arrivals))
            if not said and all(wall.open for wall in walls):
                said = True
                print("open", flush=True)
            if not said and time.monotonic() > end:
                sys.exit("not every stream has opened")
    print(json.dumps({"arrivals": arrivals, "bytes": largest}), flush=True)


if __name__ == "__main__":
    given = os.environ.get("BENCH_AUTHORIZATION")
    watch(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), f"Authorization: {given}\r\n" if given else "")
