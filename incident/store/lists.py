"""Lists of incidents, the newest first, page by page: however long the history is, a page looks at so much of it.

A page may be short before the end: where words or filters that are common apart would have all of the history looked
through, the rest is left to the next page, and the cursor says where it goes on. Nothing is ever left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Final

from sqlalchemy import ColumnElement, Connection, func, select

from incident.store import measured, postings
from incident.store.filters import LISTED, Filter, Listed, conditions, is_open, led, listed, narrowest, reach, where
from incident.store.tables import board
from incident.store.tokens import Asked, asked

_UNREAD: Final = 20_000
"""Of what the clerk has not read yet one page looks through so many rows."""
LED: Final = (500, 5_000)
"""Incidents that the narrowest filter fits, at first and later, among which a page looks for those that hold the words
or fit the others, too."""
_TRIED: Final = 100
"""The newest that hold the words are looked at in any case: a filter that most of them fit needs no more."""
_PORTIONS: Final = 12
_WINDOW: Final = 1_000
_LOOKED: Final = 4_000
"""Incidents that seem to hold the words: rows of these that are looked at, at once and for one page."""


def listing(connection: Connection, wanted: Filter, before: int | None = None, limit: int = 50) -> list[Listed]:
    """The newest first. The next page begins `before` the last one's number; see `page` for one that knows its end."""
    return page(connection, wanted, before, limit)[0]


def page(
    connection: Connection, wanted: Filter, before: int | None = None, limit: int = 50
) -> tuple[list[Listed], int | None]:
    """The newest first, and the cursor of the next page; None at the end."""
    question = asked(wanted.q) if wanted.q else None
    if question is None or is_open(wanted.phase):
        return _filtered(connection, wanted, before, limit)
    return _searched(connection, wanted, question, before, limit) if question else ([], None)


def _filtered(
    connection: Connection, wanted: Filter, before: int | None, limit: int
) -> tuple[list[Listed], int | None]:
    """Where two filters meet often, the newest rows of the narrower fill the page; else the numbers that fit each are
    compared, of which nothing but the indexes is read."""
    by, both = narrowest(wanted), conditions(wanted)
    since = reach(connection, by, before, LED[0]) if by is not None and len(both) > 1 else None
    found = _newest(connection, wanted, before, limit + 1, since)
    for _ in range(_PORTIONS):
        if not since or len(found) > limit:
            break
        numbers, since = _fitting(connection, both, since)
        for some in _windows(numbers, limit + 1):
            found += [row for row, _ in _among(connection, wanted, some)]
            if len(found) > limit:
                break
    return _cut(found, limit) if len(found) > limit else (found, since or None)


def _fitting(connection: Connection, conditions: Sequence[ColumnElement[bool]], below: int) -> tuple[list[int], int]:
    """Numbers that fit all of it, the newest first, and down to where that is all of them."""
    floor = 0
    fitting: list[int] = []
    held: set[int] | None = None
    for condition in conditions:
        fit = led(connection, condition, floor, below, LED[-1])
        floor = fit[-1] if len(fit) == LED[-1] else floor
        fitting = fit if held is None else [number for number in fit if number in held]
        if not fitting:
            break
        held = set(fitting)
    return fitting, floor


def _searched(
    connection: Connection, wanted: Filter, question: Asked, before: int | None, limit: int
) -> tuple[list[Listed], int | None]:
    read = measured.mark(connection, measured.WORDS).number
    top = before or (connection.scalar(select(func.max(board.c.number))) or 0) + 1
    found: list[Listed] = []
    if top - 1 > read:
        since = max(read + 1, top - _UNREAD)
        found = _newest(connection, wanted, top, limit + 1, since)
        if since > read + 1 and len(found) <= limit:
            return found, since
    looked = down_to = 0
    for turn, (numbers, floor) in enumerate(_candidates(connection, wanted, question, min(top, read + 1)), 1):
        for some in _windows(numbers, limit + 1):
            found += [row for row, words in _among(connection, wanted, some) if question.held_by(words)]
            looked += len(some)
            if len(found) > limit:
                return _cut(found, limit)
            if looked >= _LOOKED:
                return found, some[-1]
        down_to = floor
        if turn == _PORTIONS:
            break
    return found, down_to or None


def _candidates(
    connection: Connection, wanted: Filter, question: Asked, below: int
) -> Iterator[tuple[Iterable[int], int]]:
    """Numbers that hold the words, the newest first, and down to where that is all of them; where these are many, only
    those that the narrowest filter fits."""
    by = narrowest(wanted)
    for held in postings.found(connection, question, below):
        if by is None or len(held) <= _WINDOW:
            yield held, held.floor
            continue
        first = list(islice(held, _TRIED))
        top, most = first[-1] if first else held.floor, LED[0]
        yield first, top
        while top > held.floor:
            fit = led(connection, by, held.floor, top, most)
            top, most = (fit[-1] if len(fit) == most else held.floor), min(4 * most, LED[-1])
            yield [number for number in fit if number in held], top


def _windows(numbers: Iterable[int], first: int) -> Iterator[Sequence[int]]:
    rest, size = iter(numbers), first
    while some := list(islice(rest, size)):
        yield some
        size = min(8 * size, _WINDOW)


def _cut(found: list[Listed], limit: int) -> tuple[list[Listed], int | None]:
    return found[:limit], found[limit - 1].number if len(found) > limit else None


def _newest(
    connection: Connection, wanted: Filter, before: int | None, limit: int, since: int | None = None
) -> list[Listed]:
    query = where(select(*LISTED), wanted)
    if before is not None:
        query = query.where(board.c.number < before)
    if since is not None:
        query = query.where(board.c.number >= since)
    return [listed(row) for row in connection.execute(query.order_by(board.c.number.desc()).limit(limit))]


def _among(connection: Connection, wanted: Filter, numbers: Sequence[int]) -> list[tuple[Listed, str]]:
    """Those of some that fit the filters, with their words, the newest first."""
    query = where(select(*LISTED, board.c.words), wanted, words=False).where(board.c.number.in_(numbers))
    rows = connection.execute(query.order_by(board.c.number.desc()))
    return [(listed(row[:-1]), row[-1]) for row in rows]
