"""Drills: how fast a script is played, the ladder rung ten thousand times, and a long log scored.

No peer: nothing else that one can install does any of the three. All of it is processor time on this machine's cores.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from statistics import median
from typing import Final

from bench.figures import OURS, Figure, Run
from bench.goals import Goal
from bench.rounds import Part, Round
from drills.chance.many import runner
from drills.chance.ringing import setting
from drills.score import profile
from drills.script.reader import open_script, shipped
from drills.simulate.habits import usual
from drills.simulate.plans import Outside, shipped_plans
from drills.simulate.play import Played, play, starts_at
from incident.clock import monotonic
from incident.events import Noted
from incident.organisation.reader import demo_organisation

RUNS: Final = 10_000
LONG: Final = 2_000
_CASE: Final = "data-centre-outage"
_PLAYED: Final = "every shipped script, played in virtual time"
_CHANCE: Final = "{:,} runs of a ladder over three tiers"
_SCORED: Final = f"score of a log of {LONG:,} entries"
_TIMES: Final = 15


def measure(round_: Round) -> Iterator[Run]:
    """One round of all three."""
    outside = Outside(demo_organisation(), shipped_plans())
    yield Run(_PLAYED, OURS, _scripts(outside))
    runs = round_.of(RUNS)
    yield Run(_CHANCE.format(runs), OURS, (_rung(outside, runs),))
    yield Run(_SCORED, OURS, (_judged(outside),))


def _scripts(outside: Outside) -> tuple[Figure, ...]:
    scripts = [open_script(name) for name in shipped()]
    entries, longest, began = 0, 0.0, monotonic()
    for script in scripts:
        start = monotonic()
        played = play(script, outside, starts_at(script, outside), seed=1, profile=profile())
        longest = max(longest, monotonic() - start)
        entries += len(played.entries)
    rate = entries / (monotonic() - began)
    return Figure("simulated entries", rate, "/s"), Figure("longest drill", 1000 * longest, "ms")


def _rung(outside: Outside, runs: int) -> Figure:
    """With the start of the other processes, as a person waits for it."""
    script = open_script(_CASE)
    report = script.opening.report("en", script.policy)
    held = setting(report, outside, starts_at(script, outside), usual(), horizon_min=60)
    began = monotonic()
    with runner(held, 1) as run:
        run(held.cast, runs, held.horizon_min)
    return Figure("time", monotonic() - began, "s")


def _judged(outside: Outside) -> Figure:
    script, held = open_script(_CASE), profile()
    drill = long(play(script, outside, starts_at(script, outside), seed=1, profile=held))
    took = []
    for _ in range(_TIMES):
        began = monotonic()
        drill.score(held)
        took.append(1000 * (monotonic() - began))
    return Figure("p50", median(took), "ms")


def long(drill: Played) -> Played:
    """The same drill with so many notes in it that the log is as long as wanted; the seal is left out."""
    first = drill.entries[5]
    more = LONG - len(drill.entries)
    notes = [
        replace(first, position=len(drill.entries) + n, seq=n, at=first.at + timedelta(seconds=n), event=Noted("look"))
        for n in range(1, more + 1)
    ]
    seen = drill.observations.model_copy(update={"sealed": None})
    return replace(drill, entries=(*drill.entries, *notes), observations=seen)


PART: Final = Part(
    "drills",
    "scripts played, 10,000 runs of a ladder, a log of 2,000 entries scored",
    measure,
    goals=(
        Goal("d", _CHANCE.format(RUNS), "time", 20, 10),
        Goal("d", _SCORED, "p50", 50, 20),
        Goal("d", _PLAYED, "longest drill", 1000, 200),
        Goal("d", _PLAYED, "simulated entries", None, 5000, more=True),
    ),
)
