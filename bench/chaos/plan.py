"""What the monkey will do, and when: made from the seed alone, before anything runs."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Pace:
    """Nothing happens in the first `warm_s`, a calm stretch that the others are compared with, nor in the last
    `quiet_s`: what was disturbed last has to show that it goes on by itself. Between two acts there is `calm_s`;
    what lasts, lasts for `length` times as long."""

    warm_s: float = 4.0
    calm_s: tuple[float, float] = (3.0, 8.0)
    quiet_s: float = 8.0
    length: float = 1.0


PACE: Final = Pace()


@dataclass(frozen=True, slots=True)
class Trick:
    """One thing that the monkey can do. `lasts` is drawn from this range; until then it is undone again.

    `doubles` says that a message may honestly go out twice for it: who sent it could not write that down.
    """

    name: str
    target: str = ""
    lasts: tuple[float, float] = (0.0, 0.0)
    doubles: bool = False

    def __str__(self) -> str:
        return f"{self.name} {self.target}".strip()


@dataclass(frozen=True, slots=True)
class Act:
    """A trick at a time, in seconds from the start; `until` is when it is over, the same for what only strikes."""

    at: float
    until: float
    trick: Trick


REFUSALS: Final = ("hang", "slow", "late", "refuse", "busy", "broken", "muddle")
"""The provider does not answer; answers in seconds; answers when nobody waits any more; says no for good (400), later
(429), something broken (500); sends its receipts twice, in any order, and each reply twice."""

PROVIDER: Final = tuple(Trick("provider", mood, (5.0, 9.0), doubles=mood in ("hang", "late")) for mood in REFUSALS)
CLOCK: Final = (
    Trick("clock", "-45", (10.0, 16.0), doubles=True),
    Trick("clock", "+45", (10.0, 16.0), doubles=True),
)
DISK: Final = Trick("disk", "full", (6.0, 9.0), doubles=True)
BELL: Final = (Trick("kill", "redis"), Trick("flush", "redis"))

SERVE: Final = (  # what hangs is frozen for longer than its supervisor looks on
    *(Trick("kill", name, doubles=name in ("worker", "serve")) for name in ("web", "worker", "watch", "serve")),
    *BELL,
    Trick("freeze", "worker", (14.0, 18.0), doubles=True),
    *(Trick("hang", name, (28.0, 30.0), doubles=name == "worker") for name in ("web", "worker", "watch")),
    *PROVIDER,
    *CLOCK,
    DISK,
)
MANY: Final = (
    *(Trick("kill", f"{kind}{n}", doubles=kind == "worker") for kind in ("web", "worker", "watch") for n in (1, 2)),
    Trick("kill", "web3"),
    *BELL,
    Trick("freeze", "worker1", (14.0, 18.0), doubles=True),
    Trick("freeze", "watch2", (8.0, 12.0)),
    *(Trick("postgres", how, doubles=True) for how in ("fast", "immediate", "kill", "backend")),
    *PROVIDER,
    *CLOCK,
    DISK,
)


def plan(seed: int, seconds: float, tricks: Sequence[Trick], pace: Pace = PACE) -> list[Act]:
    """Every trick once before any comes again, in an order and at times that only the seed decides."""
    chance = random.Random(f"plan {seed}")
    acts: list[Act] = []
    deck: list[Trick] = []
    at = pace.warm_s
    while True:
        deck = deck or chance.sample(list(tricks), len(tricks))
        trick = deck.pop()
        until = at + pace.length * chance.uniform(*trick.lasts)
        if until > seconds - pace.quiet_s:
            return acts
        acts.append(Act(round(at, 2), round(until, 2), trick))
        at = until + chance.uniform(*pace.calm_s)
