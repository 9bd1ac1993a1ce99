"""What a roster says against itself, each fault with its place in the roster."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from incident.errors import Reason, why
from incident.roster.calculate import shifts
from incident.roster.model import Roster, Swap
from incident.roster.turns import begin
from incident.source import Pointer

Fault = tuple[Pointer, Reason]

_MOST: Final = timedelta(days=800)
"""How far ahead idle people are looked for: two years of the longest usual cycle."""


def named_in(roster: Roster) -> Iterator[tuple[Pointer, str]]:
    """Everybody whom the roster names, and where."""
    for place, layer in enumerate(roster.layers):
        for number, person in enumerate(layer.rotation):
            yield ("layers", place, "rotation", number), person
    for place, one in enumerate(roster.overrides):
        yield ("overrides", place, "person"), one.person
    for place, swap in enumerate(roster.swaps):
        yield ("swaps", place, "giver"), swap.giver
        yield ("swaps", place, "taker"), swap.taker


def inner_faults(roster: Roster) -> Iterator[Fault]:
    """Layers with the same id, layers that can never be on duty, accepted swaps of the same shifts."""
    seen: set[str] = set()
    for place, layer in enumerate(roster.layers):
        if layer.id in seen:
            yield ("layers", place, "id"), why("roster.fault.layer_twice", layer=layer.id)
        seen.add(layer.id)
    yield from _covered(roster)
    yield from _swapped_twice(roster)


def _covered(roster: Roster) -> Iterator[Fault]:
    """A later layer that is always in use and begins no later hides what is below it for ever."""
    for place, layer in enumerate(roster.layers):
        for above in roster.layers[place + 1 :]:
            if not above.rotation or above.restrictions:
                continue
            if begin(above, roster.zone_of(above)) <= begin(layer, roster.zone_of(layer)):
                yield ("layers", place), why("roster.fault.never_on_duty", layer=layer.id, above=above.id)
                break


def _swapped_twice(roster: Roster) -> Iterator[Fault]:
    kept: dict[str, list[Swap]] = {}
    for place, one in enumerate(roster.swaps):
        if one.state != "accepted":
            continue
        mine = kept.setdefault(one.giver, [])
        if any(other.start < one.end and one.start < other.end for other in mine):
            yield ("swaps", place), why("roster.fault.swapped_twice", person=one.giver)
        mine.append(one)


def idle(roster: Roster, at: datetime) -> Iterator[Fault]:
    """People of a rotation whom their layer never brings on duty from `at` on, as its turns and hours fall; nobody's
    time off, no override and no swap counts. Slower than the faults: it plays a whole cycle, two years at most."""
    for place, layer in enumerate(roster.layers):
        if not layer.rotation:
            continue
        minutes = layer.period_minutes or layer.period_days * 24 * 60
        # Restrictions repeat by the week, so seven rounds of the rotation show every meeting of turn and hours.
        rounds = 7 if layer.restrictions else 1
        length = min(timedelta(minutes=minutes * len(layer.rotation) * rounds + minutes), _MOST)
        start = max(at, begin(layer, roster.zone_of(layer)))
        alone = roster.model_copy(update={"layers": (layer,), "overrides": (), "swaps": ()})
        seen = {shift.person for shift in shifts(alone, start, start + length)}
        for person in layer.people:
            if person not in seen:
                number = layer.rotation.index(person)
                yield ("layers", place, "rotation", number), why("roster.fault.idle", person=person, layer=layer.id)
