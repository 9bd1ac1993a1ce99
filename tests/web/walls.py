"""A log in memory, a hub on it, and browsers that listen: as under our own server, or as under any other."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, cast

import anyio
from anyio.abc import TaskGroup

from incident.store.log import Stored
from tests.web.place import START
from web.hub import Health, Hub, Snapshot
from web.stream import Events
from web.wall import Wall


def line(position: int, incident: str = "i1", row: str | None = '{"code":"C1"}') -> Stored:
    return Stored(position, incident, position, START, "system", "noted", 1, "{}", None, row)


class Book:
    """A log, as the hub's source and tail."""

    def __init__(self, length: int = 0) -> None:
        self.lines = [line(n) for n in range(1, length + 1)]
        self.snapshots = 0
        self.fails = self.full = False

    def snapshot(self, incident: str | None) -> Snapshot:
        self.snapshots += 1
        return Snapshot(len(self.lines), ['{"code":"C1"}'], {"critical": 1})

    def after(self, position: int, limit: int) -> list[Stored]:
        return self.lines[position : position + limit]

    def health(self) -> Health:
        if self.fails:
            raise OSError("the disk is gone")
        return Health(len(self.lines), 0, 0.0, 0.0)

    def writable(self) -> bool:
        return not self.full

    def start(self, deliver: Any, after: int) -> None:
        self.deliver = deliver

    def write(self, count: int, incident: str = "i1") -> None:
        new = [line(n, incident) for n in range(len(self.lines) + 1, len(self.lines) + count + 1)]
        self.lines += new
        self.deliver(new)


class Still:
    def now(self) -> Any:
        return START


async def yes() -> bool:
    return True


def parsed(data: bytes) -> list[tuple[str, Any]]:
    """Events as name and data. What is no event, such as `retry`, is passed over."""
    found = []
    for block in data.decode().strip().split("\n\n"):
        fields = dict(part.split(": ", 1) for part in block.splitlines() if part)
        if "event" in fields:
            found.append((fields["event"], json.loads(fields["data"])))
    return found


class Connection:
    """What a browser's bytes go through. While `reads` is False all that is written stays there."""

    def __init__(self, browser: Browser) -> None:
        self.browser, self.reads, self.left, self.broken, self.aborted = browser, True, 0, False, False

    def write(self, chunk: bytes) -> None:
        if self.broken:
            raise RuntimeError("the handle is closed")
        size, _, rest = chunk.partition(b"\r\n")
        assert len(rest) == int(size, 16) + 2
        assert rest.endswith(b"\r\n")
        self.left = 0 if self.reads else self.left + len(chunk)
        self.browser.came(rest[:-2])

    def get_write_buffer_size(self) -> int:
        return self.left

    def is_closing(self) -> bool:
        return self.aborted

    def abort(self) -> None:
        self.aborted = True
        self.browser.leaves.set()


class Browser:
    """One that listens. `direct`: the hub can write to it, as under our own server."""

    def __init__(self, hub: Hub, *, direct: bool, incident: str | None = None) -> None:
        self.hub, self.incident = hub, incident
        self.connection = Connection(self)
        self.wall = Wall(incident, cast("asyncio.Transport", self.connection) if direct else None)
        self.leaves, self.ended = anyio.Event(), False
        self.rests = 0
        self.inbox: asyncio.Queue[bytes | None] = asyncio.Queue()

    def came(self, data: bytes) -> None:
        self.inbox.put_nowait(data)

    async def listen(self, seen: int | None, allowed: Callable[[], Awaitable[bool]] = yes) -> None:
        await Events(self.hub, self.wall, seen, allowed).run(self._receive, self._send)
        self.inbox.put_nowait(None)

    async def take(self) -> bytes:
        """What comes next, as it was written."""
        with anyio.fail_after(5):
            data = await self.inbox.get()
        assert data is not None, "the stream has ended"
        return data

    async def until(self, position: int) -> list[int]:
        """The positions of the entries up to this one."""
        found: list[int] = []
        while not found or found[-1] < position:
            found += [data["position"] for name, data in parsed(await self.take()) if name == "entry"]
        return found

    async def rest(self) -> list[str]:
        """The names of all events to the end of the stream."""
        found: list[str] = []
        with anyio.fail_after(5):
            while data := await self.inbox.get():
                found += [name for name, _ in parsed(data)]
        return found

    async def _receive(self) -> Any:
        self.rests += 1
        await self.leaves.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        if message["body"]:
            self.came(message["body"])
        self.ended = not message["more_body"]


@asynccontextmanager
async def running(book: Book, beat_s: float = 60) -> AsyncIterator[tuple[Hub, TaskGroup]]:
    """A hub, and the tasks in which browsers listen; all ended with the block."""
    hub = Hub(book, Still(), beat_s=beat_s)
    async with anyio.create_task_group() as tasks:
        await tasks.start(hub.run, book)
        yield hub, tasks
        tasks.cancel_scope.cancel()
