"""Which provider carries a message to a number, and who is next when the first one cannot. Pure.

Able first: who can send to that country at all, has approved words for the purpose and, for a page, lets the person
answer where another would not. Then who has delivered better of late, by figures that are large enough to mean
something; then the cheaper one. Who is known to be down comes last, and is still tried when nobody else is left: a
page is never given up for a suspicion.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from incident.notify.capabilities import Capabilities, country, in_country
from incident.orders import PAGE
from incident.organisation.people import WayKind

ENOUGH: Final = 20
"""Sends below which a share is chance: with nineteen of twenty delivered, the next twenty may well be fifteen."""
BETTER_SHARE: Final = 0.1
FASTER: Final = 0.5
"""Hysteresis: places are changed for ten in a hundred more that arrive, or for half the time; not back for less."""
UNKNOWN_SHARE: Final = 0.8
"""What is taken of a provider that nobody has measured, so that a bad one is left for it, and a good one is not."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Of the last sends of one provider to one country: how many, which share arrived (0 to 1), the median seconds."""

    sends: int
    share: float
    median_s: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """`says` tells whether there are approved words for a purpose; who needs no templates says yes to everything."""

    name: str
    down: bool = False
    says: Callable[[str], bool] = lambda purpose: True


Figures = Mapping[tuple[str, WayKind, str], Measured]
"""By provider, way and country."""


def choose(
    providers: Sequence[Candidate],
    number: str,
    purpose: str,
    measured: Figures,
    *,
    way: WayKind = WayKind.SMS,
    standing: Sequence[str] = (),
) -> tuple[str, ...]:
    """The providers for one message, the first one first; empty when none is able.

    `standing` is the order that held so far: it is only left for a clear reason.
    """
    return choose_in(country(number), providers, purpose, measured, way=way, standing=standing)


def choose_in(
    land: str,
    providers: Sequence[Candidate],
    purpose: str,
    measured: Figures,
    *,
    way: WayKind,
    standing: Sequence[str] = (),
) -> tuple[str, ...]:
    """The same for any number of a country."""
    able = {one.name: row for one in providers if (row := _able(one, land, purpose, way))}
    if len(able) < 2:
        return tuple(able)
    usual = sorted(able, key=lambda name: able[name].cost)  # of two that cost alike, the one that is named first
    order = [*(name for name in standing if name in able), *(name for name in usual if name not in standing)]
    order = _by_delivery(order, {name: measured.get((name, way, land)) for name in able})
    down = {one.name for one in providers if one.down}
    answers = {name: purpose != PAGE or _answerable(able[name], way) for name in able}
    return tuple(sorted(order, key=lambda name: (name in down, not answers[name])))


def _able(one: Candidate, land: str, purpose: str, way: WayKind) -> Capabilities | None:
    row = in_country(one.name, land)
    return row if row.carries(way) and (not row.template_required or one.says(purpose)) else None


def _answerable(able: Capabilities, way: WayKind) -> bool:
    return able.voice_keys if way is WayKind.VOICE else able.two_way or able.url_ok


def _by_delivery(order: list[str], measured: Mapping[str, Measured | None]) -> list[str]:
    """Insertion: each one passes those before it that it is clearly better than."""
    sorted_: list[str] = []
    for name in order:
        place = len(sorted_)
        while place and _clearly_better(measured[name], measured[sorted_[place - 1]]):
            place -= 1
        sorted_.insert(place, name)
    return sorted_


def _clearly_better(one: Measured | None, other: Measured | None) -> bool:
    known, beside = _known(one), _known(other)
    if known is None and beside is None:
        return False
    share, other_share = (found.share if found else UNKNOWN_SHARE for found in (known, beside))
    if abs(share - other_share) >= BETTER_SHARE:
        return share > other_share
    return known is not None and beside is not None and known.median_s <= beside.median_s * FASTER


def _known(figures: Measured | None) -> Measured | None:
    return figures if figures and figures.sends >= ENOUGH else None
