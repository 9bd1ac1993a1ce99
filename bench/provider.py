"""The other end of a page: a double of the provider's API, and of any webhook, that notes when each mark first came.

`python -m bench.provider PORT`, a process of its own, so that it notes arrivals while the program works. A mark is
`bench<run>x<number>` anywhere in a request's body: long enough that no random token in a link looks like one.

GET /count gives what has come in numbers, GET /marks `{mark: monotonic nanoseconds}`; POST /clear forgets, POST /delay
makes every later answer wait so many milliseconds.
On Linux the monotonic clock is one for all processes, which is what makes these times comparable.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from collections import Counter
from typing import Final, cast

import uvloop

MARK: Final = re.compile(rb"bench\d+x\d+")
_LENGTH: Final = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_LARGEST: Final = 1 << 20
_BACKLOG: Final = 4096


class Provider:
    """What has arrived: the first arrival of each mark, its later ones, and how many requests there were."""

    def __init__(self) -> None:
        self.marks: dict[bytes, int] = {}
        self.again: Counter[bytes] = Counter()
        self.requests = 0
        self.delay_s = 0.0

    def told(self, path: bytes, body: bytes) -> bytes | None:
        """The reply to a question of the bench itself; None for a message."""
        match path:
            case b"/marks":
                return _reply(b"200 OK", json.dumps({mark.decode(): at for mark, at in self.marks.items()}))
            case b"/count":
                count = {"marks": len(self.marks), "requests": self.requests, "again": self.again.total()}
                return _reply(b"200 OK", json.dumps(count))
            case b"/clear":
                self.marks.clear()
                self.again.clear()
                self.requests = 0
            case b"/delay":
                self.delay_s = float(body) / 1000
            case _:
                return None
        return _reply(b"200 OK", "{}")

    def answer(self, path: bytes, body: bytes, now: int) -> bytes:
        """The reply to one message, in full."""
        self.requests += 1
        for mark in set(MARK.findall(body)):
            if mark in self.marks:
                self.again[mark] += 1
            else:
                self.marks[mark] = now
        if path.endswith((b"/Messages.json", b"/Calls.json")):
            return _reply(b"201 Created", f'{{"sid": "SM{self.requests:032x}", "status": "queued"}}')
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
            found = _LENGTH.search(self._waiting, 0, end + 2)
            whole = end + 4 + (int(found[1]) if found else 0)
            if len(self._waiting) < whole:
                break
            self._one(self._waiting.split(b" ", 2)[1], self._waiting[end + 4 : whole], now)
            self._waiting = self._waiting[whole:]
        if len(self._waiting) > _LARGEST:
            self._transport.abort()

    def _one(self, path: bytes, body: bytes, now: int) -> None:
        assert self._transport is not None
        told = self._provider.told(path, body)
        if told is not None:
            self._transport.write(told)
            return
        reply = self._provider.answer(path, body, now)
        if self._provider.delay_s:
            asyncio.get_running_loop().call_later(self._provider.delay_s, self._answer_late, reply)
        else:
            self._transport.write(reply)

    def _answer_late(self, reply: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(reply)


async def serve(port: int) -> None:
    provider, loop = Provider(), asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(provider), "127.0.0.1", port, backlog=_BACKLOG)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))
