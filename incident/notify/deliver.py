"""Delivery: claim, last look, send, settle. One loop in each worker process, many messages in flight.

The law of the order: a double page is allowed, a silence is not. A send is claimed under a lease before it goes and
settled after; a crash in between leaves the lease, which runs out, and the send is offered again. What cannot be sent
at all is set aside and reported, and the line goes on.

One transaction settles all that has come back and claims all that may go out: under load it is the number of
transactions that costs, not the number of messages.
"""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from datetime import timedelta
from functools import partial
from typing import Final

import structlog
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from incident.clock import Clock, FastClock, monotonic, pause
from incident.desk.desk import Desk
from incident.desk.requests import Act, Outcome
from incident.errors import IncidentError, Refused
from incident.notify.gate import Gate, Rules
from incident.notify.prepare import Directory, Preparation
from incident.notify.provider_watch import ProviderWatch
from incident.notify.providers import Carriers, Providers
from incident.notify.sending import Sender
from incident.notify.settle import Tried, ended, settle
from incident.store import outbox, sends
from incident.store.engine import changing, lost_a_race, reading

LEASE: Final = timedelta(seconds=12)
"""In real seconds: longer than the slowest provider call with its settling, short enough after a crash."""
POLL_S: Final = 1.0
"""How long a lost bell can delay a page."""
OTHERS_FIRST_S: Final = 3.0
"""After the database was away nobody takes over what has run out: whoever sent it writes that down first."""
IN_FLIGHT: Final = 128
"""As many as one provider has connections. As many more are claimed ahead as went well in the turn before, so that the
connections are not idle while what came back is settled; where nobody answers nothing is claimed ahead, and the next
free connection is the most urgent message's."""
GATHER_S: Final = 0.006
"""After a turn that moved several messages the next one waits so long, and finds more: in a storm a transaction costs
as much as ten messages. One page by itself never waits."""
RACES: Final = 4
UNTOLD_AFTER: Final = timedelta(seconds=2)
"""How long, in real seconds, another process has to tell the log what became of a page."""

log = structlog.get_logger(__name__)


class Delivery:
    """Moves sends from waiting to sent. `name` must be this process's own: leases are taken in it.

    `is_dead` tells of another's name that its process is certainly gone; in doubt the lease runs out. `secret` is the
    house's, from which the codes follow that confirm a way.
    """

    def __init__(
        self,
        *,
        engine: Engine,
        desk: Desk,
        directory: Directory,
        channels: Carriers,
        clock: Clock,
        public_url: str,
        name: str,
        jitter: Callable[[], float],
        secret: str,
        is_dead: Callable[[str], bool] = lambda name: False,
        in_flight: int = IN_FLIGHT,
        rules: Rules | None = None,
    ) -> None:
        self._engine, self._desk, self._clock, self._directory = engine, desk, clock, directory
        self._name, self._jitter = name, jitter
        self._providers = Providers(channels, clock, jitter=jitter)
        self._is_dead, self._gate = is_dead, Gate(rules or Rules())
        self._in_flight = in_flight
        self._rate = clock.rate if isinstance(clock, FastClock) else 1.0
        self._preparation = Preparation(
            engine=engine,
            directory=directory,
            providers=self._providers,
            clock=clock,
            public_url=public_url,
            name=name,
            secret=secret,
        )
        self._sender = Sender(clock, self._came_back, self._providers)
        self._provider_watch = ProviderWatch(engine, self._providers, self._sender, directory)
        self._bell = threading.Event()
        self._rung = True
        self._back: queue.SimpleQueue[list[Tried]] = queue.SimpleQueue()
        self._flying, self._ahead = set[int](), 0
        self._claimed: list[outbox.Outgoing] = []
        self._unsettled, self._unsaid = list[Tried](), list[Tried]()
        self._told: deque[int] = deque()
        self._kept_house = self._took_over_at = self._asked_at = float("-inf")
        self._seeing_since = self._said_at = float("-inf")
        self._in_doubt = self._several = False
        self.beat: Callable[[], None] = lambda: None
        """Called each time the loop comes round: the sign of life of the process whose loop it is."""

    def nudge(self) -> None:
        """There may be something to send: look now instead of within a second."""
        self._rung = True
        self._bell.set()

    def run(self, stop: threading.Event) -> None:
        """Deliver until `stop` is set; what is in flight then is finished and settled first."""
        while not stop.is_set():
            self.beat()
            try:
                self.drain(look_behind=False)
                self._keep_house()
                rest = self._pause()
            except (SQLAlchemyError, IncidentError) as problem:
                log.exception("delivery.blind", problem=type(problem).__name__)
                self._seeing_since, self._in_doubt = monotonic(), True
                rest = POLL_S
            self._bell.wait(rest)
            self._bell.clear()
        self._finish()

    def drain(self, *, look_behind: bool = True) -> int:
        """Send everything whose time has come, with as many in flight as are allowed. Returns how many went.

        `look_behind`: look also now for what others have left behind, not only once a second.
        """
        done, self._rung = 0, True
        while True:
            self.beat()
            done += self._turn()
            idle = not (self._flying or self._rung or self._unsettled)
            if ((idle and look_behind) or monotonic() - self._took_over_at > POLL_S) and self._take_over():
                self._rung = True
            if monotonic() - self._asked_at > POLL_S:  # the bell may be deaf, and a time may have come
                self._rung = True
            if idle or monotonic() - self._said_at > POLL_S:
                self._say()
            if idle and not self._rung:
                return done
            if self._several:
                pause(GATHER_S)
            if not self._unsettled and not self._may_claim():  # a call that hangs holds up nobody: a new page rings
                self._bell.wait(POLL_S)
                self._bell.clear()

    def _may_claim(self) -> bool:
        return self._rung and self._free() > 0

    def _free(self) -> int:
        return self._in_flight + self._ahead - len(self._flying)

    def _turn(self) -> int:
        """Settle what has come back, claim what may go, send it. Returns how many were settled."""
        self._go(())
        self._several = False
        returned = self._returned()
        self._ahead = min(sum(one.sent is not None for one in returned), self._in_flight)
        self._unsettled += returned
        free = self._free() if self._may_claim() else 0
        if not self._unsettled and not free:
            return 0
        if free:
            self._rung, self._asked_at = False, monotonic()
        claimed = self._written(free)
        settled = len(self._unsettled)
        # A full hand may leave more behind; a way that has failed makes the person's next one due.
        # Only ever set here: a nudge that comes in this moment must not be written over.
        if (free and self._gate.more) or any(not tried.sent for tried in self._unsettled):
            self._rung = True
        self._unsettled = []
        self._several = settled + len(claimed) > 1
        self._go(claimed)
        return settled

    def _go(self, claimed: Sequence[outbox.Outgoing]) -> None:
        """Send what was claimed. What has come to its end before is settled with the next turn.

        What was claimed is kept until it has gone: should the database be away at the last look, it is looked at again
        as soon as it is back, and whoever has taken it over by then keeps it.
        """
        self._claimed += claimed
        if self._claimed:
            jobs, over = self._preparation.ready(self._claimed)
            self._claimed = []
            self._flying |= {job.send.id for job in jobs}
            self._unsettled += over
            self._sender.start(jobs)

    def _came_back(self, tried: list[Tried]) -> None:
        self._back.put(tried)
        self._bell.set()

    def _returned(self) -> list[Tried]:
        found: list[Tried] = []
        while True:
            try:
                found += self._back.get_nowait()
            except queue.Empty:
                break
        self._flying -= {tried.send.id for tried in found}
        return sorted(found, key=lambda tried: tried.send.id)

    def _written(self, free: int) -> list[outbox.Outgoing]:
        """What has gone out must be written down, or it goes out again: a lost race for row locks is run again."""
        told, tries = self._drained(), RACES
        while True:
            tries -= 1
            try:
                with changing(self._engine) as connection:
                    news = self._settled(connection, told)
                    claimed = self._claim(connection, free) if free else []
                break
            except SQLAlchemyError as problem:
                if not tries or not lost_a_race(problem):
                    self._told.extend(told)
                    raise
        self._tell(news)
        self._unsaid += [tried for tried in self._unsettled if tried.sent]
        _log(self._unsettled)
        return claimed

    def _settled(self, connection: Connection, told: list[int]) -> dict[int, list[Act]]:
        who = self._directory.organisation
        news = settle(connection, self._unsettled, by=self._name, jitter=self._jitter, organisation=who)
        sends.told(connection, [*told, *(send for send, acts in news.items() if not acts)])
        return news

    def _claim(self, connection: Connection, free: int) -> list[outbox.Outgoing]:
        return self._gate.claim(connection, self._clock.now(), free, LEASE * self._rate, self._name)

    def _take_over(self) -> bool:
        """Offer again what others have left behind: leases that ran out, or whose holder is gone."""
        self.beat()
        now = self._clock.now()
        self._took_over_at = monotonic()
        with reading(self._engine) as connection:
            dead = [name for name in outbox.lessees(connection) if self._is_dead(name)]
            patient = monotonic() - self._seeing_since > OTHERS_FIRST_S
            overdue = patient and outbox.has_overdue_leases(connection, now)
        if not dead and not overdue and not self._in_doubt:
            return False
        with changing(self._engine) as connection:
            left = outbox.release(connection, dead) if dead else 0
            if self._in_doubt:  # a claim may have been committed although we never heard so
                left += outbox.release_own(connection, self._name, self._in_hand())
            left += outbox.recover(connection, now) if overdue else 0
        self._in_doubt = False
        log.warning("delivery.took_over", sends=left)
        return left > 0

    def _in_hand(self) -> set[int]:
        return self._flying | {send.id for send in self._claimed} | {tried.send.id for tried in self._unsettled}

    def _finish(self) -> None:
        """Wait for what is in flight, settle it, and let go of the channels."""
        while self._flying:
            found = self._back.get()
            self._unsettled += found
            self._flying -= {tried.send.id for tried in found}
        if self._unsettled:
            self._written(0)
            self._unsettled = []
        self._say()
        self._sender.close(self._providers.all)

    def _say(self) -> None:
        """One line for all that went out since the last one: when there is nothing to do, or after a second of work.
        Each attempt is written down anyway."""
        self._said_at, said, self._unsaid = monotonic(), self._unsaid, []
        if said:
            slowest = round(max(tried.took_s for tried in said) * 1000)
            ids = ",".join(str(tried.send.id) for tried in said)  # one text: each value is searched for secrets
            log.info("delivery.sent", count=len(said), sends=ids, slowest_ms=slowest)

    def _pause(self) -> float:
        with reading(self._engine) as connection:
            at = outbox.next_at(connection)
        if at is None:
            return POLL_S
        return min(max((at - self._clock.now()).total_seconds() / self._rate, 0.0), POLL_S)

    def _keep_house(self) -> None:
        self.beat()
        if monotonic() - self._kept_house >= POLL_S:
            self._tell_what_nobody_told()
            self._provider_watch.look()
            self._kept_house = monotonic()

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


def _log(settled: Sequence[Tried]) -> None:
    """One line for each that did not go out."""
    for tried in settled:
        send = tried.send
        told = {"send": send.id, "incident": send.incident, "person": send.person, "way": send.way}
        if tried.failed:
            outcome = tried.failed.outcome
            log.warning("delivery.failed", reason=outcome.reason.key, code=tried.failed.code, **told)
            if outcome.alarm:
                log.error("delivery.provider_alarm", reason=outcome.reason.key, **told)
        elif tried.reason:
            log.warning("delivery.ended", reason=tried.reason.key, state=str(tried.ended), **told)
