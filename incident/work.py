"""What the processes `incident worker` and `incident watch` do, and the RQ job that is the pages' doorbell."""

from __future__ import annotations

import os
import signal
import sqlite3
import threading
from contextlib import suppress
from datetime import timedelta
from types import FrameType

import structlog
from redis.exceptions import RedisError
from rq import Queue, SimpleWorker
from rq.exceptions import StopRequested
from rq.serializers import JSONSerializer
from sqlalchemy.exc import SQLAlchemyError

from incident.desk.auditor import Auditor
from incident.desk.clerk import Clerk
from incident.desk.rounds import Round
from incident.desk.watch import Watch
from incident.errors import Reason
from incident.notify.bell import QUEUE, Listener, listening
from incident.notify.deadman import DeadMan
from incident.notify.deliver import Delivery
from incident.notify.handover import HandOvers
from incident.record.naming import sentence
from incident.running import memory
from incident.running.pulse import Beat, beating
from incident.settings import Settings
from incident.store import accounts, idempotency, signs
from incident.store.engine import cause, changing, fold
from incident.wiring import House, open_house
from incident.words import words_for

_AGAIN_S = 1.0
_FAILED = 1
_TIDY_S = 3600.0
_FOLD_S = 1.0
_SIGN_S = 20.0
ANSWERS_KEPT = timedelta(days=7)
"""How long a request with an Idempotency-Key is recognised."""

log = structlog.get_logger(__name__)
_bound: list[Delivery] = []


def deliver() -> None:
    """The RQ job: somebody has written pages. It only wakes the delivery of this worker process."""
    for delivery in _bound:
        delivery.nudge()


def run_worker(settings: Settings) -> int:
    """Deliver until SIGTERM or Ctrl-C. Without Redis it goes on, looking by itself every second."""
    house = open_house(settings)
    delivery = house.delivery()
    round_ = _Round(beating(os.environ))
    delivery.beat = round_
    memory.settled()
    _bound.append(delivery)
    stop = _stopping()
    threading.Thread(target=_sign, args=(house, round_, stop), name="sign", daemon=True).start()
    line = threading.Thread(target=_or_die, args=(delivery, stop), name="delivery")
    line.start()
    url = settings.redis_url.get_secret_value() if settings.redis_url else None
    listener = Listener(url, delivery.nudge, pages=True) if url else None
    try:
        while not stop.is_set():
            if url is None:
                stop.wait()
            else:
                with suppress(StopRequested):  # asked while RQ was coming or going, where it catches nothing
                    _answer_the_bell(url, stop)
    finally:
        stop.set()
        if listener is not None:
            listener.close()
        delivery.nudge()
        line.join()
        _bound.remove(delivery)
        house.close()
    return 0


class _Round:
    """Notes that delivery's loop has come round, and passes the beat on."""

    def __init__(self, beat: Beat) -> None:
        self._beat = beat
        self.came = False

    def __call__(self) -> None:
        self.came = True
        self._beat()


def _sign(house: House, loop: _Round, stop: threading.Event) -> None:
    """Every 20 s, beside the way of the pages: the loop goes round and this process can write. The auditor reads it."""
    while True:
        if loop.came:
            loop.came = False
            try:
                with changing(house.engine) as connection:
                    signs.sign(connection, signs.WORKER, house.clock.now())
            except SQLAlchemyError as problem:
                log.warning("worker.no_sign", problem=cause(problem))
        if stop.wait(_SIGN_S):
            return


class _Worker(SimpleWorker):
    """RQ's, which puts its own signal handlers in the place of ours: it tells us before it tells Redis, which may be
    away. Whoever is asked to stop must stop all the same."""

    asked: threading.Event

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        self.asked.set()
        super().request_stop(signum, frame)  # type: ignore[no-untyped-call]


def _answer_the_bell(url: str, stop: threading.Event) -> None:
    """One RQ worker's life: until it is told to stop, or Redis is gone and worth trying again."""
    connection = listening(url)
    try:
        queue = Queue(QUEUE, connection=connection, serializer=JSONSerializer)
        worker = _Worker(
            [queue],
            connection=connection,
            serializer=JSONSerializer,
            maintenance_interval=30,
            log_job_description=False,
        )
        worker.max_connection_wait_time = _AGAIN_S  # its own goes up to a minute, in which it would be deaf
        worker.asked = stop
        worker.work(logging_level="WARNING")
        stop.wait(_AGAIN_S)  # it also returns when Redis was silent for too long
    except RedisError as problem:
        log.warning("worker.no_bell", problem=type(problem).__name__)
        stop.wait(_AGAIN_S)
    finally:
        connection.close()


def _or_die(delivery: Delivery, stop: threading.Event) -> None:
    """Delivery is what this process is for: if its loop breaks, the process ends and is started anew."""
    try:
        delivery.run(stop)
    except BaseException:
        log.exception("worker.delivery_broke")
        os._exit(_FAILED)


def run_watch(settings: Settings) -> int:
    """Take up what comes due, until SIGTERM or Ctrl-C. Beside it the clerk reads and the auditor audits."""
    house = open_house(settings)
    watch = Watch(house.desk, house.engine, house.clock)
    watch.beat = beating(os.environ)
    memory.settled()
    stop = _stopping()
    listener = Listener(settings.redis_url.get_secret_value(), watch.nudge) if settings.redis_url else None
    threading.Thread(target=_keep_tidy, args=(house, stop), name="tidy", daemon=True).start()
    threading.Thread(target=_fold, args=(house, stop), name="fold", daemon=True).start()
    beside = [
        threading.Thread(target=Clerk(house.engine).run, args=(stop,), name="clerk"),
        threading.Thread(target=_auditor(house).run, args=(stop,), name="auditor"),
    ]
    if settings.test_pages == "monthly":
        asking = Round(house.desk, house.engine, house.clock, house.directory.organisation)
        beside.append(threading.Thread(target=asking.run, args=(stop,), name="test-pages"))
    if settings.handover == "on":
        changes = HandOvers(house.engine, house.clock, house.directory.organisation, house.directory.windows)
        beside.append(threading.Thread(target=changes.run, args=(stop,), name="hand-overs"))
    for thread in beside:
        thread.start()
    try:
        watch.run(stop)
    finally:
        stop.set()
        for thread in beside:
            thread.join()
        if listener is not None:
            listener.close()
        house.close()
    return 0


def _auditor(house: House) -> Auditor:
    """It speaks the house's language: what it pages is an incident like any other. The dead-man hears of each audit."""
    url, locale = house.settings.deadman_url, house.settings.default_locale

    def say(reason: Reason) -> str:
        return sentence(reason, house.directory.organisation(), words_for(locale))

    deadman = DeadMan(house.engine, house.clock, url.get_secret_value()) if url else None
    return Auditor(
        house.engine,
        house.clock,
        house.desk,
        house.directory.organisation,
        say=say,
        told=lambda audit: deadman.tell(audit.well) if deadman else None,
    )


def _keep_tidy(house: House, stop: threading.Event) -> None:
    """Drop sessions and sign-ins that have expired, and answers that nobody will ask for again; now and every hour."""
    while not stop.is_set():
        now = house.clock.now()
        try:
            with changing(house.engine) as connection:
                accounts.sweep(connection, now)
                idempotency.forget(connection, now - ANSWERS_KEPT)
        except SQLAlchemyError:
            log.exception("watch.not_tidied")
        stop.wait(_TIDY_S)


def _fold(house: House, stop: threading.Event) -> None:
    """Every second: so that no commit, and no page behind it, waits for it."""
    while not stop.wait(_FOLD_S):
        try:
            fold(house.engine)
        except (SQLAlchemyError, sqlite3.Error):
            log.exception("watch.not_folded")


def _stopping() -> threading.Event:
    stop = threading.Event()

    def asked(number: int, frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, asked)
    signal.signal(signal.SIGINT, asked)
    return stop
