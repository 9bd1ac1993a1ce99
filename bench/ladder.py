"""The ladder: 1,000 incidents that nobody answers, whose next rung is due at random moments within the same 10 s.

How late is (i) the entry that says so, as another process sees it in the log, so after its commit, and (ii) the request
that reaches the provider? Beside it, what due work costs at least (SQLite and a sleep to the deadline), and what the
queue's own scheduler does (RQ).

The incidents are opened by a desk whose clock is in the past by just the first rung's wait; their first pages are
handed over by `incident serve`, and it is the same `incident serve` that climbs.
"""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from bench import ladder_peers
from bench.figures import OURS, Figure, Run, percentile
from bench.goals import Goal
from bench.processes import Failed, pause
from bench.program import Program
from bench.rounds import Part, Round
from bench.targets import Double, paging, provider, scratch
from bench.work import arrived, marks
from incident.clock import MovedClock
from incident.desk.requests import OpenReport, Outcome
from incident.levels import Kind, Level
from incident.report import Channel, Report
from incident.settings import Settings
from incident.store.migrations import migrate
from incident.wiring import House, open_house

INCIDENTS: Final = 1000
SPAN_S: Final = 10.0
WAIT: Final = timedelta(minutes=5)
"""How long the first rung of a Critical rings. Checked, not believed: see `_open`."""
_LEAD_S: Final = 20.0
"""From now until the first of them is due: the program starts and hands over the first pages meanwhile."""
_LOOK_S: Final = 0.002
_LATEST_S: Final = 60.0
FLOOR: Final = "SQLite and a sleep"
SCHEDULER: Final = "scheduler of RQ"
_SCENARIO: Final = "ladder, {:,} due within 10 s"

Lateness = Callable[[list[float]], list[float]]
"""From the offsets at which work is due, in seconds, to how late each was."""


def measure(round_: Round) -> Iterator[Run]:
    count = round_.of(INCIDENTS)
    offsets = due(count, round_.number)
    peers: dict[str, Lateness] = {FLOOR: ladder_peers.sleeping, SCHEDULER: ladder_peers.scheduler}
    for name in round_.turn([OURS, *([] if round_.ours else peers)]):
        if name == OURS:
            figures = _ours(offsets)
        else:
            late = peers[name](offsets)
            figures = (*_late("in the log", late), Figure("early", sum(each < 0 for each in late), ""))
        yield Run(_SCENARIO.format(count), name, figures)


def due(count: int, seed: int) -> list[float]:
    """Random moments: evenly spaced ones would go in step with whoever looks at even intervals."""
    chance = random.Random(seed)
    return sorted(chance.uniform(0, SPAN_S) for _ in range(count))


def _late(where: str, late: list[float]) -> tuple[Figure, ...]:
    ms = [each * 1e3 for each in late]
    return tuple(Figure(f"p{share} late {where}", percentile(ms, share / 100), "ms") for share in (50, 99))


def _ours(offsets: list[float]) -> tuple[Figure, ...]:
    with scratch() as folder, provider(folder) as double:
        program, begin = paging(folder, double), datetime.now(UTC) + timedelta(seconds=_LEAD_S)
        named = zip(marks(len(offsets)), offsets, strict=True)
        moments = {mark: begin + timedelta(seconds=offset) for mark, offset in named}
        incidents = _opened(program, moments)
        with program.serving():
            arrived(double, set(moments))
            if datetime.now(UTC) > begin:
                raise Failed(f"the first pages took longer than {_LEAD_S:.0f} s: the ladder was not measured")
            double.clear()
            logged = _logged(folder / "incident.db", incidents, begin)
            handed = _handed(double, moments)
    entries = [logged[incident] - moments[mark].timestamp() for incident, mark in incidents.items()]
    requests = [handed[mark] - due_at.timestamp() for mark, due_at in moments.items()]
    early = sum(each < 0 for each in entries)
    return (*_late("in the log", entries), *_late("at the provider", requests), Figure("early", early, ""))


def _opened(program: Program, moments: Mapping[str, datetime]) -> dict[str, str]:
    """Open an incident for each mark so that its first rung ends at its moment. The marks by incident."""
    settings = Settings.load(program.settings)
    clock = MovedClock(datetime.now(UTC))
    house = open_house(settings, clock=clock)
    try:
        migrate(house.engine)
        return {_open(house, clock, mark, at): mark for mark, at in moments.items()}
    finally:
        house.close()


def _open(house: House, clock: MovedClock, mark: str, due_at: datetime) -> str:
    clock.set(due_at - WAIT)
    title = f"{mark} pump pressure lost"
    report = Report(title=title, kind=Kind.OTHER, level=Level.CRITICAL, place="Hall 3", channel=Channel.MONITOR)
    outcome: Outcome = house.desk.submit(OpenReport(report, "key:bench")).result()
    assert outcome.state is not None
    if outcome.state.alarm.next_at != due_at:
        raise Failed(f"the first rung ends at {outcome.state.alarm.next_at} and not after {WAIT}")
    return outcome.state.id


def _logged(database: Path, incidents: Mapping[str, str], begin: datetime) -> dict[str, float]:
    """When each incident's second page stood in the log for a reader that looks every 2 ms. Raises Failed when one does
    not come: a rung must not get lost."""
    end = begin.timestamp() + SPAN_S + _LATEST_S
    found: dict[str, float] = {}
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, isolation_level=None)) as log:
        (seen,) = log.execute("SELECT max(position) FROM log").fetchone()
        while len(found) < len(incidents):
            rows = log.execute("SELECT position, incident, kind FROM log WHERE position > ?", (seen,)).fetchall()
            now = time.time()
            for position, incident, kind in rows:
                seen = max(seen, position)
                if kind == "paged" and incident in incidents:
                    found.setdefault(incident, now)
            if now > end:
                raise Failed(f"{len(incidents) - len(found)} of {len(incidents)} rungs were never climbed")
            pause(_LOOK_S)
    return found


def _handed(double: Double, moments: Mapping[str, datetime]) -> dict[str, float]:
    """When the request of each second page came, in seconds since 1970. Raises Failed when one is lost or doubled."""
    came, apart = arrived(double, set(moments)), time.time_ns() - time.monotonic_ns()
    told = double.count()
    if told["requests"] != len(moments):
        raise Failed(f"{len(moments)} pages were due and {told['requests']} came")
    return {mark: (at + apart) / 1e9 for mark, at in came.items()}


PART: Final = Part(
    "ladder",
    "1,000 rungs due within 10 s: how late",
    measure,
    goals=(
        Goal("f", _SCENARIO.format(INCIDENTS), "p99 late in the log", 50, 10),
        Goal("f", _SCENARIO.format(INCIDENTS), "p99 late at the provider", 50, 10),
        Goal("f", _SCENARIO.format(INCIDENTS), "p99 late in the log", 1.0, beside=SCHEDULER, drawn=True),
        Goal("f", _SCENARIO.format(INCIDENTS), "early", 0),
    ),
)
