"""Delivery: claim, last look, send, settle. One loop in each worker process, many requests in flight.

The law of the order: a double page is allowed, a silence is not. A send is claimed under a lease before it goes and
settled after; a crash in between leaves the lease, which runs out, and the send is offered again. What cannot be sent
at all is set aside and reported, and the line goes on.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import timedelta
from functools import partial
from typing import Final, Protocol

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from incident.clock import Clock, FastClock, monotonic
from incident.desk.desk import Desk
from incident.desk.requests import Act, Outcome
from incident.errors import IncidentError, Refused, why
from incident.notify import guard
from incident.notify.channels import Channel, SendFailed
from incident.notify.compose import address, compose, masked
from incident.notify.settle import Tried, ended, settle
from incident.organisation import Organisation
from incident.organisation.people import WayKind
from incident.store import outbox, pages, sends
from incident.store.engine import changing, lost_a_race, reading
from incident.store.outbox import SendState

LEASE: Final = timedelta(seconds=12)
"""In real seconds: longer than the slowest provider call (5 s) with its settling, short enough after a crash."""
POLL_S: Final = 1.0
"""How long a lost bell can delay a page."""
OTHERS_FIRST_S: Final = 3.0
"""After the database was away nobody takes over what has run out: whoever sent it writes that down first."""
POISON_AFTER: Final = 3
RACES: Final = 4
UNTOLD_AFTER: Final = timedelta(seconds=2)
"""How long, in real seconds, another process has to tell the log what became of a page."""

log = structlog.get_logger(__name__)


class Directory(Protocol):
    def organisation(self) -> Organisation: ...


class Delivery:
    """Moves sends from waiting to sent. `name` must be this process's own: leases are taken in it.

    `is_dead` tells of another's name that its process is certainly gone; in doubt the lease runs out.
    """

    def __init__(
        self,
        *,
        engine: Engine,
        desk: Desk,
        directory: Directory,
        channels: Mapping[WayKind, Channel],
        clock: Clock,
        public_url: str,
        name: str,
        jitter: Callable[[], float],
        is_dead: Callable[[str], bool] = lambda name: False,
        threads: int = 16,
    ) -> None:
        self._engine, self._desk, self._directory, self._clock = engine, desk, directory, clock
        self._channels, self._public_url, self._name, self._jitter = channels, public_url, name, jitter
        self._is_dead = is_dead
        self._threads = threads
        self._rate = clock.rate if isinstance(clock, FastClock) else 1.0
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="send")
        self._bell = threading.Event()
        self._flying: set[Future[Tried]] = set()
        self._told: deque[int] = deque()
        self._unsettled: list[Tried] = []
        self._seeing_since = float("-inf")
        self.beat: Callable[[], None] = lambda: None
        """Called each time the loop comes round: the sign of life of the process whose loop it is."""

    def nudge(self) -> None:
        """There may be something to send: look now instead of within a second."""
        self._bell.set()

    def run(self, stop: threading.Event) -> None:
        """Deliver until `stop` is set; what is in flight then is finished and settled first."""
        while not stop.is_set():
            self.beat()
            try:
                self.drain()
                self._tell_what_nobody_told()
                pause = self._pause()
            except (SQLAlchemyError, IncidentError) as problem:
                log.exception("delivery.blind", problem=type(problem).__name__)
                self._seeing_since = monotonic()
                pause = POLL_S
            self._bell.wait(pause)
            self._bell.clear()
        self._finish()
        self._pool.shutdown()

    def drain(self) -> int:
        """Send everything whose time has come, with as many in flight as there are threads. Returns how many went."""
        done = 0
        while True:
            self.beat()
            settled = self._settle_landed()  # before the claim, which offers again whatever nobody settled in time
            done += settled
            for send in self._claim():
                future = self._pool.submit(self._try, send)
                self._flying.add(future)
                future.add_done_callback(lambda _: self._bell.set())
            if self._flying:  # a call that hangs holds up nobody: a new page rings the bell, and there are threads left
                self._bell.wait(POLL_S)
                self._bell.clear()
            elif not settled:
                return done

    def _settle_landed(self) -> int:
        """Write down what has come back; what cannot be written now is kept, and tried first the next time."""
        ready = {future for future in self._flying if future.done()}
        self._flying -= ready
        self._unsettled += sorted((future.result() for future in ready), key=lambda tried: tried.send.id)
        settled = len(self._unsettled)
        if settled:
            self._settle(self._unsettled)
            self._unsettled = []
        return settled

    def _claim(self) -> list[outbox.Outgoing]:
        free = self._threads - len(self._flying)
        if free <= 0:
            return []
        now = self._clock.now()
        with reading(self._engine) as connection:
            if outbox.oldest_unsent(connection, now) is None:
                return []
            dead = [name for name in outbox.lessees(connection) if self._is_dead(name)]
        with changing(self._engine) as connection:
            if dead:
                log.warning("delivery.took_over", sends=outbox.release(connection, dead))
            if monotonic() - self._seeing_since > OTHERS_FIRST_S:
                outbox.recover(connection, now)
            return outbox.claim(connection, now, free, LEASE * self._rate, self._name)

    def _finish(self) -> None:
        ready, self._flying = wait(self._flying)
        self._unsettled += [future.result() for future in ready]
        if self._unsettled:
            self._settle(self._unsettled)

    def _pause(self) -> float:
        with reading(self._engine) as connection:
            at = outbox.next_at(connection)
        if at is None:
            return POLL_S
        return min(max((at - self._clock.now()).total_seconds() / self._rate, 0.0), POLL_S)

    def _try(self, send: outbox.Outgoing) -> Tried:
        """One attempt, in a thread of its own. Never raises: whatever goes wrong is an outcome of this send alone."""
        start = monotonic()
        try:
            return self._send(send, start)
        except SendFailed as failed:
            return Tried(send, at=self._clock.now(), failed=failed, took_s=monotonic() - start)
        except Exception as problem:
            log.error("delivery.poison", send=send.id, problem=type(problem).__name__, exc_info=True)
            reason = why("page.failed.poison", problem=type(problem).__name__)
            state = SendState.SET_ASIDE if send.attempts >= POISON_AFTER else None
            return Tried(send, at=self._clock.now(), ended=state, reason=reason, took_s=monotonic() - start)

    def _send(self, send: outbox.Outgoing, start: float) -> Tried:
        now = self._clock.now()
        if now > send.expires_at:
            return Tried(send, at=now, ended=SendState.EXPIRED, reason=why("page.failed.too_old"))
        channel = self._channels.get(WayKind(send.way))
        person = self._directory.organisation().person(send.person)
        to = address(person, WayKind(send.way))
        if channel is None or person is None or to is None:
            return Tried(send, at=now, ended=SendState.FAILED, reason=why("page.failed.no_way"))
        barred = guard.barred(send.drill, channel.provider)
        if barred:
            return Tried(send, at=now, ended=SendState.SET_ASIDE, reason=barred)
        with reading(self._engine) as connection:
            wanted = outbox.look(connection, send.id, self._name)
            others = pages.others_open(connection, person=send.person, incident=send.incident)
        if wanted is None:
            return Tried(send, at=now)
        message = compose(
            send, person, to, provider=channel.provider, public_url=self._public_url, others_open=others, now=now
        )
        answer = channel.send(message)
        return Tried(
            send,
            at=self._clock.now(),
            sent=answer,
            body=masked(message.body, send),
            provider=channel.provider,
            took_s=monotonic() - start,
        )

    def _settle(self, tried: list[Tried]) -> None:
        """What has gone out must be written down, or it goes out again: a lost race for row locks is run again."""
        told, tries = self._drained(), RACES
        while True:
            tries -= 1
            try:
                with changing(self._engine) as connection:
                    news = {t.send.id: list(settle(connection, t, by=self._name, jitter=self._jitter())) for t in tried}
                    sends.told(connection, [*told, *(send for send, acts in news.items() if not acts)])
                break
            except SQLAlchemyError as problem:
                if not tries or not lost_a_race(problem):
                    raise
        self._tell(news)
        for one in tried:
            _log(one)

    def _tell_what_nobody_told(self) -> None:
        """A process that died between its commit and its word to the log left this behind. Told twice is told once."""
        before = self._clock.now() - UNTOLD_AFTER * self._rate
        with reading(self._engine) as connection:
            left = sends.untold(connection, before)
        if not left and not self._told:
            return
        with changing(self._engine) as connection:
            news = {send.id: list(ended(connection, send, self._clock.now())) for send in left}
            sends.told(connection, [*self._drained(), *(send for send, acts in news.items() if not acts)])
        self._tell(news)

    def _tell(self, news: Mapping[int, list[Act]]) -> None:
        for send, acts in news.items():
            for act in acts:
                self._desk.submit(act).add_done_callback(partial(self._was_told, send))

    def _was_told(self, send: int, future: Future[Outcome]) -> None:
        problem = future.exception()
        if problem is None or isinstance(problem, Refused):
            self._told.append(send)
        else:
            log.warning("delivery.not_told", send=send, problem=type(problem).__name__)

    def _drained(self) -> list[int]:
        found = []
        while self._told:
            found.append(self._told.popleft())
        return found


def _log(tried: Tried) -> None:
    send = tried.send
    told = {"send": send.id, "incident": send.incident, "person": send.person, "way": send.way, "try": send.attempts}
    if tried.sent:
        log.info("delivery.sent", took_ms=round(tried.took_s * 1000), **told)
    elif tried.failed:
        outcome = tried.failed.outcome
        log.warning("delivery.failed", reason=outcome.reason.key, code=tried.failed.code, **told)
        if outcome.alarm:
            log.error("delivery.provider_alarm", reason=outcome.reason.key, **told)
    elif tried.reason:
        log.warning("delivery.ended", reason=tried.reason.key, state=str(tried.ended), **told)
