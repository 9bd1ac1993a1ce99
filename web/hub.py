"""One hub for each process: fed by the tail of the log, it hands every open stream what the stream has not had yet.

To wake a task costs many times what its bytes cost. So the hub itself writes to the walls that rest, the same bytes to
all that stand at the same position, and their own tasks sleep on. It goes round: a few walls, a rest in which reports
and answers have the processor, the next few; so a round of a thousand takes a tenth of a second and nobody notices it.
What comes meanwhile goes out together, to whose turn it is then. Who still has something to read is passed over: that
costs nothing but a look, and all that waits goes out when they are ready.

All methods but `feed` run on the event loop.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final, Protocol

import anyio
import structlog
from anyio import to_thread
from anyio.abc import TaskStatus

from incident.clock import Clock, iso, monotonic
from incident.store.log import Stored
from web.frames import event, framed
from web.ring import Frame, Ring
from web.wall import Portion, Wall

_log = structlog.get_logger()

BEAT_S: Final = 5.0
LOOK_AGAIN_S: Final = 0.1
"""At walls that have not read yet what they were given."""
PACE: Final = 10_000
"""Walls served in a second while there are no more than a thousand; of more a tenth of all in each 10 ms."""
SLICE: Final = 200
"""Walls served at a stretch, at most: two to four milliseconds."""
REST_S: Final = 0.003
"""Between two slices. A mere turn of the loop would not do: while this thread has something to run, each thread that
comes back from the database waits milliseconds for the interpreter, and a report needs it a dozen times."""
GAP_LIMIT: Final = 2000
"""Missed entries that are read from the store one by one; after more than that a fresh snapshot is the quicker way."""
BATCH: Final = 500
PORTIONS_MOST: Final = 16
"""Kept at once. Slow walls stand at many places: what they get is not worth keeping for others."""
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
    how many are open at each level, drills included, as on the wall; `audit` what the auditor found; `load` a flood of
    alarms, None when there is none."""

    position: int
    watch_lag_ms: int
    oldest_unsent_s: float
    blind_s: float
    open: Mapping[str, int] = field(default_factory=dict)
    audit: Mapping[str, object] | None = None
    load: Mapping[str, object] | None = None


class Tail(Protocol):
    """Hands every line after a position to its one subscriber, in order, from a thread of its own."""

    def start(self, deliver: Callable[[Sequence[Stored]], None], after: int) -> None: ...


class Source(Protocol):
    """What the hub reads, on a worker thread. Each may raise when the database is away."""

    def snapshot(self, incident: str | None) -> Snapshot: ...

    def after(self, position: int, limit: int) -> list[Stored]: ...

    def health(self) -> Health: ...

    def writable(self) -> bool:
        """Whether something can be written now. Never raises."""
        ...


class Hub:
    """`run` listens to the tail and beats the heart; `stop` says good-bye to every stream. `walls` are open
    streams; `held`: at the last beat, what was restored from a backup paged nobody."""

    def __init__(self, source: Source, clock: Clock, *, beat_s: float = BEAT_S) -> None:
        self.ring = Ring(0)
        self.source: Final = source
        self.walls = 0
        self.beat = 0
        self.beat_data = b""
        self.stopping = False
        self.held = False
        self._writable, self._refused_at = True, float("-inf")
        self._clock, self._beat_s = clock, beat_s
        self._loop: asyncio.AbstractEventLoop | None = None
        self._due = asyncio.Event()
        self._resting: dict[Wall, None] = {}
        self._behind: dict[Wall, None] = {}
        self._portions: dict[tuple[int, int, str | None], Portion] = {}
        self._snapshot: tuple[float, Portion] | None = None
        self._snapshot_lock = anyio.Lock()

    @property
    def refusing(self) -> bool:
        """Whether reports and answers are turned away because nothing can be written: walls and pages must say so."""
        return not self._writable or monotonic() - self._refused_at < 2 * self._beat_s

    def refused(self) -> None:
        """Somebody was just told so. A disk that is full for them may still take what is smaller."""
        self._refused_at = monotonic()

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
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._hand_on)
            tail.start(self.feed, health.position)
            task_status.started()
            while True:
                await anyio.sleep(self._beat_s)
                await self._heartbeat()

    def stop(self) -> None:
        """Every stream says good-bye and ends."""
        self.stopping = True
        for wall in tuple(self._resting):
            wall.call()

    async def first(self, seen: int | None, incident: str | None) -> Portion:
        """The first portion for somebody who has seen up to there: what came since then, or a snapshot.

        A position that the log has not reached is from another database (a restored backup): a snapshot puts it right.
        """
        if seen is not None and seen <= self.ring.last:
            if self.ring.holds(seen):
                return Portion(seen, b"")
            if self.ring.start - seen <= GAP_LIMIT:
                lines = await to_thread.run_sync(self.source.after, seen, BATCH)
                if lines:
                    data = b"".join(f.data for f in framed(lines) if incident in (None, f.incident))
                    return Portion(lines[-1].position, data)
        return await (self._board() if incident is None else self._snapshot_of(incident))

    def waiting(self, wall: Wall) -> Portion | None:
        """What this wall has not had yet, made once for all that stand where it stands; None when it is behind the
        ring, where `first` has to find it."""
        key = (wall.position, wall.beat, wall.incident)
        found = self._portions.get(key)
        if found is None:
            if not self.ring.holds(wall.position):
                return None
            position, data = self.ring.after(wall.position, wall.incident)
            found = Portion(position, data if wall.beat == self.beat else data + self.beat_data, self.beat)
            if len(self._portions) >= PORTIONS_MOST:
                self._portions.clear()
            self._portions[key] = found
        return found

    @contextmanager
    def resting(self, wall: Wall) -> Iterator[None]:
        """While the block lasts the hub writes to this wall by itself, and calls it when its own task is needed."""
        self._resting[wall] = None
        if self._owes(wall):
            self._behind[wall] = None
            self._due.set()
        try:
            yield
        finally:
            self._resting.pop(wall, None)
            self._behind.pop(wall, None)

    def _owes(self, wall: Wall) -> bool:
        return wall.position < self.ring.last or wall.beat != self.beat

    def _take(self, frames: Sequence[Frame]) -> None:
        self.ring.add(frames)
        self._tell()

    def _tell(self) -> None:
        """There is something for everybody."""
        self._portions.clear()
        self._behind = dict(self._resting)
        self._due.set()

    async def _hand_on(self) -> None:
        while True:
            with anyio.move_on_after(LOOK_AGAIN_S if self._behind else None):
                await self._due.wait()
            self._due.clear()
            await self._round(tuple(self._behind))

    async def _round(self, walls: Sequence[Wall]) -> None:
        """Serve each of them once, at an even pace: a loop that is busy comes back late and finds more of them due.

        Who was served longest ago comes first in the next round: what comes in the middle of one would else let those
        at the front have two turns where those at the end have one.
        """
        began, served, pace = monotonic(), 0, max(PACE, 10 * len(walls))
        while served < len(walls):
            now = monotonic()
            due = int((now - began + REST_S) * pace)
            for wall in walls[served : min(due, served + SLICE)]:
                if wall in self._behind:
                    self._serve(wall, now)
            served = min(due, served + SLICE)
            await asyncio.sleep(REST_S)

    def _serve(self, wall: Wall, now: float) -> None:
        """One wall's turn: it stays behind while it has not read what it was given, or when there was too much."""
        try:
            if wall.check_at <= self.beat:
                wall.call()
            elif wall.ready(now):
                portion = self.waiting(wall)
                if portion is None or not wall.take(portion):
                    wall.call()
                else:
                    self._resting[wall] = self._resting.pop(wall)  # to the end: see `_round`
                    if not self._owes(wall):
                        self._behind.pop(wall, None)
        except Exception:  # one wall's failure is its own
            _log.warning("wall.failed", exc_info=True)
            self._resting.pop(wall, None)
            self._behind.pop(wall, None)

    async def _board(self) -> Portion:
        """The board, made at most once a second however many walls ask for it."""
        async with self._snapshot_lock:
            kept = self._snapshot
            if kept is None or monotonic() - kept[0] > SNAPSHOT_LIFE_S or not self.ring.holds(kept[1].position):
                kept = self._snapshot = (monotonic(), await self._snapshot_of(None))
            return kept[1]

    async def _snapshot_of(self, incident: str | None) -> Portion:
        found = await to_thread.run_sync(self.source.snapshot, incident)
        head = {"position": found.position, "at": iso(self._clock.now()), "open": found.counts}
        data = f'{json.dumps(head)[:-1]}, "items": [{",".join(found.rows)}]}}'
        return Portion(found.position, event("snapshot", data, found.position))

    async def _heartbeat(self) -> None:
        try:
            health = await to_thread.run_sync(self.source.health)
            self.held = bool(health.audit and health.audit["held"])
            self._writable = await to_thread.run_sync(self.source.writable)
        except Exception:  # the walls must hear that the server lives even while the database does not
            _log.warning("heartbeat without figures: the store did not answer", exc_info=True)
            health, self._writable = Health(self.ring.last, -1, -1.0, -1.0), False
        self.beat_data = event("heartbeat", json.dumps(self._figures(health)), None)
        self.beat += 1
        self._tell()

    def _figures(self, health: Health) -> dict[str, object]:
        unknown = health.watch_lag_ms < 0
        return {
            "position": health.position,
            "at": iso(self._clock.now()),
            "watch_lag_ms": None if unknown else health.watch_lag_ms,
            "oldest_unsent_s": None if unknown else round(health.oldest_unsent_s, 1),
            "blind_s": None if unknown else round(health.blind_s, 1),
            "open": None if unknown else health.open,
            "audit": None if unknown else health.audit,
            "load": None if unknown else health.load,
            "refusing": self.refusing,
        }
