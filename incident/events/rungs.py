"""The ladder as an incident pins it: whom each rung asks, in which way, and at which hours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from typing import Literal

from incident.posts import Post, Tier

Who = Literal["primary", "secondary", "all", "people", "skilled", "post"]


@dataclass(frozen=True, slots=True)
class Hours:
    """A rung is used inside, or only outside, these hours of a country's working days; without one, Monday to Friday.

    Without a zone they are the hours of the incident's own unit.
    """

    inside: bool
    opens: time
    closes: time
    timezone: str | None = None
    country: str | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """What a rung asks for besides tier, function and wait.

    `people`, `skill` and `post` are whom `who` means; with primary, secondary, all or people `skill` is what they must
    have. `in_turn` pages one after the other, each with the rung's wait; `repeat` is how often the rung is paged.
    """

    people: tuple[str, ...] = ()
    skill: str | None = None
    post: Post | None = None
    in_turn: bool = False
    repeat: int = 1
    hours: Hours | None = None


@dataclass(frozen=True, slots=True)
class Rung:
    """One rung of the ladder: whom to page and how many seconds to wait for an answer before the next."""

    tier: Tier
    who: Who
    function: str
    wait_s: int
    terms: Terms | None = None
