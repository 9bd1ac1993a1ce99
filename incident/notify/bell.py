"""The bell: after a commit it tells the other processes to look again. It carries no news, and losing it loses nothing.

A number on a Redis channel, with a word when there are pages to send: workers and watches hear it within a
millisecond. For pages there is a second string: an RQ job that nudges a worker's delivery, one doorbell for many pages,
pulled once a second at most. Whoever is deaf looks by itself within a second.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

import structlog
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue
from rq.serializers import JSONSerializer

from incident.clock import monotonic
from incident.desk.requests import Bell

CHANNEL: Final = "incident:log"
QUEUE: Final = "pages"
JOB: Final = "incident.work.deliver"
REST_S: Final = 0.002
"""Rings that come within this time of the last one are one: in a storm Redis is not to cost more than the pages."""
JOB_EACH_S: Final = 1.0
"""A job costs the worker milliseconds, a word on the channel a tenth of one."""
_PAGES: Final = b" pages"
_TRY_S: Final = 1.0
_LISTEN_S: Final = 1.0

log = structlog.get_logger(__name__)


def ringing(url: str) -> Redis:
    """A client for the path of a command: it fails at once instead of waiting for a dead server."""
    return Redis.from_url(url, socket_timeout=_TRY_S, socket_connect_timeout=_TRY_S, retry=Retry(NoBackoff(), 0))


def listening(url: str) -> Redis:
    """A client that blocks: its reads have no time-out of their own."""
    return Redis.from_url(url, socket_timeout=None, socket_connect_timeout=_TRY_S)


class Ringer:
    """Rings in a thread of its own, so that no commit ever waits for Redis; rings that come together are one."""

    def __init__(self, url: str) -> None:
        self._redis = ringing(url)
        self._queue = Queue(QUEUE, connection=self._redis, serializer=JSONSerializer)
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._position = 0
        self._pages = self._first = False
        self._job = self._job_first = False
        self._job_at = float("-inf")
        self.deaf = False
        self._thread = threading.Thread(target=self._run, name="ringer", daemon=True)
        self._thread.start()

    def __call__(self, bell: Bell) -> None:
        """Ring. Returns at once and never raises."""
        with self._lock:
            self._position = max(self._position, bell.position)
            self._pages |= bell.sends > 0
            self._first |= bell.first
        self._wake.set()

    def close(self) -> None:
        self._stop.set()
        self._wake.set()
        self._thread.join(timeout=2 * _TRY_S)
        self._redis.close()

    def _run(self) -> None:
        while not self._stop.is_set():
            rung = self._wake.wait(self._job_due_in() if self._job else None)
            self._wake.clear()
            with self._lock:
                position, pages, first = self._position, self._pages, self._first
                self._pages = self._first = False
            self._job |= pages
            self._job_first |= first
            try:
                if rung:
                    self._redis.publish(CHANNEL, b"%d%s" % (position, _PAGES if pages else b""))
                if self._job and self._job_due_in() <= 0:
                    self._pull()
                self.deaf = False
            except RedisError as problem:
                if not self.deaf:
                    log.warning("bell.broken", problem=type(problem).__name__)
                self.deaf = True
                self._job = False  # the worker looks by itself; a job for what is long gone helps nobody
            self._stop.wait(REST_S)

    def _job_due_in(self) -> float:
        return max(self._job_at + JOB_EACH_S - monotonic(), 0.0)

    def _pull(self) -> None:
        first, self._job, self._job_first, self._job_at = self._job_first, False, False, monotonic()
        self._queue.enqueue_call(JOB, result_ttl=0, failure_ttl=60, timeout=30, at_front=first)


class Listener:
    """Calls `heard` for each ring, and once after every reconnection. `pages`: only when there is something to send."""

    def __init__(self, url: str, heard: Callable[[], None], *, pages: bool = False) -> None:
        self._url, self._heard, self._pages = url, heard, pages
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="listener", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._stop.set()
        self._thread.join(timeout=3 * _LISTEN_S)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._listen()
            except RedisError:
                self._stop.wait(_LISTEN_S)

    def _listen(self) -> None:
        client = listening(self._url)
        try:
            with client.pubsub(ignore_subscribe_messages=True) as channel:  # type: ignore[no-untyped-call]
                channel.subscribe(CHANNEL)
                self._heard()
                while not self._stop.is_set():
                    message = channel.get_message(timeout=_LISTEN_S)
                    if message and (not self._pages or message["data"].endswith(_PAGES)):
                        self._heard()
        finally:
            client.close()
