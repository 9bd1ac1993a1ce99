"""The bell: after a commit it tells the other processes to look again. It carries no news, and losing it loses nothing.

For walls a number on a Redis channel, for pages one RQ job that nudges a worker's delivery: one doorbell for many
pages. Whoever is deaf looks by itself within a second.
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

from incident.desk.requests import Bell

CHANNEL: Final = "incident:log"
QUEUE: Final = "pages"
JOB: Final = "incident.work.deliver"
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

    def __init__(self, url: str, local: Callable[[Bell], None]) -> None:
        self._local = local
        self._redis = ringing(url)
        self._queue = Queue(QUEUE, connection=self._redis, serializer=JSONSerializer)
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._position = 0
        self._pages = self._first = False
        self.deaf = False
        self._thread = threading.Thread(target=self._run, name="ringer", daemon=True)
        self._thread.start()

    def __call__(self, bell: Bell) -> None:
        """Ring. Returns at once and never raises."""
        self._local(bell)
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
            self._wake.wait()
            self._wake.clear()
            with self._lock:
                position, pages, first = self._position, self._pages, self._first
                self._pages = self._first = False
            try:
                self._redis.publish(CHANNEL, position)
                if pages:
                    self._queue.enqueue_call(JOB, result_ttl=0, failure_ttl=60, timeout=30, at_front=first)
                self.deaf = False
            except RedisError as problem:
                if not self.deaf:
                    log.warning("bell.broken", problem=type(problem).__name__)
                self.deaf = True


class Listener:
    """Calls `heard` for each ring of other processes, and once after every reconnection."""

    def __init__(self, url: str, heard: Callable[[], None]) -> None:
        self._url, self._heard = url, heard
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
                    if channel.get_message(timeout=_LISTEN_S):
                        self._heard()
        finally:
            client.close()
