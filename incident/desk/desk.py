"""The desk: one writer for each process, one transaction for all commands that wait.

The order of writes, and nothing else: (1) lock; (2) the states, cached if the board's `seq` agrees, else replayed;
(3) the moment, with today's roster; (4) decide, where a refusal leaves nothing; (5) append; (6) orders into the outbox,
and what is no longer wanted cancelled; (7) the board; commit; (8) answer, then ring. An answer before the commit does
not exist, and a bell that fails loses nothing: the relay offers what waits, the tails poll.

Taking all commands that wait into one transaction costs one disk flush for all of them. Should the transaction fail,
each is tried alone, so that only the one that is at fault fails.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, Engine

from incident.clock import Clock, monotonic
from incident.commands import Library
from incident.desk.answer import answer, needs
from incident.desk.asked import Asked, Done, Part
from incident.desk.cache import StateCache
from incident.desk.faults import as_store_error, is_store_error
from incident.desk.requests import (
    Act,
    Bell,
    Busy,
    Closed,
    Idempotency,
    NoteKey,
    OpenReport,
    Outcome,
    RecoverKey,
    Request,
    StoreDown,
    Together,
)
from incident.desk.world import Surroundings, World
from incident.desk.writes import write
from incident.maintenance import NO_WINDOWS, Windows
from incident.organisation import Organisation
from incident.store import codec, directory, log, maintenance
from incident.store.engine import lost_a_race, writing
from incident.store.log import Line, Stored

__all__ = [
    "Act",
    "Bell",
    "Busy",
    "Closed",
    "Desk",
    "Idempotency",
    "NoteKey",
    "OpenReport",
    "Outcome",
    "RecoverKey",
    "StoreDown",
    "Together",
]

_log = logging.getLogger(__name__)

BATCH: Final = 50
"""Commands in one transaction. More would not be faster, only later for the first of them, and for the worker, which
waits for the pen meanwhile: with 256 the pages of a storm in batches lay five times as long."""
LINGER_S: Final = 0.004
"""How long a transaction waits for the company that the last one had."""
RACES: Final = 4
"""How often a transaction that lost a race for row locks is begun before its callers are told to ask again."""
WAITING: Final = 20_000
"""Commands that may wait. More than that is seconds of work: the honest answer is `Busy`."""


@dataclass(frozen=True, slots=True)
class _Pending:
    request: Request
    future: Future[Outcome] | Part


class Desk:
    """Ask with `submit`, from any thread. After each commit `tell` is given its entries, and `ring` is called: both
    must return at once."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        library: Library,
        *,
        ring: Callable[[Bell], None],
        new_id: Callable[[], str],
        new_token: Callable[[], str],
        tell: Callable[[Sequence[Stored]], None] | None = None,
        batch: int = BATCH,
        waiting: int = WAITING,
        cached: int = 1024,
    ) -> None:
        self._engine, self._clock, self._library, self._ring = engine, clock, library, ring
        self._new_id, self._new_token, self._tell = new_id, new_token, tell
        self._batch, self._limit = batch, waiting
        self._cache = StateCache(cached)
        self._organisation: tuple[Organisation, int] | None = None
        self._windows: tuple[Windows, int] = (NO_WINDOWS, 0)
        self._kept: set[str] = set()
        self._queue: queue.SimpleQueue[_Pending | None] = queue.SimpleQueue()
        self._closing = threading.Lock()
        self._closed = False
        codec.warm()
        self._thread = threading.Thread(target=self._run, name="desk", daemon=True)
        self._thread.start()

    def submit(self, request: Request) -> Future[Outcome]:
        """The answer, after the commit: an Outcome, or Refused, Unknown, BadInput, StoreDown.

        Raises Busy when too much waits already, Closed after `close`.
        """
        if self._queue.qsize() >= self._limit:
            raise Busy
        future: Future[Outcome] = Future()
        with self._closing:
            if self._closed:
                raise Closed
            self._queue.put(_Pending(request, future))
        return future

    def submit_all(self, requests: Sequence[Request], done: Done) -> None:
        """Several at once, or one without the cost of a future: `done` is called once, on the desk's thread, with what
        became of each, after the commit of the last. It must return at once.

        Raises Busy or Closed as `submit` does, and then has asked nothing.
        """
        if self._queue.qsize() >= self._limit:
            raise Busy
        whole = Asked(len(requests), done)
        with self._closing:
            if self._closed:
                raise Closed
            for number, request in enumerate(requests):
                self._queue.put(_Pending(request, Part(whole, number)))

    def waiting(self) -> int:
        """How many commands wait for their transaction."""
        return self._queue.qsize()

    def close(self) -> None:
        """Answer everything that was asked before, and stop. Twice is once."""
        with self._closing:
            if not self._closed:
                self._closed = True
                self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        company = 1
        while (first := self._queue.get()) is not None:
            batch, last = self._take(first, company)
            company = len(batch)
            self._serve(batch)
            if last:
                return

    def _take(self, first: _Pending, company: int) -> tuple[list[_Pending], bool]:
        """Everything that waits, up to a limit; and whether the desk was closed behind it.

        Where the last ones came in `company`, as many are awaited for a moment: whoever was answered together asks
        again together, and one transaction for ten costs a third of ten. One who comes alone never waits.
        """
        batch, until = [first], monotonic() + LINGER_S
        while len(batch) < self._batch:
            try:
                left = until - monotonic() if len(batch) < company else 0.0
                pending = self._queue.get(timeout=left) if left > 0 else self._queue.get_nowait()
            except queue.Empty:
                break
            if pending is None:
                return batch, True
            batch.append(pending)
        return batch, False

    def _serve(self, batch: Sequence[_Pending]) -> None:
        """Answer each of them, whatever happens: this thread lives as long as the process."""
        wanted = [pending for pending in batch if pending.future.set_running_or_notify_cancel()]
        if not wanted:
            return
        try:
            self._commit_again(wanted)
        except _CommitFailed as failed:
            _fail(wanted, as_store_error(failed.error))
        except Exception as error:
            if len(wanted) == 1:
                _fail(wanted, as_store_error(error) if is_store_error(error) else error)
            else:
                _log.warning("a transaction of %d commands failed, each is tried alone", len(wanted), exc_info=True)
                self._one_by_one(wanted)

    def _one_by_one(self, wanted: Sequence[_Pending]) -> None:
        """Find the one at fault. After two that fail because of the store itself the others are not kept waiting."""
        down = 0
        for number, pending in enumerate(wanted):
            try:
                self._commit_again([pending])
                down = 0
            except _CommitFailed as failed:
                _fail([pending], as_store_error(failed.error))
                down += 1
            except Exception as error:
                broken = is_store_error(error)
                down = down + 1 if broken else 0
                _fail([pending], as_store_error(error) if broken else error)
            if down == 2:
                _fail(wanted[number + 1 :], StoreDown())
                return

    def _commit_again(self, wanted: Sequence[_Pending]) -> None:
        """Commit; what the database took back in favour of another transaction is simply begun anew."""
        for _ in range(RACES - 1):
            try:
                return self._commit(wanted)
            except _CommitFailed:
                raise
            except Exception as error:
                if not lost_a_race(error):
                    raise
        return self._commit(wanted)

    def _commit(self, wanted: Sequence[_Pending]) -> None:
        """One transaction for all of them, then their answers. Raises when nothing was written."""
        answers: list[Outcome | Exception] = []
        committing = False
        try:
            with writing(self._engine) as connection:
                world = self._world(connection, [pending.request for pending in wanted])
                answers = [_answered(pending.request, world) for pending in wanted]
                bell = self._write(connection, world)
                committing = True
        except Exception as error:
            if committing:  # it may have been done all the same: nobody may try it again behind the caller's back
                raise _CommitFailed(error) from error
            raise
        self._kept |= world.writes.documents.keys()
        for incident in (*world.writes.opened, *world.writes.changed):
            self._cache.put(world.states[incident])
        for pending, found in zip(wanted, answers, strict=True):
            if isinstance(found, Exception):
                pending.future.set_exception(found)
            else:
                pending.future.set_result(found)
        if bell is not None:
            self._rung(bell, world.writes.lines)

    def _world(self, connection: Connection, requests: Sequence[Request]) -> World:
        beginning = log.beginning(connection)
        around = Surroundings(
            clock=self._clock,
            library=self._library,
            organisation=self._today(connection, beginning.organisation),
            new_id=self._new_id,
            new_token=self._new_token,
            kept=frozenset(self._kept),
            windows=self._maintenance(connection, beginning.maintenance),
        )
        return World.read(connection, around, needs(requests), self._cache, beginning)

    def _today(self, connection: Connection, standing: int) -> Organisation:
        """The organisation as it is saved now. Raises NoOrganisation before one was loaded."""
        if self._organisation is None or self._organisation[1] != standing:
            self._organisation = directory.load_organisation(connection)[0], standing
        return self._organisation[0]

    def _maintenance(self, connection: Connection, standing: int) -> Windows:
        """The windows as they are saved now."""
        if self._windows[1] != standing:
            self._windows = maintenance.load(connection)
        return self._windows[0]

    def _write(self, connection: Connection, world: World) -> Bell | None:
        writes, now = world.writes, self._clock.now()
        if not writes:
            return None
        sends = writes.sends()
        after = {incident: world.standing(incident) for incident in writes.changed}
        write(connection, writes, head=world.head, after=after, sends=sends, held=world.held, now=now)
        due = [ordered.send for ordered in sends if not ordered.cancelled and ordered.send.not_before <= now]
        return Bell(world.position, len(due), any(send.first for send in due)) if writes.lines else None

    def _rung(self, bell: Bell, lines: Sequence[Line]) -> None:
        try:
            self._ring(bell)
        except Exception:  # whatever the bell is made of, a broken one must not stop the desk
            _log.exception("the bell failed; the relay and the tails look by themselves")
        try:
            if self._tell is not None:
                self._tell([line.stored() for line in lines])
        except Exception:  # the walls read the log by themselves, a quarter of a second later
            _log.exception("nobody took the entries")


class _CommitFailed(Exception):
    """The database failed in the commit itself: whether it was done is not known."""

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.error: Final = error


def _answered(request: Request, world: World) -> Outcome | Exception:
    try:
        return answer(request, world)
    except Exception as error:  # a refusal, or a fault in the core: either way it is this one's alone
        return as_store_error(error) if is_store_error(error) else error


def _fail(pending: Sequence[_Pending], error: Exception) -> None:
    for one in pending:
        one.future.set_exception(error)
