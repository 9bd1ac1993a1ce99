"""The other end of a page: a double of the provider's API, and of any webhook, that notes when each mark first came.

`python -m bench.provider PORT`, a process of its own, so that it notes arrivals while the program works. A mark is
`m<run>x<number>` anywhere in a request's body. GET /marks gives `{mark: monotonic nanoseconds}`, POST /clear forgets.
On Linux the monotonic clock is one for all processes, which is what makes these times comparable.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from typing import Final, cast

import uvloop

MARK: Final = re.compile(rb"m\d+x\d+")
_LENGTH: Final = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_LARGEST: Final = 1 << 20


class Provider:
    """What has arrived: the first arrival of each mark, and how many requests there were."""

    def __init__(self) -> None:
        self.marks: dict[bytes, int] = {}
        self.requests = 0

    def answer(self, path: bytes, body: bytes, now: int) -> bytes:
        """The reply to one request, in full."""
        if path == b"/marks":
            return _reply(b"200 OK", json.dumps({mark.decode(): at for mark, at in self.marks.items()}))
        if path == b"/clear":
            self.marks.clear()
            return _reply(b"200 OK", "{}")
        self.requests += 1
        for mark in MARK.findall(body):
            self.marks.setdefault(mark, now)
        if path.endswith((b"/Messages.json", b"/Calls.json")):
            return _reply(b"201 Created", json.dumps({"sid": f"SM{self.requests:032x}", "status": "queued"}))
        return _reply(b"200 OK", "{}")


def _reply(status: bytes, body: str) -> bytes:
    head = b"HTTP/1.1 " + status + b"\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
    return head + body.encode()


class Connection(asyncio.Protocol):
    """One kept-alive connection. Requests may come in pieces, or several at once."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self._waiting = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is none by inheritance

    def data_received(self, data: bytes) -> None:
        now = time.monotonic_ns()
        assert self._transport is not None
        self._waiting += data
        while (end := self._waiting.find(b"\r\n\r\n")) >= 0:
            found = _LENGTH.search(self._waiting, 0, end)
            whole = end + 4 + (int(found[1]) if found else 0)
            if len(self._waiting) < whole:
                break
            path = self._waiting.split(b" ", 2)[1]
            self._transport.write(self._provider.answer(path, self._waiting[end + 4 : whole], now))
            self._waiting = self._waiting[whole:]
        if len(self._waiting) > _LARGEST:
            self._transport.abort()


async def serve(port: int) -> None:
    provider = Provider()
    server = await asyncio.get_running_loop().create_server(lambda: Connection(provider), "127.0.0.1", port)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))
