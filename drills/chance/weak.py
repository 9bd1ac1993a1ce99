"""What it hangs on: each person, provider and rung is taken away in turn, and the same runs are made again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from drills.chance.figures import Difference, Share, lost, within
from drills.chance.many import Runner
from drills.chance.ringing import Answer, Setting, without
from drills.simulate.stage import Cast


@dataclass(frozen=True, slots=True)
class Weakness:
    """`sort` is person, way or rung (from 0); `loss` is what the share within the target falls by without it."""

    sort: str
    name: str
    left: Share
    loss: Difference


@dataclass(frozen=True, slots=True)
class Candidate:
    sort: str
    name: str
    cast: Cast


def candidates(held: Setting) -> list[Candidate]:
    """Everybody on the ladder who is well, every provider that works, every rung."""
    cast, rungs = held.cast, held.on_rungs()
    people = dict.fromkeys(person for rung in rungs for person in rung if person not in held.silent)
    found = [Candidate("person", person, without(cast, person=person)) for person in people]
    found += [Candidate("way", way, without(cast, way=way)) for way in held.ways() if way not in held.broken]
    return found + [Candidate("rung", str(n), without(cast, rung=n)) for n, people in enumerate(rungs) if people]


def weaknesses(held: Setting, run: Runner, base: Sequence[Answer], count: int) -> list[Weakness]:
    """The greatest loss first. `base` are the runs with everything there; the first `count` of them are compared."""
    before, found = base[:count], []
    for candidate in candidates(held):
        after = run(candidate.cast, count, held.target_min)
        loss = lost(before, after, held.target_min)
        found.append(Weakness(candidate.sort, candidate.name, within(after, held.target_min), loss))
    return sorted(found, key=lambda weakness: (-weakness.loss.value, weakness.sort, weakness.name))
