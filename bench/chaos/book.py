"""What was promised and what was seen, noted by all who take part, for the auditor. Times are monotonic seconds."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field

from bench.chaos.plan import Trick


@dataclass(frozen=True, slots=True)
class Reported:
    """A report that was answered 2xx."""

    key: str
    incident: str
    code: str
    answered: float


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer of a person that was answered 2xx: they were told that it counts."""

    code: str
    person: str
    act: str
    via: str


@dataclass(slots=True)
class Arrival:
    """One message that the provider took, and when its answer had gone out; None when nobody waited for it."""

    at: float
    send: str
    way: str
    code: str
    answered: float | None = None


@dataclass(slots=True)
class Done:
    """A trick as it was really done."""

    trick: Trick
    at: float
    until: float
    note: str = ""


@dataclass
class Book:
    """`lock` guards everything; nobody holds it for long."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    reported: list[Reported] = field(default_factory=list)
    repeated: Counter[str] = field(default_factory=Counter)
    answered: list[Answered] = field(default_factory=list)
    arrivals: list[Arrival] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    unavailable: list[float] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)
    done: list[Done] = field(default_factory=list)
    started: int = 0
    given_up: list[str] = field(default_factory=list)
