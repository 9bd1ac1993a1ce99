"""Alert to provider: from the request that reports, to the request that arrives at the provider's double.

One at a time, from ten clients (both closed loops), and at a given rate (open loop, the figures that are claimed).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from bench.figures import Run
from bench.goals import Goal
from bench.rounds import Part, Round
from bench.targets import PEER, beside, by_hook, eager_peer, nobody, peer
from bench.work import Work, measured

ALONE: Final = Work("one at a time", 200, clients=1, gap_s=0.02)
TOGETHER: Final = Work("10 clients", 2000)
OFFERED_S: Final = 5
OFFERED: Final = tuple(Work(f"{rate:,}/s offered", rate * OFFERED_S, rate=rate) for rate in (50, 500, 1000))
P50: Final = "p50 to the provider"
P99: Final = "p99 to the provider"


def closed(round_: Round) -> Iterator[Run]:
    """Both closed loops, ours and the peer one after the other; with `full` also the peer's other setting."""
    peers = (peer, eager_peer) if round_.full else (peer,)
    for start in beside(by_hook, round_, *peers):
        yield from measured(start, (ALONE, TOGETHER), round_)


def offered(round_: Round) -> Iterator[Run]:
    """The open loop: the alerts come when they come, and every delay is counted from when one was due."""
    for start in beside(by_hook, round_, peer, nobody):
        yield from measured(start, OFFERED, round_)


PARTS: Final = (
    Part(
        "pages",
        "alerts one at a time, and from ten clients",
        closed,
        goals=(
            Goal("a", ALONE.name, P50, 10, 5),
            Goal("a", ALONE.name, P99, 25, 10, drawn=True),
            Goal("b", TOGETHER.name, "accepted", 0.33, 1.0, more=True, beside=PEER),
            Goal("b", TOGETHER.name, "handed over", 0.33, 1.0, more=True, beside=PEER, drawn=True),
            Goal("b", TOGETHER.name, P99, 60, 20),
        ),
    ),
    Part(
        "offered",
        "alerts at a given rate: the open loop",
        offered,
        goals=(
            Goal("a", OFFERED[0].name, P99, 25, 10, drawn=True),
            Goal("b", OFFERED[1].name, P99, 60, 10, drawn=True),
            Goal("b", OFFERED[2].name, P99, 60, 20, drawn=True),
        ),
    ),
)
