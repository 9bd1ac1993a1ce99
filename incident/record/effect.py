"""What a change of a roster would do: who stands when instead of whom, and where nobody is left. Pure.

Said before it is saved, from the same calculator that pages people afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Final

from incident.organisation import Organisation
from incident.roster import Roster, gaps, shifts

MOST: Final = 500
"""Differences that are counted out for one roster; nobody reads more."""


@dataclass(frozen=True, slots=True)
class Change:
    """From `start` to `end` (UTC) `now` stands on the roster and not `was`; None is nobody."""

    roster: str
    start: datetime
    end: datetime
    was: str | None
    now: str | None

    @property
    def is_gap(self) -> bool:
        """Whether this leaves a time empty that was covered."""
        return self.now is None


def changes(before: Organisation, after: Organisation, start: datetime, end: datetime) -> tuple[Change, ...]:
    """Every difference between two organisations in who is on duty from `start` to `end`, roster by roster."""
    old = {roster.id: roster for roster in before.rosters}
    new = {roster.id: roster for roster in after.rosters}
    moved = {name for name in (*before.absent, *after.absent) if before.absent.get(name) != after.absent.get(name)}
    found: list[Change] = []
    for name in dict.fromkeys((*old, *new)):
        if (
            name in new
            and old.get(name) == new[name]
            and not moved & new[name].named
            and not _other_skills(before, after, new[name])
        ):
            continue
        was = _holders(before, old.get(name), start, end)
        now = _holders(after, new.get(name), start, end)
        found += _differences(name, was, now)
    return tuple(found)


def _other_skills(before: Organisation, after: Organisation, roster: Roster) -> bool:
    return bool(roster.requires) and before.absent_on(roster) != after.absent_on(roster)


Held = list[tuple[datetime, datetime, str | None]]


def _holders(organisation: Organisation, roster: Roster | None, start: datetime, end: datetime) -> Held:
    """Who stands from when to when, without a hole, from `start` to `end`."""
    if roster is None:
        return [(start, end, None)]
    spans: Held = [
        (one.start, one.end, one.person) for one in shifts(roster, start, end, organisation.absent_on(roster))
    ]
    spans += [(one.start, one.end, None) for one in gaps(roster, start, end, organisation.absent_on(roster))]
    return sorted(((max(a, start), min(b, end), who) for a, b, who in spans), key=lambda span: span[0])


def _differences(roster: str, was: Held, now: Held) -> Iterator[Change]:
    edges = sorted({edge for first, last, _ in (*was, *now) for edge in (first, last)})
    pending: Change | None = None
    told = 0
    before, after = _Reel(was), _Reel(now)
    for first, last in pairwise(edges):
        old, new = before.at(first), after.at(first)
        if old == new:
            continue
        if pending and (pending.end, pending.was, pending.now) == (first, old, new):
            pending = Change(roster, pending.start, last, old, new)
            continue
        if pending:
            yield pending
            told += 1
            if told >= MOST:
                return
        pending = Change(roster, first.astimezone(UTC), last.astimezone(UTC), old, new)
    if pending:
        yield pending


class _Reel:
    """Who stands at one instant after the other, asked forwards only."""

    def __init__(self, held: Held) -> None:
        self._held, self._place = held, 0

    def at(self, at: datetime) -> str | None:
        while self._place < len(self._held) and self._held[self._place][1] <= at:
            self._place += 1
        if self._place == len(self._held) or at < self._held[self._place][0]:
            return None
        return self._held[self._place][2]
