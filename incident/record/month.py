"""A month of a roster as days with who is on duty in each, for a page, a print and the terminal. Pure.

A day is a local day of one zone: 23 or 25 hours long where the clocks change, and cut exactly there. What nobody covers
is a piece as well, so that nothing that draws a day can leave a gap out.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from typing import Final
from zoneinfo import ZoneInfo

from incident.calendars import instant
from incident.roster import Shift

_DAY: Final = timedelta(days=1)
_WRITTEN: Final = re.compile(r"(20[0-9]{2}|19[789][0-9])-(0[1-9]|1[0-2])", re.ASCII)


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar month in a zone. `start` and `end` are UTC."""

    year: int
    number: int
    zone: ZoneInfo

    @classmethod
    def read(cls, written: str, zone: ZoneInfo, now: datetime) -> Month:
        """`2026-11`, from 1970 to 2099; the month of `now` for anything else."""
        found = _WRITTEN.fullmatch(written)
        if found:
            return cls(int(found[1]), int(found[2]), zone)
        local = now.astimezone(zone)
        return cls(local.year, local.month, zone)

    @staticmethod
    def is_one(written: str) -> bool:
        """Whether `read` understands it."""
        return _WRITTEN.fullmatch(written) is not None

    @property
    def first(self) -> date:
        return date(self.year, self.number, 1)

    @property
    def start(self) -> datetime:
        return instant(self.first, time(), self.zone)

    @property
    def end(self) -> datetime:
        return self.next.start

    @property
    def next(self) -> Month:
        year, number = divmod(self.year * 12 + self.number, 12)
        return Month(year, number + 1, self.zone)

    @property
    def previous(self) -> Month:
        year, number = divmod(self.year * 12 + self.number - 2, 12)
        return Month(year, number + 1, self.zone)

    @property
    def written(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"

    @property
    def days(self) -> tuple[date, ...]:
        first, last = self.first, self.next.first
        return tuple(first + n * _DAY for n in range((last - first).days))


@dataclass(frozen=True, slots=True)
class Piece:
    """Part of a day. `shift` None: nobody, though somebody should be. `start` and `end` are cut to the day, in UTC."""

    start: datetime
    end: datetime
    shift: Shift | None

    @property
    def length(self) -> timedelta:
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Day:
    """A local day with its real length. Between its pieces is the time for which nobody is wanted."""

    date: date
    start: datetime
    end: datetime
    pieces: tuple[Piece, ...]

    @property
    def length(self) -> timedelta:
        return self.end - self.start

    @property
    def odd(self) -> bool:
        """Whether the clocks change on it."""
        return self.length != _DAY

    @property
    def stretches(self) -> tuple[Piece, ...]:
        """The pieces as they are read: who goes on into the next shift stands once, with the later one's reason."""
        found: list[Piece] = []
        for piece in self.pieces:
            if found and found[-1].end == piece.start and _person(found[-1]) == _person(piece):
                found[-1] = replace(piece, start=found[-1].start)
            else:
                found.append(piece)
        return tuple(found)

    def share(self, piece: Piece) -> tuple[float, float]:
        """Where a piece begins and how long it is, in parts of this day's real length."""
        return (piece.start - self.start) / self.length, piece.length / self.length


def _person(piece: Piece) -> str | None:
    return piece.shift.person if piece.shift else None


def days(month: Month, shifts: Iterable[Shift], gaps: Iterable[tuple[datetime, datetime]]) -> tuple[Day, ...]:
    """The days of the month with what of the shifts and gaps falls into each."""
    spans = [(shift.start, shift.end, shift) for shift in shifts]
    empty: list[tuple[datetime, datetime, Shift | None]] = [(start, end, None) for start, end in gaps]
    whole = sorted((*spans, *empty), key=lambda one: one[0])
    begun = [start for start, _, _ in whole]
    over = list(accumulate((end for _, end, _ in whole), max))

    def on(day: date) -> Day:
        start, end = instant(day, time(), month.zone), instant(day + _DAY, time(), month.zone)
        return _day(day, start, end, whole[bisect_right(over, start) : bisect_left(begun, end)])

    return tuple(on(day) for day in month.days)


def _day(day: date, start: datetime, end: datetime, spans: Iterable[tuple[datetime, datetime, Shift | None]]) -> Day:
    cut = ((max(first, start).astimezone(UTC), min(last, end).astimezone(UTC), shift) for first, last, shift in spans)
    return Day(day, start, end, tuple(Piece(first, last, shift) for first, last, shift in cut if first < last))


def weeks(found: tuple[Day, ...]) -> tuple[tuple[Day | None, ...], ...]:
    """The days in rows of seven from Monday on, None where another month stands."""
    before = found[0].date.weekday()
    cells: list[Day | None] = [None] * before + list(found)
    cells += [None] * (-len(cells) % 7)
    return tuple(tuple(cells[n : n + 7]) for n in range(0, len(cells), 7))
