"""One piece of work with alerts: a load of a given form on one target, until every message has come to the provider."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Final

from bench.figures import OTHERS, Figure, Run, percentile
from bench.load import Sent, closed_loop, open_loop
from bench.processes import Failed, pause
from bench.rounds import Round
from bench.targets import NO_PROCESS, Double, Start, Target, provider, scratch
from bench.usage import Used, watched

WARM: Final = 20
_STUCK_S: Final = 20.0
"""Nothing new for so long: it will not come."""
_ARRIVED_S: Final = 300.0
_LATE_S: Final = 0.5
_LATE_REPEATS_S: Final = 3.0
"""How long is waited for a message too many."""
_LOOK_S: Final = 0.05
_PROFILED: Final = 5

_runs = count(1)


@dataclass(frozen=True, slots=True)
class Work:
    """How many alerts, from how many clients, how many in one request; `rate` makes it an open loop, `repeats` the same
    alert again and again, `delay_ms` is the provider's time to answer."""

    name: str
    alerts: int
    clients: int = 10
    batch: int = 1
    gap_s: float = 0.0
    rate: float | None = None
    repeats: bool = False
    delay_ms: int = 0


def measured(start: Start, works: Sequence[Work], round_: Round) -> Iterator[Run]:
    """A fresh program and a fresh double, warmed up; then one work after the other."""
    with scratch() as folder, provider(folder) as double, start(folder, double) as target:
        load(target, double, Work("warm-up", WARM, clients=1), marks(WARM))
        for work in works:
            alerts = round_.of(work.alerts)
            wanted = marks(1) * alerts if work.repeats else marks(alerts)
            double.delay(work.delay_ms)
            with watched(target.pid) as used:
                figures = load(target, double, work, wanted)
            double.delay(0)
            yield Run(work.name, target.name, (*figures, *_used(target, used, alerts)))
            if round_.profile and target.pid:
                _profile(round_, work, target, used, alerts)


def marks(number: int) -> list[str]:
    """So many marks that nobody has used before."""
    run = next(_runs)
    return [f"bench{run}x{each}" for each in range(number)]


def load(target: Target, double: Double, work: Work, wanted: Sequence[str]) -> tuple[Figure, ...]:
    """From the report to the provider in ms; then what was accepted and handed over in a second, what came twice."""
    double.clear()
    groups = [wanted[at : at + work.batch] for at in range(0, len(wanted), work.batch)]
    requests = [target.ask(group) for group in groups]
    if work.rate is None:
        sent = closed_loop(target.port, requests, clients=work.clients, gap_s=work.gap_s)
    else:
        sent = open_loop(target.port, requests, work.rate)
    came = arrived(double, set(wanted))
    pause(_LATE_REPEATS_S if work.repeats else _LATE_S)
    accepted = Figure("accepted", sent.rate() * work.batch, "/s")
    messages = double.count()
    if work.repeats:
        if messages["requests"] != 1:
            raise Failed(f"{target.name}: one page was due for {len(wanted)} repeats and {messages['requests']} came")
        return (accepted, Figure("pages", 1, ""))
    return (
        *_late(groups, sent, came),
        accepted,
        Figure("handed over", len(wanted) / ((max(came.values()) - min(sent.started)) / 1e9), "/s"),
        Figure("messages an alert", messages["requests"] / len(wanted), ""),
        Figure("sent twice", messages["again"], ""),
    )


def _late(groups: Sequence[Sequence[str]], sent: Sent, came: dict[str, int]) -> tuple[Figure, ...]:
    late = [(came[mark] - at) / 1e6 for group, at in zip(groups, sent.started, strict=True) for mark in group]
    return tuple(Figure(f"p{share} to the provider", percentile(late, share / 100), "ms") for share in (50, 99))


def arrived(double: Double, wanted: set[str]) -> dict[str, int]:
    """When each mark came. Raises Failed when one does not come: a page must not get lost."""
    seen, since, begun = -1, time.monotonic(), time.monotonic()
    while True:
        found, now = double.count()["marks"], time.monotonic()
        if found >= len(wanted) and wanted <= (came := double.marks()).keys():
            return {mark: came[mark] for mark in wanted}
        if found != seen:
            seen, since = found, now
        if now - since > _STUCK_S or now - begun > _ARRIVED_S:
            missing = len(wanted - double.marks().keys())
            raise Failed(f"{missing} of {len(wanted)} pages never came")
        pause(_LOOK_S)


def _used(target: Target, used: Used, alerts: int) -> tuple[Figure, ...]:
    others = Figure(OTHERS, used.others * 100, "%")
    if target.pid == NO_PROCESS:
        return (others,)
    return (
        Figure("memory", used.peak / 2**20, "MB"),
        Figure("processor time an alert", used.cpu.total() / alerts * 1e3, "ms"),
        others,
    )


def _profile(round_: Round, work: Work, target: Target, used: Used, alerts: int) -> None:
    """Where the time goes: by process, then by its busiest threads."""
    round_.tell(f"  {work.name}, {target.name}: processor time by process, and by thread")
    for name, seconds in used.cpu.most_common():
        threads = ", ".join(f"{s:.2f}" for s in used.threads.get(name, [])[:_PROFILED])
        round_.tell(f"    {name:<12} {seconds:7.2f} s {seconds / alerts * 1e3:8.3f} ms an alert   threads: {threads} s")
