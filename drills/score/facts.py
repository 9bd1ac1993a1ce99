"""A log as the scorer reads it: sorted by time and position, in one zone, with the pauses taken out of every span."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final, TypeVar, cast

from drills.score.observations import Observations
from incident.events import Acknowledged, Entry, Event, Paged, PageDelivered, Reported
from incident.posts import Tier

E = TypeVar("E", bound=Event)


class Facts:
    """What a log says. `zero` is when human time begins.

    In a drill that is when the first page was delivered: what the machine needs before is no human's delay. Where no
    receipt came, when the first person was paged. A real incident's time begins with its report, as its clocks do.
    """

    def __init__(
        self, entries: Iterable[Entry], observations: Observations, cast_: Mapping[str, Tier], *, drill: bool
    ) -> None:
        self.entries: Final = tuple(sorted(entries, key=lambda entry: (entry.at.astimezone(UTC), entry.position)))
        if not self.entries:
            raise ValueError("an empty log has no score")
        self.cast: Final = cast_
        self._pauses: Final = _merged([(p.start, p.end) for p in observations.pauses])
        by_kind: defaultdict[type[Event], list[Entry]] = defaultdict(list)
        for entry in self.entries:
            by_kind[type(entry.event)].append(entry)
        self._by_kind: Final[Mapping[type[Any], list[Entry]]] = dict(by_kind)
        self.last: Final = self.entries[-1]
        self.zero: Final = self._begin() if drill else self.entries[0]

    def of(self, kind: type[E]) -> list[tuple[Entry, E]]:
        """Entries of one kind with their events, in order."""
        return [(entry, cast(Any, entry.event)) for entry in self._by_kind.get(kind, ())]

    def since(self, entry: Entry) -> float:
        """Minutes of human time from zero to an entry; never below zero."""
        return max(0.0, self.between(self.zero.at, entry.at))

    def between(self, start: datetime, end: datetime) -> float:
        """Minutes from one instant to another, pauses subtracted."""
        seconds = (end - start).total_seconds()
        for pause_start, pause_end in self._pauses:
            overlap = (min(end, pause_end) - max(start, pause_start)).total_seconds()
            seconds -= max(0.0, overlap)
        return seconds / 60

    def answers(self) -> list[tuple[Entry, Acknowledged]]:
        """Acknowledgements by people who stand on a roster. One that a program gave is none."""
        return [(e, a) for e, a in self.of(Acknowledged) if a.rostered and not is_machine(e.by)]

    def _begin(self) -> Entry:
        delivered = self.of(PageDelivered)
        if delivered:
            return delivered[0][0]
        paged = [entry for entry, event in self.of(Paged) if event.people]
        return paged[0] if paged else self._by_kind.get(Reported, [self.entries[0]])[0]


def is_machine(by: str) -> bool:
    """Whether an entry was written for a program or for the clock."""
    return by == "system" or by.startswith("key:")


def _merged(spans: list[tuple[datetime, datetime]]) -> tuple[tuple[datetime, datetime], ...]:
    """Overlapping pauses are one: no minute is taken out twice."""
    found: list[tuple[datetime, datetime]] = []
    for start, end in sorted(spans):
        if end <= start:
            continue
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return tuple(found)
