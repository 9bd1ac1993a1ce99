"""One hub for each process: fed by the tail of the log, it wakes every open stream when there is something to send.

Waking a stream costs more than the bytes it sends. So the first entry after a quiet moment goes out at once, and then
the hub rests for a pause that grows with the number of walls (50 microseconds for each, never over 100 ms): whatever
comes in the meantime goes out together. All methods but `feed` run on the event loop.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

import anyio
import structlog
from anyio import to_thread
from anyio.abc import TaskStatus

from incident.clock import Clock, iso, monotonic
from incident.store.log import Stored
from web.ring import Frame, Ring

_log = structlog.get_logger()

BEAT_S: Final = 5.0
PAUSE_EACH_S: Final = 50e-6
PAUSE_MOST_S: Final = 0.1
GAP_LIMIT: Final = 2000
"""Missed entries that are read from the store one by one; after more than that a fresh snapshot is the quicker way."""
SNAPSHOT_LIFE_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The board at a position: its open rows as JSON texts, and how many are open at each level."""

    position: int
    rows: Sequence[str]
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class Health:
    """What the heartbeat tells. `watch_lag_ms` is how late the oldest due look at an incident is; `oldest_unsent_s`
    the age of the oldest message that should have gone out; `blind_s` for how long the log could not be read; `open`
    how many are open at each level, drills included, as on the wall."""

    position: int
    watch_lag_ms: int
    oldest_unsent_s: float
    blind_s: float
    open: Mapping[str, int] = field(default_factory=dict)


class Tail(Protocol):
    """Hands every line after a position to its one subscriber, in order, from a thread of its own."""

    def start(self, deliver: Callable[[Sequence[Stored]], None], after: int) -> None: ...


class Source(Protocol):
    """What the hub reads, on a worker thread. Each may raise when the database is away."""

    def snapshot(self, incident: str | None) -> Snapshot: ...

    def after(self, position: int, limit: int) -> list[Stored]: ...

    def health(self) -> Health: ...


class Hub:
    """`run` listens to the tail and beats the heart; `stop` says good-bye to every stream."""

    def __init__(self, source: Source, clock: Clock, *, beat_s: float = BEAT_S) -> None:
        self.ring = Ring(0)
        self.source: Final = source
        self.walls = 0
        self.beat = 0
        self.beat_data = b""
        self.stopping = False
        self.wake = asyncio.Event()
        self._clock, self._beat_s = clock, beat_s
        self._loop: asyncio.AbstractEventLoop | None = None
        self._scheduled: asyncio.TimerHandle | None = None
        self._woken_at = 0.0
        self._snapshot: tuple[float, int, bytes] | None = None
        self._snapshot_lock = anyio.Lock()

    def feed(self, batch: Sequence[Stored]) -> None:
        """New lines of the log, in order, from the tail's thread."""
        frames = framed(batch)
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._take, frames)

    async def run(self, tail: Tail, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
        """Beats until cancelled. Started once the tail hands on what comes after the log's present end."""
        self._loop = asyncio.get_running_loop()
        health = await to_thread.run_sync(self.source.health)
        self.ring = Ring(health.position)
        await self._heartbeat()
        tail.start(self.feed, health.position)
        task_status.started()
        while True:
            await anyio.sleep(self._beat_s)
            await self._heartbeat()

    def stop(self) -> None:
        """Every stream says good-bye and ends."""
        self.stopping = True
        self._pulse()

    async def snapshot(self) -> tuple[int, bytes]:
        """The board as an event with its position, made at most once a second however many walls ask for it."""
        async with self._snapshot_lock:
            kept = self._snapshot
            if kept is None or monotonic() - kept[0] > SNAPSHOT_LIFE_S or not self.ring.holds(kept[1]):
                position, data = await self.snapshot_of(None)
                kept = self._snapshot = (monotonic(), position, data)
            return kept[1], kept[2]

    async def snapshot_of(self, incident: str | None) -> tuple[int, bytes]:
        found = await to_thread.run_sync(self.source.snapshot, incident)
        head = {"position": found.position, "at": iso(self._clock.now()), "open": found.counts}
        data = f'{json.dumps(head)[:-1]}, "items": [{",".join(found.rows)}]}}'
        return found.position, event("snapshot", data, found.position)

    async def missed(self, position: int, incident: str | None) -> tuple[int, bytes] | None:
        """What came after a position that the ring no longer holds; None when that is too much."""
        found: list[Stored] = []
        while not self.ring.holds(position):
            if self.ring.start - position > GAP_LIMIT:
                return None
            batch = await to_thread.run_sync(self.source.after, position, 500)
            if not batch:
                break
            found += batch
            position = batch[-1].position
        frames = framed(found)
        return position, b"".join(f.data for f in frames if incident in (None, f.incident))

    def _take(self, frames: Sequence[Frame]) -> None:
        self.ring.add(frames)
        if self._scheduled is None:
            pause = min(PAUSE_MOST_S, self.walls * PAUSE_EACH_S)
            wait = max(0.0, self._woken_at + pause - monotonic())
            self._scheduled = asyncio.get_running_loop().call_later(wait, self._pulse)

    def _pulse(self) -> None:
        if self._scheduled is not None:
            self._scheduled.cancel()
            self._scheduled = None
        self._woken_at = monotonic()
        woken, self.wake = self.wake, asyncio.Event()
        woken.set()

    async def _heartbeat(self) -> None:
        try:
            health = await to_thread.run_sync(self.source.health)
        except Exception:  # the walls must hear that the server lives even while the database does not
            _log.warning("heartbeat without figures: the store did not answer", exc_info=True)
            health = Health(self.ring.last, -1, -1.0, -1.0)
        self.beat_data = event("heartbeat", json.dumps(self._figures(health)), None)
        self.beat += 1
        self._pulse()

    def _figures(self, health: Health) -> dict[str, object]:
        unknown = health.watch_lag_ms < 0
        return {
            "position": health.position,
            "at": iso(self._clock.now()),
            "watch_lag_ms": None if unknown else health.watch_lag_ms,
            "oldest_unsent_s": None if unknown else round(health.oldest_unsent_s, 1),
            "blind_s": None if unknown else round(health.blind_s, 1),
            "open": None if unknown else health.open,
        }


def event(name: str, data: str, position: int | None) -> bytes:
    """One event of the stream. `data` is JSON on one line. Only what stands at a position carries an `id`."""
    head = "" if position is None else f"id: {position}\n"
    return f"{head}event: {name}\ndata: {data}\n\n".encode()


def framed(lines: Sequence[Stored]) -> list[Frame]:
    """Each line as an `entry` event. Lines of one decision were written together and share the row after it."""
    frames: list[Frame] = []
    rows: dict[str, str] = {}
    for line in reversed(lines):
        row = line.row or rows.get(line.incident)
        if line.row:
            rows[line.incident] = line.row
        head = {
            "position": line.position,
            "incident": line.incident,
            "seq": line.seq,
            "at": iso(line.at),
            "by": line.by,
            "kind": line.kind,
            "drill": line.drill,
        }
        data = f'{json.dumps(head, ensure_ascii=False)[:-1]}, "row": {row or "null"}}}'
        frames.append(Frame(line.position, line.incident, event("entry", data, line.position)))
    frames.reverse()
    return frames
