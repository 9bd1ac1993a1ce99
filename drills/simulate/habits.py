"""How people answer and how providers fail, as data; every draw comes from a seed and from nothing else.

The stream of one person's answer to one page depends on the run, the person and the page alone. So two runs of the same
number differ only where they were meant to differ: with somebody ill, without a provider, without a rung.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from random import Random
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from drills.script.model import Habit, Share
from incident.organisation.people import WayKind
from incident.source import parse

Hour = Annotated[int, Field(ge=0, le=23)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Night(_Part):
    begins: Hour
    ends: Hour

    def holds(self, hour: int) -> bool:
        """Whether a local hour lies in it; it may reach over midnight."""
        if self.begins <= self.ends:
            return self.begins <= hour < self.ends
        return hour >= self.begins or hour < self.ends


class Ears(_Part):
    """`away`: hears nothing of a page, whatever the way. `hears`: what else is heard of one message, by its way."""

    away: Share
    declines: Share
    answer_min: Annotated[float, Field(gt=0)]
    spread: Annotated[float, Field(ge=0, le=3)]
    hears: Mapping[WayKind, Share]


class Provider(_Part):
    """`fails`: a message is refused, and the person's next way follows at once. `seconds` until it is there."""

    fails: Share
    seconds: Annotated[float, Field(ge=0)]


class Habits(_Part):
    night: Night
    day: Ears
    asleep: Ears
    providers: Mapping[WayKind, Provider]

    def ears(self, hour: int) -> Ears:
        return self.asleep if self.night.holds(hour) else self.day


@cache
def usual() -> Habits:
    """The habits that come with the product; every figure is assumed."""
    return parse(Habits, (files("drills") / "habits.yaml").read_text("utf-8"), "habits.yaml")


def as_ears(habit: Habit) -> Ears:
    """A script's player: who is not away hears every message that arrives."""
    return Ears(
        away=habit.never,
        declines=habit.declines,
        answer_min=habit.answer_min,
        spread=habit.spread,
        hears=dict.fromkeys(WayKind, 1.0),
    )


@dataclass(frozen=True, slots=True)
class Reaction:
    """What one person does about one page: nothing (`away`), or an answer so many seconds after hearing it."""

    away: bool
    declines: bool
    after_s: float
    heard: Mapping[str, float]
    failed: Mapping[str, float]


def reaction(seed: str, person: str, page: int, ears: Ears) -> Reaction:
    """Drawn once for each person and page. `heard` and `failed` are the dice for each way, held against the shares."""
    dice = Random(f"{seed}/{person}/{page}")  # noqa: S311 - a seed is what is wanted
    away, declines = dice.random() < ears.away, dice.random() < ears.declines
    after_s = 60 * ears.answer_min * math.exp(ears.spread * dice.gauss(0.0, 1.0))
    heard = {str(kind): dice.random() for kind in WayKind}
    failed = {str(kind): dice.random() for kind in WayKind}
    return Reaction(away, declines, after_s, heard, failed)
