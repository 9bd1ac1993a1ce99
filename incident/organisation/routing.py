"""Which unit a report belongs to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from incident.errors import Reason, why
from incident.levels import Kind
from incident.organisation.unit import Unit
from incident.report import Report


@dataclass(frozen=True, slots=True)
class Routed:
    """The unit and the rule that chose it. `notes` tell what was asked for and could not be done."""

    unit: str
    reason: Reason
    notes: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Claim:
    """What a unit answers for, folded for comparing. `depth` counts from the root."""

    unit: str
    depth: int
    products: tuple[str, ...]
    places: tuple[str, ...]
    kinds: frozenset[Kind]


def claim(unit: Unit, depth: int) -> Claim:
    """The claim of a unit."""
    products, places = (tuple(text.casefold() for text in texts) for texts in (unit.products, unit.places))
    return Claim(unit.id, depth, products, places, frozenset(unit.kinds))


def matching(claims: Iterable[Claim], report: Report) -> Routed | None:
    """The best claim: product before place before kind, the longer fragment before the shorter.

    A later rule decides between units that the earlier ones leave level, so a product line that two field teams
    share goes to the one at the place. Then the deeper unit wins, then the first. None when nothing matches.
    """
    product, place = ((text or "").casefold() for text in (report.product, report.place))
    best: tuple[tuple[int, int, bool, int], Claim, str, str] | None = None
    for one in claims:
        by_product, by_place = _longest(one.products, product), _longest(one.places, place)
        rank = (len(by_product), len(by_place), report.kind in one.kinds, one.depth)
        if any(rank[:3]) and (best is None or rank > best[0]):
            best = rank, one, by_product, by_place
    if best is None:
        return None
    _, one, by_product, by_place = best
    if by_product and by_place:
        return Routed(one.unit, why("route.product_and_place", product=by_product, place=by_place, unit=one.unit))
    if by_product:
        return Routed(one.unit, why("route.product", product=by_product, unit=one.unit))
    if by_place:
        return Routed(one.unit, why("route.place", place=by_place, unit=one.unit))
    return Routed(one.unit, why("route.kind", kind=report.kind, unit=one.unit))


def _longest(fragments: tuple[str, ...], text: str) -> str:
    return max((fragment for fragment in fragments if fragment in text), key=len, default="")
