"""Alert to provider: from the request that reports, to the request that arrives at the provider's double.

One at a time, from ten clients (both closed loops), and at a given rate (open loop, the figures that are claimed).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from bench.figures import Run
from bench.rounds import Round
from bench.targets import beside, by_hook, eager_peer, peer
from bench.work import Work, measured

ALONE: Final = Work("one at a time", 200, clients=1, gap_s=0.02)
TOGETHER: Final = Work("10 clients", 2000)
OFFERED_S: Final = 5
OFFERED: Final = tuple(Work(f"{rate:,}/s offered", rate * OFFERED_S, rate=rate) for rate in (50, 500, 1000))


def closed(round_: Round) -> Iterator[Run]:
    """Both closed loops, ours and the peer one after the other; with `full` also the peer's other setting."""
    peers = (peer, eager_peer) if round_.full else (peer,)
    for start in beside(by_hook, round_, *peers):
        yield from measured(start, (ALONE, TOGETHER), round_)


def offered(round_: Round) -> Iterator[Run]:
    """The open loop: the alerts come when they come, and every delay is counted from when one was due."""
    for work in OFFERED:
        for start in beside(by_hook, round_, peer):
            yield from measured(start, (work,), round_)
