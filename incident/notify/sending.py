"""The messages that are under way: one event loop in a thread of its own, with many requests in flight.

A request that hangs costs a connection and nothing else. Whatever goes wrong with a message is an outcome of that
message alone, and `done` hears of each of them, in the loop's thread.
"""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import structlog

from incident.clock import Clock, monotonic
from incident.errors import why
from incident.notify.channels import Channel, Outgoing, SendFailed
from incident.notify.compose import masked
from incident.notify.retries import NO_ANSWER
from incident.notify.settle import Tried
from incident.store import outbox
from incident.store.outbox import SendState

HANGS_S: Final = 9.0
"""A channel that has not come back by then never will, as far as this message goes. Shorter than the lease."""
POISON_AFTER: Final = 3

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """A message that was claimed, composed and looked at once more: it goes out now."""

    send: outbox.Outgoing
    message: Outgoing
    channel: Channel


class Sender:
    """Its thread begins with the first message. `done` is called once for each job."""

    def __init__(self, clock: Clock, done: Callable[[Tried], None]) -> None:
        self._clock, self._done = clock, done
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, jobs: Sequence[Job]) -> None:
        """Hand these over to their channels, all at once. Returns at once."""
        if jobs:
            self._running().call_soon_threadsafe(self._spawn, jobs)

    def close(self, channels: Iterable[Channel]) -> None:
        """Let go of the channels' connections and end the thread. Nothing must be under way any more."""
        if self._loop is None or self._thread is None:
            return
        for channel in channels:
            asyncio.run_coroutine_threadsafe(channel.close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._loop = self._thread = None

    def _running(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            self._loop = _new_loop()
            self._thread = threading.Thread(target=self._loop.run_forever, name="sending", daemon=True)
            self._thread.start()
        return self._loop

    def _spawn(self, jobs: Sequence[Job]) -> None:
        for job in jobs:
            task = asyncio.get_running_loop().create_task(self._one(job))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _one(self, job: Job) -> None:
        start = monotonic()
        try:
            async with asyncio.timeout(HANGS_S):
                answer = await job.channel.send(job.message)
        except SendFailed as failed:
            tried = Tried(job.send, at=self._clock.now(), failed=failed, took_s=monotonic() - start)
        except TimeoutError:
            tried = Tried(job.send, at=self._clock.now(), failed=SendFailed(NO_ANSWER), took_s=monotonic() - start)
        except Exception as problem:
            tried = poison(job.send, problem, self._clock, took_s=monotonic() - start)
        else:
            tried = Tried(
                job.send,
                at=self._clock.now(),
                sent=answer,
                body=masked(job.message.body, job.send),
                provider=job.channel.provider,
                took_s=monotonic() - start,
            )
        self._done(tried)


def poison(send: outbox.Outgoing, problem: Exception, clock: Clock, *, took_s: float = 0.0) -> Tried:
    """What cannot be sent at all: tried again a few times, then set aside and reported. The line goes on."""
    log.error("delivery.poison", send=send.id, problem=type(problem).__name__, exc_info=problem)
    state = SendState.SET_ASIDE if send.attempts >= POISON_AFTER else None
    reason = why("page.failed.poison", problem=type(problem).__name__)
    return Tried(send, at=clock.now(), ended=state, reason=reason, took_s=took_s)


def _new_loop() -> asyncio.AbstractEventLoop:
    if sys.platform == "win32":
        return asyncio.new_event_loop()
    import uvloop

    return uvloop.new_event_loop()
