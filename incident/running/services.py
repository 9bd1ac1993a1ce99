"""The children of `incident serve`: started, started again when they end, and stopped in order.

Knows processes only by the few calls of `Process`, and the time only as it is told, so that every case is tested
without waiting. `supervisor.py` joins it to the machine.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final, Protocol

import structlog

from incident.running.pulse import FIRST_S, SILENT_S
from incident.running.restart import Record, fresh

log = structlog.get_logger("incident.serve")

CLEAN: Final = frozenset({0, -signal.SIGTERM, 128 + signal.SIGTERM})
"""Codes of a child that was asked to stop and did. uvicorn ends with -15 after a clean shutdown."""


STOPPED_S: Final = 2.0
"""After so long of being stopped (SIGSTOP) a child is ended. It does nothing, whatever the machine's load."""
_ASLEEP_S: Final = 3.0
"""Whoever has not looked for so long was stopped or asleep itself, perhaps together with its children."""


class Process(Protocol):
    """What is asked of a running child: the part of subprocess.Popen that is used."""

    @property
    def pid(self) -> int: ...
    def poll(self) -> int | None: ...
    def wait(self, timeout: float | None = None) -> int: ...
    def terminate(self) -> None: ...
    def kill(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Service:
    """One child. Those of a lower `stage` are stopped first: what uses Redis before Redis. `beats`: it gives signs of
    life, and is killed when they stop. `run` does the same as `command` in a copy of the supervisor, where that can
    be made: it starts in the twentieth part of the time."""

    name: str
    command: tuple[str, ...]
    stage: int = 0
    beats: bool = False
    run: Callable[[], int] | None = None


@dataclass(slots=True)
class _Kept:
    service: Service
    record: Record
    process: Process | None = None
    heard: float | None = None
    """When it last gave a sign of life; None before the first."""
    stopped: float | None = None
    """Since when it is known to be stopped."""


@dataclass
class Services:
    """All children of this supervisor. `start` makes a process; it may raise OSError, which counts as an end.

    `heard` says whether a service that beats has done so since it was last asked, `is_stopped` whether the machine does
    not let a child go on because somebody stopped it.
    """

    start: Callable[[Service], Process]
    heard: Callable[[Service], bool] = lambda service: True
    is_stopped: Callable[[Process], bool] = lambda process: False
    _kept: list[_Kept] = field(default_factory=list)
    _looked: float = float("-inf")

    def add(self, service: Service, now: float) -> Process:
        """Start a service and keep it running from now on. Raises OSError when its first start fails."""
        process = self.start(service)
        self._kept.append(_Kept(service, fresh(now).started(now), process))
        log.info("started", service=service.name, pid=process.pid)
        return process

    def look(self, now: float) -> None:
        """Note what has ended, end what hangs, and start what is due."""
        for kept in self._kept:
            if kept.process is not None and (code := kept.process.poll()) is not None:
                self._ended(kept, now, code=code)
            elif kept.process is not None:
                self._examine(kept, kept.process, now)
            if kept.record.is_due(now):
                self._start_again(kept, now)
        self._looked = now

    def next_due(self) -> float | None:
        """When `look` has something to start or to end, if nothing ends before."""
        starts = [kept.record.due for kept in self._kept if kept.record.due is not None]
        ends = [kept.stopped + STOPPED_S for kept in self._kept if kept.stopped is not None]
        return min(starts + ends, default=None)

    def stop(self, wait: Callable[[list[Process]], bool]) -> None:
        """Stop stage after stage. `wait` returns when all have ended (True) or must be killed (False)."""
        for stage in sorted({kept.service.stage for kept in self._kept}):
            running = [kept for kept in self._kept if kept.service.stage == stage and kept.process is not None]
            self._stop_stage(running, wait)
        self._kept.clear()

    def _stop_stage(self, running: Iterable[_Kept], wait: Callable[[list[Process]], bool]) -> None:
        named = {kept.service.name: kept.process for kept in running if kept.process is not None}
        for process in named.values():
            if process.poll() is None:
                process.terminate()
        if not wait(list(named.values())):
            for name, process in named.items():
                if process.poll() is None:
                    log.warning("killed", service=name, pid=process.pid, why="did not stop in time")
                    process.kill()
        for name, process in named.items():
            code = process.wait()
            (log.info if code in CLEAN else log.warning)("stopped", service=name, code=code)

    def _examine(self, kept: _Kept, process: Process, now: float) -> None:
        """What does nothing is no better than what has ended: it is made to end, and started again."""
        if not self.is_stopped(process):
            kept.stopped = None
        elif kept.stopped is None or now - self._looked > _ASLEEP_S:
            kept.stopped = now
        if kept.stopped is not None and now - kept.stopped >= STOPPED_S:
            self._make_end(kept, process, "was stopped", now - kept.stopped)
        elif kept.service.beats:
            self._listen(kept, process, now)

    def _listen(self, kept: _Kept, process: Process, now: float) -> None:
        """A loop that stands still pages nobody, though its process runs."""
        if self.heard(kept.service):
            kept.heard = now
            return
        begun, patience = (kept.heard, SILENT_S) if kept.heard is not None else (kept.record.since, FIRST_S)
        if begun is not None and now - begun > patience:
            self._make_end(kept, process, "gives no sign of life", now - begun)

    def _make_end(self, kept: _Kept, process: Process, because: str, since: float) -> None:
        log.error("hangs", service=kept.service.name, pid=process.pid, why=because, silent_s=round(since))
        process.kill()  # SIGKILL also ends what was stopped; the next look sees the end

    def _ended(self, kept: _Kept, now: float, **details: object) -> None:
        kept.process = kept.heard = kept.stopped = None
        kept.record = kept.record.ended(now)
        again = round((kept.record.due or now) - now, 1)
        log.error("ended", service=kept.service.name, again_in_s=again, in_a_row=kept.record.ends, **details)

    def _start_again(self, kept: _Kept, now: float) -> None:
        try:
            kept.process = self.start(kept.service)
        except OSError as error:  # out of processes or memory: try again later, like any end
            self._ended(kept, now, problem=error.strerror)
        else:
            kept.record = kept.record.started(now)
            log.info("started again", service=kept.service.name, pid=kept.process.pid)
