"""`incident serve`: Redis, web, worker and watch on one machine, from one command, and stopped by one Ctrl-C.

Order of a start: the lock of the data folder, the port, Redis, and while it loads what it holds `prepare` (migrations,
the demo's organisation, whatever the children are to find loaded); once Redis answers, web, worker and watch; once the
web answers, the announcement. Order of a stop: web, worker and
watch together, and only when they have ended Redis. A supervisor that is killed -9 takes its children with it
(`lifeline`), and the next start finds the lock free.

Runs in the main thread and starts no other: children are bound to the thread that starts them, and copies of this
process are made only while it has one (`forked`).
"""

from __future__ import annotations

import errno
import os
import select
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from types import FrameType
from typing import Final

from pydantic import SecretStr

from incident.clock import monotonic
from incident.errors import why
from incident.running import CannotStart, forked, lifeline, logs, redis_server
from incident.running.alive import answers
from incident.running.lock import only_one
from incident.running.pulse import VARIABLE, Pulse
from incident.running.services import Process, Service, Services
from incident.settings import PREFIX, Settings
from incident.words import words_for

GRACE: Final = 10.0
"""Seconds for a stage to stop before it is killed: longer than the web gives its streams to say goodbye."""

_LOOK_EVERY: Final = 1.0
_ASK_EVERY: Final = 0.05

Prepare = Callable[[Settings], None]
Announce = Callable[[Settings], str]


def serve(
    settings: Settings,
    services: Sequence[Service],
    *,
    prepare: Prepare | None = None,
    announce: Announce | None = None,
) -> int:
    """Run until SIGTERM or Ctrl-C and return 0. Raises CannotStart, having harmed nothing that already runs.

    `prepare` runs once under the lock, with Redis coming up and nothing else started. `announce` is asked for the text
    to print once the web answers.
    """
    with only_one(settings.data, settings.public_url), ExitStack() as stack:
        check_port(settings.host, settings.port)
        logs.configure("serve", settings.log, settings.secrets())
        lifeline.named("incident-serve")
        signals = stack.enter_context(_Signals.caught())
        pulses = stack.enter_context(_Pulses.kept())
        children = Services(
            lambda service: pulses.start(service, environment(settings)),
            pulses.heard,
            lambda process: lifeline.is_stopped(process.pid),
        )
        stack.callback(lambda: children.stop(signals.wait_for))
        ready = _no_wait
        if settings.redis_url is None:
            settings, ready = _start_redis(children, settings)
        if prepare is not None:
            prepare(settings)
        ready()
        for service in services:
            if not signals.stopping:
                children.add(service, monotonic())
        _watch_over(children, settings, signals, announce)
    return 0


def _start_redis(children: Services, settings: Settings) -> tuple[Settings, Callable[[], None]]:
    """Redis as a child: the settings that name it, and what waits until it answers."""
    command, path = redis_server.prepare(settings.data, os.environ)
    child = children.add(Service("redis", tuple(command), stage=1), monotonic())
    url = SecretStr(redis_server.url_of(path))
    return settings.model_copy(update={"redis_url": url}), partial(
        redis_server.wait_until_ready, settings.data, path, child
    )


def _no_wait() -> None:
    """Somebody else's Redis may come and go."""


def _watch_over(children: Services, settings: Settings, signals: _Signals, announce: Announce | None) -> None:
    """The loop: woken by a signal, by a child that ended, or when one is due."""
    answered = False
    while not signals.stopping:
        children.look(monotonic())
        if not answered and answers(settings.host, settings.port):
            answered = True
            text = announce(settings) if announce is not None else _ready(settings)
            sys.stdout.write(text.rstrip("\n") + "\n")
            sys.stdout.flush()
        due = children.next_due()
        wait = _LOOK_EVERY if due is None else min(max(due - monotonic(), 0.0), _LOOK_EVERY)
        signals.sleep(wait if answered else min(wait, _ASK_EVERY))


class _Pulses:
    """The pipes of the services that beat, by name: a child that is started again gets a new one."""

    def __init__(self) -> None:
        self._pipes: dict[str, Pulse] = {}

    @classmethod
    @contextmanager
    def kept(cls) -> Iterator[_Pulses]:
        pulses = cls()
        try:
            yield pulses
        finally:
            for pipe in pulses._pipes.values():
                pipe.close()

    def start(self, service: Service, env: dict[str, str]) -> Process:
        if not service.beats:
            return _begin(service, env)
        if service.name in self._pipes:
            self._pipes.pop(service.name).close()
        pipe = self._pipes[service.name] = Pulse()
        try:
            return _begin(service, env | {VARIABLE: str(pipe.write)}, pipe.write)
        finally:
            pipe.started()

    def heard(self, service: Service) -> bool:
        return self._pipes[service.name].heard()


def _begin(service: Service, env: dict[str, str], *keep: int) -> Process:
    """As a copy of this process, where that can be; else as a program of its own."""
    if service.run is not None and forked.possible():
        return forked.start(service.name, service.run, env, keep=keep)
    return lifeline.start(service.command, env, keep=keep)


def _ready(settings: Settings) -> str:
    return words_for(settings.default_locale).t("running.ready", url=settings.public_url)


def environment(settings: Settings) -> dict[str, str]:
    """This process's environment with every setting spelled out, so that all children read the same."""
    others = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    return others | settings.env()


def check_port(host: str, port: int) -> None:
    """Raises CannotStart when nothing can listen there, before anything is started."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise CannotStart(why("running.port_taken", host=host, port=port)) from None
        problem = error.strerror or type(error).__name__
        raise CannotStart(why("running.no_such_address", host=host, port=port, problem=problem)) from None


class _Signals:
    """SIGTERM and SIGINT ask to stop; a second one ends the patience with slow children. SIGCHLD only wakes."""

    def __init__(self) -> None:
        self.asked = 0
        self._read, self._write = socket.socketpair()
        self._read.setblocking(False)
        self._write.setblocking(False)

    @property
    def stopping(self) -> bool:
        return self.asked > 0

    @classmethod
    @contextmanager
    def caught(cls) -> Iterator[_Signals]:
        signals = cls()
        before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD)}
        wakeup = signal.set_wakeup_fd(signals._write.fileno(), warn_on_full_buffer=False)
        try:
            for number in before:
                signal.signal(number, signals._caught)
            yield signals
        finally:
            signal.set_wakeup_fd(wakeup)
            for number, handler in before.items():
                signal.signal(number, handler)
            signals._read.close()
            signals._write.close()

    def _caught(self, number: int, frame: FrameType | None) -> None:
        if number != signal.SIGCHLD:
            self.asked += 1

    def sleep(self, seconds: float) -> None:
        """Until a signal comes or the time is over. A signal that came just before is not missed: it is in the pipe."""
        if select.select([self._read], [], [], seconds)[0]:
            self._read.recv(4096)

    def wait_for(self, processes: list[Process]) -> bool:
        """Wait for all to end: True. False when the grace is over or a second signal came."""
        until, asked = monotonic() + GRACE, max(self.asked, 1)
        while monotonic() < until and self.asked <= asked:
            if all(process.poll() is not None for process in processes):
                return True
            self.sleep(0.05)
        return False
