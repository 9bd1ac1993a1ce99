"""Which incidents hold a word: bits by stretches of their numbers, read from the newest stretch on.

A stretch is `STRETCH` numbers. Of a million incidents the commonest word has 123 rows of a kilobyte, a serial number
one of two bytes; that two words are held together is the AND of two numbers. So a search reads the newest few rows of
each word and stops when its page is full, and even what is common apart and rare together is answered to the end by
some hundred rows. A word of three letters or more is found by its beginning: by three letters through a row of
their own, the stem; by more through the words that begin so, or, if those are very many, through the stem, which says
too much. What is found may hold too much in any case, for the words of an amended report stay: the reader looks.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from sys import byteorder
from typing import Any, Final

from sqlalchemy import Connection, bindparam, delete, func, select, text

from incident.store import driver
from incident.store.derived import postings
from incident.store.tokens import Asked, stem, stems, tokens

STRETCH: Final = 8192
_BYTES: Final = STRETCH // 8
_LISTED: Final = 128
"""Bits that are listed, at the most: beyond that putting them together takes longer than reading a kilobyte."""
_FIRST: Final = 2
_THEN: Final = 150
"""Stretches of a word that are read at first, and when these do not fill the page."""
_ROUNDS: Final = 3
"""How often one page reads on: 2.5 million incidents. The next page goes on."""
_FEW: Final = 100
_MANY: Final = 2_000
"""Rows of the words that begin with what is asked: few are read at once, more by stretches, and beyond that the stem
is asked instead."""
_LAST_LETTER: Final = "\U0010ffff"

Bits = Mapping[int, int]
"""By stretch; of each an integer, in which bit n stands for the stretch's n-th number."""


def packed(bits: int) -> bytes:
    """The bits as they lie: two bytes for each that is set, or all of them where these are many."""
    if bits.bit_count() > _LISTED:
        return bits.to_bytes(_BYTES, "little")
    return _swapped(array("H", _set(bits))).tobytes()


def unpacked(lying: bytes) -> int:
    if len(lying) == _BYTES:
        return int.from_bytes(lying, "little")
    return sum(1 << one for one in _swapped(array("H", lying)))


def _swapped(places: array[int]) -> array[int]:
    if byteorder == "big":
        places.byteswap()
    return places


def _set(bits: int) -> Iterator[int]:
    """The places of what is set, the highest first."""
    while bits:
        place = bits.bit_length() - 1
        yield place
        bits ^= 1 << place


def stretch_end(number: int) -> int:
    """The last number of the stretch that holds it."""
    return number // STRETCH * STRETCH + STRETCH - 1


def put(connection: Connection, incidents: Sequence[tuple[int, str]]) -> None:
    """Note the words of incidents, by number. What was noted of them before stays."""
    found: dict[int, dict[str, int]] = {}
    for number, words in incidents:
        there, bit = found.setdefault(number // STRETCH, {}), 1 << number % STRETCH
        held = tokens(words)
        for word in (*held, *stems(held)):
            there[word] = there.get(word, 0) | bit
    for stretch, words_of in found.items():
        _merge(connection, stretch, words_of)


def _merge(connection: Connection, stretch: int, found: Mapping[str, int]) -> None:
    written = [(word, packed(bits | found[word])) for word, bits in _standing(connection, stretch, list(found)).items()]
    there = {word for word, _ in written}
    written += [(word, packed(bits)) for word, bits in found.items() if word not in there]
    if connection.dialect.name == "postgresql":
        words, bits = [word for word, _ in written], [lying for _, lying in written]
        driver.run(connection, _PUT_ALL, {"words": words, "bits": bits, "stretch": stretch})
    else:
        driver.run(connection, _PUT, [(word, stretch, lying) for word, lying in written])


_UPSERT: Final = "ON CONFLICT (word, stretch) DO UPDATE SET bits = excluded.bits"
_PUT: Final = f"INSERT INTO postings (word, stretch, bits) VALUES (?, ?, ?) {_UPSERT}"  # noqa: S608
_PUT_ALL: Final = (
    "INSERT INTO postings (word, stretch, bits)"  # noqa: S608
    f" SELECT word, %(stretch)s, bits FROM unnest(%(words)s::text[], %(bits)s::bytea[]) AS new (word, bits) {_UPSERT}"
)
_AT_ONCE: Final = 500


def _standing(connection: Connection, stretch: int, words: Sequence[str]) -> dict[str, int]:
    query = select(postings.c.word, postings.c.bits).where(
        postings.c.stretch == stretch, postings.c.word.in_(bindparam("words", expanding=True))
    )
    found: dict[str, int] = {}
    for at in range(0, len(words), _AT_ONCE):
        rows = connection.execute(query, {"words": words[at : at + _AT_ONCE]})
        found |= {word: unpacked(lying) for word, lying in rows}
    return found


def forget(connection: Connection) -> None:
    """Throw all away; the clerk makes it anew."""
    connection.execute(delete(postings))


class Held:
    """Numbers as bits, all that there are from `floor` on: counted, asked for one, gone through the newest first."""

    def __init__(self, bits: Bits, floor: int, below: int) -> None:
        self._bits, self.floor, self.below = bits, floor, below

    def __len__(self) -> int:
        return sum(held.bit_count() for held in self._bits.values())

    def __contains__(self, number: int) -> bool:
        return number < self.below and bool(self._bits.get(number // STRETCH, 0) >> number % STRETCH & 1)

    def __iter__(self) -> Iterator[int]:
        numbers = (s * STRETCH + n for s in sorted(self._bits, reverse=True) for n in _set(self._bits[s]))
        return (number for number in numbers if number < self.below)


def found(connection: Connection, wanted: Asked, below: int) -> Iterator[Held]:
    """What holds all of it below a number, the newest portion first. The last one ends at 0, unless a page has read
    enough."""
    terms = [_Term(connection, word) for word in wanted.whole]
    terms += [_Term(connection, beginning, begun=True) for beginning in wanted.begun]
    most, last = _FIRST, (below - 1) // STRETCH
    for _ in range(_ROUNDS):
        bits, floor = _together(terms, last, most)
        yield Held(bits, floor * STRETCH, below)
        if floor == 0:
            return
        below, last, most = floor * STRETCH, floor - 1, _THEN


def _together(terms: Sequence[_Term], last: int, most: int) -> tuple[Bits, int]:
    """What all terms hold in the newest stretches, and the stretch down to which that is complete. The term whose rows
    reach the furthest back leads: where it is not held, the others need not be looked at."""
    newest = [(term, *term.newest(last, most)) for term in terms]
    newest.sort(key=lambda one: one[2])
    _, bits, floor = newest[0]
    for term, there, complete in newest[1:]:
        behind = [stretch for stretch in bits if stretch < complete]
        more = {**there, **(term.of(behind) if behind else {})}
        bits = {s: both for s, held in bits.items() if (both := held & more.get(s, 0))}
    return bits, floor


_WHOLE: Final = "word = :word"
_BETWEEN: Final = "word >= :word AND word < :end"


class _Term:
    """A word, or the beginning of words, and how its rows are fetched."""

    def __init__(self, connection: Connection, word: str, *, begun: bool = False) -> None:
        self._connection = connection
        self._named: dict[str, str] = {"word": word}
        self._where, self._all = _WHOLE, False
        if begun:
            self._begin(word)

    def _begin(self, word: str) -> None:
        by = stem(word) or word
        between = {"word": word, "end": word + _LAST_LETTER}
        rows = _MANY if by[1:] == word else self._connection.scalar(_HOW_MANY, {**between, "most": _MANY}) or 0
        if rows < _MANY:
            self._where, self._named, self._all = _BETWEEN, between, rows <= _FEW
        else:
            self._named = {"word": by}

    def newest(self, last: int, most: int) -> tuple[Bits, int]:
        """Its newest stretches up to `last`, so many, and the stretch down to which that is complete."""
        if self._where == _WHOLE:
            query = f"{self._select()} AND stretch <= :last ORDER BY stretch DESC LIMIT :most"
            rows = self._rows(query, last=last, most=most)
            return rows, min(rows) if len(rows) == most else 0
        since = 0 if self._all else max(0, last - most)
        return self._rows(f"{self._select()} AND stretch <= :last AND stretch >= :since", last=last, since=since), since

    def of(self, stretches: Sequence[int]) -> Bits:
        """Its rows of these stretches."""
        query = text(f"{self._select()} AND stretch IN :stretches")
        rows = self._connection.execute(
            query.bindparams(bindparam("stretches", expanding=True)), {**self._named, "stretches": stretches}
        )
        return _ored(rows)

    def _select(self) -> str:
        return f"SELECT stretch, bits FROM postings WHERE {self._where}"  # noqa: S608  (one of two constants)

    def _rows(self, query: str, **more: int) -> Bits:
        return _ored(self._connection.execute(text(query), {**self._named, **more}))


def _ored(rows: Any) -> Bits:
    bits: dict[int, int] = {}
    for stretch, lying in rows:
        bits[stretch] = bits.get(stretch, 0) | unpacked(lying)
    return bits


_HOW_MANY: Final = select(func.count()).select_from(
    select(postings.c.word)
    .where(postings.c.word >= bindparam("word"), postings.c.word < bindparam("end"))
    .limit(bindparam("most"))
    .subquery()
)
