"""One run: a town, its load, the monkey, then calm, and the audit."""

from __future__ import annotations

import os
import random
import resource
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from bench.chaos import audit, audit_pages, audit_time
from bench.chaos.audit import Finding, Kept
from bench.chaos.book import Arrival, Book
from bench.chaos.calls import Caller
from bench.chaos.double import Double
from bench.chaos.load import REPORTERS, Reporter
from bench.chaos.many import Many
from bench.chaos.monkey import Monkey
from bench.chaos.phones import Phones
from bench.chaos.plan import PACE, Act, Pace, Trick, plan
from bench.chaos.serve import Serve
from bench.chaos.town import PUBLIC_URL, TOKEN, Town
from bench.chaos.walls import Walls
from bench.processes import pause
from bench.usage import busy_s
from incident.clock import monotonic
from incident.settings import Settings
from incident.store import chain, log, outbox
from incident.store.engine import open_engine, reading

WALLS: Final = 50
RATE: Final = 6.0
"""How fast the program's clock runs: a rung of one minute, the shortest that can be written, is ten seconds."""
CALM_S: Final = 60.0
"""How long all that was begun may take to come to its end, after the last act is undone."""
SEEN_S: Final = 10.0
"""How long an entry that a clock has written at the very end may take to every wall."""
PATIENCE_S: Final = 5.0
"""A wake that is later than this, once all is calm, was missed."""
TOWNS: Final[dict[str, type[Town]]] = {"serve": Serve, "many": Many}

Told = Callable[[str], None]


@dataclass
class Result:
    """What became of it. `folder` is kept when something does not hold."""

    town: str
    seed: int
    seconds: float
    begun: float
    book: Book
    findings: list[Finding]
    folder: Path
    others: float = 0.0
    """What part of the machine went to whoever had nothing to do with the run, in per cent."""

    @property
    def holds(self) -> bool:
        return all(finding.holds for finding in self.findings)


@dataclass
class _Cast:
    """Everybody who takes part."""

    town: Town
    book: Book
    caller: Caller
    double: Double
    phones: Phones
    walls: Walls
    reporters: list[Reporter]


def possible(town: Town, wanted: Sequence[str], told: Told) -> list[Trick]:
    """The tricks that can be done here; what cannot is said in one line."""
    tricks = [t for t in town.tricks if not wanted or t.name in wanted or str(t) in wanted]
    if not town.disk.real and any(t.name == "disk" for t in tricks):
        told("the disk is not filled: no small one could be mounted (that takes root)")
        tricks = [t for t in tricks if t.name != "disk"]
    return tricks


def run(
    name: str,
    seed: int,
    seconds: float,
    told: Told,
    *,
    wanted: Sequence[str] = (),
    pace: Pace = PACE,
    walls: int = WALLS,
    rate: float = RATE,
    keep: bool = False,
) -> Result:
    """`told` hears what happens; `wanted` limits the monkey to some tricks."""
    folder = Path(tempfile.mkdtemp(prefix="chaos-"))
    folder.chmod(0o755)
    book = Book()
    result = Result(name, seed, seconds, 0.0, book, [], folder)
    begun, busy, own = monotonic(), busy_s(), _own_s()
    with _cast(name, seed, folder, book, walls=walls, rate=rate) as cast:
        acts = plan(seed, seconds, possible(cast.town, wanted, told), pace)
        told(f"{name}: seed {seed}, {seconds:.0f} s, {len(acts)} acts, {walls} walls, log {cast.town.log}")
        result.begun = _strike(cast, acts, seconds, told)
        engine = _engine(cast.town)
        try:
            head = _calm(cast, engine, told)
            cast.walls.stop()
            result.findings = list(_audit(cast, engine, head, told))
        finally:
            engine.dispose()
    taken = busy_s() - busy - (_own_s() - own)
    result.others = max(0.0, 100 * taken / (monotonic() - begun) / (os.cpu_count() or 1))
    if result.holds and not keep:
        shutil.rmtree(folder, ignore_errors=True)
    return result


def _own_s() -> float:
    """Processor time of this process and of all that it has started and that have ended: at the end, all of them."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


@contextmanager
def _cast(name: str, seed: int, folder: Path, book: Book, *, walls: int, rate: float) -> Iterator[_Cast]:
    with ExitStack() as stack:
        ringing: list[Phones] = []

        def ring(arrival: Arrival, form: dict[str, str]) -> None:
            ringing[0].ring(arrival, form)  # the double comes first: the town must know its port

        double = stack.enter_context(Double(book, ring))
        town = TOWNS[name](folder, double.port, rate)
        stack.callback(town.close)
        town.start()
        caller = Caller(town.ports, town.key, book, random.Random(f"calls {seed}"))
        phones = Phones(seed, caller, book, public_url=PUBLIC_URL, token=TOKEN)
        stack.callback(phones.close)
        ringing.append(phones)
        standing = Walls(walls, town.ports, town.key, seed)
        stack.callback(caller.over.set)
        standing.start()
        stack.callback(standing.stop)
        reporters = [Reporter(n, seed, caller, book) for n in range(REPORTERS)]
        yield _Cast(town, book, caller, double, phones, standing, reporters)


def _strike(cast: _Cast, acts: Sequence[Act], seconds: float, told: Told) -> float:
    for reporter in cast.reporters:
        reporter.start()
    monkey = Monkey(cast.town, cast.double, cast.phones, cast.book, lambda said: told(f"{_clock(monkey)}  {said}"))
    shown = [0.0]

    def progress(now: float) -> None:
        if now - shown[0] >= 10:
            shown[0] = now
            lags = audit_time.lags(cast.book)[-20:]
            late = max((lag for _, lag in lags), default=0.0)
            told(f"{now:6.1f}  ... {len(cast.book.reported)} reports, {len(cast.book.arrivals)} messages, {late:.2f} s")

    try:
        monkey.go(acts, seconds, progress)
    finally:
        monkey.undo_all()
        for reporter in cast.reporters:
            reporter.stop()
    return monkey.begun


def _clock(monkey: Monkey) -> str:
    return f"{monotonic() - monkey.begun:6.1f}"


def _engine(town: Town) -> Engine:
    return open_engine(Settings.load(town.env, town.data).database_url.get_secret_value())


def _calm(cast: _Cast, engine: Engine, told: Told) -> int:
    """Until nothing rings, nothing waits to be sent and every wall has seen it all; or until the patience is over.

    Gives a position that every wall must have seen: a clock may still write an entry in the moment in which they go.
    """
    end = monotonic() + CALM_S
    while (left := _left(cast, engine)) and monotonic() < end:
        cast.town.look()
        pause(0.25)
    told(f"calm after {CALM_S - (end - monotonic()):.1f} s{': ' + left if left else ''}")
    cast.caller.over.set()
    pause(1.0)
    with reading(engine) as connection:
        head = log.last_position(connection)
    end = monotonic() + SEEN_S
    while cast.walls.behind(head) and monotonic() < end:
        pause(0.1)
    return head


def _left(cast: _Cast, engine: Engine) -> str:
    if any(reporter.is_alive() for reporter in cast.reporters):
        return "somebody still reports"
    try:
        with reading(engine) as connection:
            waiting = outbox.next_at(connection)
            head, rings = log.last_position(connection), audit.ringing(connection)
    except SQLAlchemyError as problem:
        return type(problem).__name__
    if rings or waiting is not None:
        return f"{rings} ring, next message at {waiting}"
    behind = cast.walls.behind(head)
    return f"{len(behind)} walls are behind" if behind else ""


def _audit(cast: _Cast, engine: Engine, head: int, told: Told) -> Iterator[Finding]:
    town, book = cast.town, cast.book
    now = Settings.load(town.env, town.data).clock().now()
    with reading(engine) as connection:
        kept = Kept.read(connection, told)
        proof = chain.verify(connection)
    yield from audit.promises(kept, book)
    yield from audit_pages.pages(kept, book, now)
    yield from audit.wakes(kept, now, timedelta(seconds=PATIENCE_S * town.rate))
    yield from audit_time.walls(cast.walls, head, kept.head)
    yield from audit.wholeness(kept)
    broken = "" if proof.holds else f"{proof.what} at {proof.bad}"
    yield Finding(
        "hash chain (as `incident verify`)", "whole", broken or "whole", proof.holds, f"{proof.entries} entries"
    )
    yield from audit_time.times(book)
    yield from audit_time.answers(book, cast.walls)
