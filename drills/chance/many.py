"""Thousands of runs on all processors. How the work is cut changes nothing: each run's dice are its own number's."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Final

from drills.chance.ringing import Answer, Setting, ring
from drills.simulate.stage import Cast

CHUNK: Final = 250
Told = Callable[[int], None]
Runner = Callable[[Cast, int, float], list[Answer]]

_held: list[Setting] = []
"""The setting of this process: handed over once when it starts, not with each piece of work."""


def runs(held: Setting, cast: Cast, seed: int, numbers: range, until_min: float) -> list[Answer]:
    """The runs of these numbers, in their order."""
    return [ring(held, cast, f"{seed}/{number}", until_min) for number in numbers]


@contextmanager
def runner(held: Setting, seed: int, *, processes: int | None = None, told: Told | None = None) -> Iterator[Runner]:
    """Gives a function: so many runs with this cast, each up to so many minutes.

    `told` hears how many more are done. One process runs in place.
    """
    wanted = processes or len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    tell = told or (lambda _: None)
    if wanted == 1:
        yield lambda cast, count, until: _told(lambda n: runs(held, cast, seed, n, until), count, tell)
        return
    with ProcessPoolExecutor(wanted, get_context("spawn"), initializer=_begin, initargs=(held,)) as pool:

        def spread(cast: Cast, count: int, until: float) -> list[Answer]:
            found: list[Answer] = []
            for part in pool.map(_piece, [(cast, seed, n, until) for n in _cut(count)]):
                found += part
                tell(len(part))
            return found

        yield spread


def _told(run: Callable[[range], list[Answer]], count: int, tell: Told) -> list[Answer]:
    found: list[Answer] = []
    for numbers in _cut(count):
        found += run(numbers)
        tell(len(numbers))
    return found


def _cut(count: int) -> Sequence[range]:
    return [range(first, min(first + CHUNK, count)) for first in range(0, count, CHUNK)]


def _begin(held: Setting) -> None:
    _held[:] = [held]


def _piece(work: tuple[Cast, int, range, float]) -> list[Answer]:
    return runs(_held[0], *work)
