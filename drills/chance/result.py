"""One question asked of thousands of runs, with everything that a picture or a program shows of the answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from drills.chance.figures import Share, curve, quantile, who, within
from drills.chance.many import Runner
from drills.chance.ringing import Answer, Setting
from drills.chance.weak import Weakness, candidates, weaknesses
from incident.clock import iso

QUANTILES = (0.5, 0.9, 0.99)
PART = 10
"""Each weakness is looked at with a tenth of the runs: a difference of the same dice needs far fewer."""


@dataclass(frozen=True, slots=True)
class Chance:
    """`curve` is answered-by-t; `answered` counts who answered; `quantiles` are minutes or None."""

    held: Setting
    seed: int
    answers: Sequence[Answer]
    share: Share
    curve: Sequence[tuple[float, Share]]
    quantiles: dict[float, float | None]
    answered: list[tuple[str, int]]
    weak: list[Weakness]

    @property
    def runs(self) -> int:
        return len(self.answers)


def compared(runs: int) -> int:
    """How many runs each weakness is looked at with."""
    return min(runs, max(200, runs // PART))


def work(held: Setting, runs: int) -> int:
    """All runs that a question takes, for a progress bar."""
    return runs + len(candidates(held)) * compared(runs)


def ask(held: Setting, run: Runner, runs: int, seed: int) -> Chance:
    """Run it all."""
    answers = run(held.cast, runs, held.horizon_min)
    weak = weaknesses(held, run, answers, compared(runs))
    return Chance(
        held=held,
        seed=seed,
        answers=answers,
        share=within(answers, held.target_min),
        curve=curve(answers, min(held.horizon_min, 2 * held.target_min)),
        quantiles={share: quantile(answers, share) for share in QUANTILES},
        answered=who(answers),
        weak=weak,
    )


def as_json(chance: Chance) -> dict[str, Any]:
    """For programs."""
    return {
        "at": iso(chance.held.opened.at),
        "level": chance.held.opened.state.level,
        "target_min": chance.held.target_min,
        "runs": chance.runs,
        "seed": chance.seed,
        "ill": sorted(chance.held.silent),
        "no_provider": sorted(chance.held.broken),
        "within_target": _share(chance.share),
        "nobody": sum(answer.minutes is None for answer in chance.answers),
        "quantiles_min": {str(share): minutes for share, minutes in chance.quantiles.items()},
        "curve": [{"min": minutes, **_share(share)} for minutes, share in chance.curve],
        "answered_by": dict(chance.answered),
        "hangs_on": [
            {"sort": w.sort, "name": w.name, "without": _share(w.left)}
            | {"loss": w.loss.value, "low": w.loss.low, "high": w.loss.high}
            for w in chance.weak
        ],
    }


def _share(share: Share) -> dict[str, float]:
    return {"share": share.value, "low": share.low, "high": share.high}
