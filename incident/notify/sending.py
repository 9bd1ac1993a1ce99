"""The messages that are under way: one event loop in a thread of its own, with many requests in flight.

A request that hangs costs a connection and nothing else. Whatever goes wrong with a message is an outcome of that
message alone, and `done` hears of each of them, in the loop's thread: of all at once that come back at once.
"""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from functools import partial
from typing import Final, NamedTuple

import structlog

from incident.clock import Clock, monotonic
from incident.errors import why
from incident.notify.channels import Channel, Outgoing, Probed, SendFailed
from incident.notify.compose import masked
from incident.notify.providers import Providers
from incident.notify.retries import NO_ANSWER, Action, Blame, elsewhere
from incident.notify.settle import Tried
from incident.organisation.people import WayKind
from incident.store import outbox
from incident.store.outbox import SendState

HANGS_S: Final = 9.0
"""A channel that has not come back by then never will, as far as this message goes. Shorter than the lease."""
NEXT_S: Final = 5.5
"""How long a provider may take while another one could be asked."""
POISON_AFTER: Final = 3

log = structlog.get_logger(__name__)


class Step(NamedTuple):
    """A message in the words of one provider, and the provider."""

    message: Outgoing
    channel: Channel


class Job(NamedTuple):
    """A message that was claimed, composed and looked at once more: it goes out now, by the first of the providers
    that takes it."""

    send: outbox.Outgoing
    steps: tuple[Step, ...]


class Sender:
    """Its thread begins with the first message. `done` hears of each job once; `providers` hear how it went."""

    def __init__(self, clock: Clock, done: Callable[[list[Tried]], None], providers: Providers) -> None:
        self._clock, self._done, self._providers = clock, done, providers
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._ended: list[Tried] = []
        self._asking: list[Future[None]] = []

    def start(self, jobs: Sequence[Job]) -> None:
        """Hand these over to their channels, all at once. Returns at once."""
        if jobs:
            self._running().call_soon_threadsafe(self._spawn, jobs)

    def probe(self, down: Sequence[tuple[Probed, WayKind]]) -> None:
        """Ask these whether they are up again. Returns at once; `providers` hear the answer."""
        self._asking = [asked for asked in self._asking if not asked.done()]
        self._asking += [asyncio.run_coroutine_threadsafe(self._ask(*one), self._running()) for one in down]

    def close(self, channels: Iterable[Channel]) -> None:
        """Let go of the channels' connections and end the thread. Nothing must be under way any more."""
        if self._loop is None or self._thread is None:
            return
        for asked in self._asking:
            asked.cancel()
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
        """One provider after the other, all within the lease; who is asked last gets what is left of the time."""
        end, tries = monotonic() + HANGS_S, list[Tried]()
        for place, step in enumerate(job.steps):
            left = end - monotonic()
            last = place == len(job.steps) - 1
            tries.append(await self._try(job.send, step, left if last else min(left, NEXT_S)))
            if tries[-1].failed is None or not elsewhere(tries[-1].failed.outcome):
                break
        self._ended.append(_verdict(tries))
        if len(self._ended) == 1:
            asyncio.get_running_loop().call_soon(self._tell)

    def _tell(self) -> None:
        ended, self._ended = self._ended, []
        self._done(ended)

    async def _try(self, send: outbox.Outgoing, step: Step, seconds: float) -> Tried:
        start, provider = monotonic(), step.channel.provider
        tried = partial(Tried, send, provider=provider)
        try:
            async with asyncio.timeout(seconds):
                answer = await step.channel.send(step.message)
        except (SendFailed, TimeoutError) as problem:
            failed = problem if isinstance(problem, SendFailed) else SendFailed(NO_ANSWER)
            self._providers.failed(provider, step.message.way, failed.outcome)
            return tried(at=self._clock.now(), failed=failed, took_s=monotonic() - start)
        except Exception as problem:
            return poison(send, problem, self._clock, provider=provider, took_s=monotonic() - start)
        self._providers.went(provider, step.message.way)
        return tried(
            at=self._clock.now(), sent=answer, body=masked(step.message.body, send), took_s=monotonic() - start
        )

    async def _ask(self, channel: Probed, way: WayKind) -> None:
        try:
            async with asyncio.timeout(HANGS_S):
                await channel.probe()
        except (SendFailed, TimeoutError) as problem:
            log.info("provider.still_down", provider=channel.provider, way=way, problem=type(problem).__name__)
        except Exception as problem:
            log.exception("provider.probe_broke", provider=channel.provider, problem=type(problem).__name__)
        else:
            self._providers.went(channel.provider, way)


def _verdict(tries: Sequence[Tried]) -> Tried:
    """What became of the message. Where nobody took it: what says something about the person, else what may still
    work, else what the last one said."""
    if len(tries) == 1:
        return tries[0]
    failed = [one for one in tries if one.failed]
    about = [one for one in failed if one.failed and one.failed.outcome.blame is Blame.CONTACT]
    again = [one for one in failed if one.failed and one.failed.outcome.action is Action.AGAIN]
    stands = tries[-1] if tries[-1].failed is None else next(iter([*about, *again]), tries[-1])
    return stands._replace(breath=tuple(tries))


def poison(
    send: outbox.Outgoing, problem: Exception, clock: Clock, *, provider: str = "", took_s: float = 0.0
) -> Tried:
    """What cannot be sent at all: tried again a few times, then set aside and reported. The line goes on."""
    log.error("delivery.poison", send=send.id, problem=type(problem).__name__, exc_info=problem)
    state = SendState.SET_ASIDE if send.attempts >= POISON_AFTER else None
    reason = why("page.failed.poison", problem=type(problem).__name__)
    return Tried(send, at=clock.now(), ended=state, reason=reason, provider=provider, took_s=took_s)


def _new_loop() -> asyncio.AbstractEventLoop:
    if sys.platform == "win32":
        return asyncio.new_event_loop()
    import uvloop

    return uvloop.new_event_loop()
