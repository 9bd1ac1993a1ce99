"""A storm: 10,000 distinct alerts as fast as they are taken, one in each request and a hundred; a provider that answers
at once and one that takes 100 ms; and 10,000 repeats of one alert, which are one page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from bench.bare import all_rows, one_row
from bench.figures import Run
from bench.goals import Goal
from bench.pages import P99
from bench.rounds import Part, Round
from bench.targets import PEER, Start, beside, by_api, by_hook, peer
from bench.work import Work, measured

ALERTS: Final = 10_000
SLOW_MS: Final = 100
ONE: Final = Work("storm, one each", ALERTS)
BATCHES: Final = Work("storm, batches of 100", ALERTS, batch=100)
ONE_SLOW: Final = Work("storm, one each, provider takes 100 ms", ALERTS, delay_ms=SLOW_MS)
BATCHES_SLOW: Final = Work("storm, batches of 100, provider takes 100 ms", ALERTS, batch=100, delay_ms=SLOW_MS)
ONE_API: Final = Work("storm, one each, POST /api/incidents", ALERTS)
BATCHES_API: Final = Work("storm, batches of 100, POST /api/incidents", ALERTS, batch=100)
ONE_BARE: Final = Work("storm, one each, beside the stack itself", ALERTS)
BATCHES_BARE: Final = Work("storm, batches of 100, beside the stack itself", ALERTS, batch=100)
REPEATS: Final = Work("10,000 repeats", ALERTS, repeats=True)


def _of(work: Work, door: Start = by_hook, *peers: Start) -> Callable[[Round], Iterator[Run]]:
    """A fresh program for each: nobody carries the last storm's incidents into the next."""

    def measure(round_: Round) -> Iterator[Run]:
        for start in beside(door, round_, *peers):
            yield from measured(start, (work,), round_)

    return measure


def _goals(work: Work, now: float, aim: float) -> tuple[Goal, ...]:
    """What is taken and what is handed over, beside the peer; how late the last are; what all processes hold."""
    return (
        Goal("c", work.name, "accepted", now, aim, more=True, beside=PEER),
        Goal("c", work.name, "handed over", now, aim, more=True, beside=PEER, drawn=True),
        Goal("c", work.name, P99, 1.0, beside=PEER),
        Goal("c", work.name, "memory", 300),
        Goal("c", work.name, "sent twice", 0),
    )


PARTS: Final = (
    Part("storm.one", "10,000 alerts, one in each request", _of(ONE, by_hook, peer), goals=_goals(ONE, 0.33, 1.0)),
    Part(
        "storm.batches",
        "10,000 alerts, a hundred in each request",
        _of(BATCHES, by_hook, peer),
        goals=_goals(BATCHES, 1.0, 3.0),
    ),
    Part(
        "storm.one-slow",
        "one each, and the provider takes 100 ms",
        _of(ONE_SLOW, by_hook, peer),
        goals=_goals(ONE_SLOW, 0.33, 1.0),
    ),
    Part(
        "storm.batches-slow",
        "batches, and the provider takes 100 ms",
        _of(BATCHES_SLOW, by_hook, peer),
        goals=_goals(BATCHES_SLOW, 1.0, 3.0),
    ),
    Part("storm.one-api", "one each, through POST /api/incidents", _of(ONE_API, by_api)),
    Part("storm.batches-api", "batches, through POST /api/incidents", _of(BATCHES_API, by_api)),
    Part(
        "storm.one-bare",
        "one each, beside bare programs that only write and send",
        _of(ONE_BARE, by_hook, peer, one_row, all_rows),
        usual=False,
    ),
    Part(
        "storm.batches-bare",
        "batches, beside bare programs that only write and send",
        _of(BATCHES_BARE, by_hook, peer, one_row, all_rows),
        usual=False,
    ),
    Part(
        "repeats",
        "10,000 repeats of one alert: one page",
        _of(REPEATS, by_hook, peer),
        goals=(
            Goal("d", REPEATS.name, "accepted", 0.2, 0.4, more=True, beside=PEER, drawn=True),
            Goal("d", REPEATS.name, "pages", 1),
        ),
    ),
)
