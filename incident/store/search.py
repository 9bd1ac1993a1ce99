"""Full text search in any language: the same tokens in SQLite (FTS5) and PostgreSQL (tsvector and GIN).

A Latin word, a number, a part of a serial is a token; of Chinese, Japanese and Korean, each two neighbours are, and the
last character alone. So words of two characters are found, which FTS5's own trigrams never find. What is asked is cut
by the same rule, and nothing else of it reaches the query: letters and digits only, each token in quotes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from unicodedata import normalize

from sqlalchemy import Connection, text

from incident.store.derived import SEARCH

_HAN: Final = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
_PART: Final = re.compile(rf"[{_HAN}]+|[^\W_{_HAN}]+")
_IS_HAN: Final = re.compile(f"[{_HAN}]")
_LONGEST: Final = 60
"""Letters of a token. Longer ones are cut, here and in the question."""
_MOST: Final = 400
"""Tokens of one incident: a report may carry a page of text."""
_ASKED: Final = 12
PREFIX: Final = 3
"""From so many letters on, the beginning of a word finds it; what is shorter must be the whole word."""
COMMON: Final = 1_000
"""Incidents that hold a word from which on it is searched whole only."""
_RECENT: Final = 20_000
"""For what is common PostgreSQL looks through so many of the newest by their number before it asks the index, which
would collect all of it; what is rare is quickly fetched from the index."""


def tokens(words: str) -> list[str]:
    """Every token of a text, each once."""
    found = dict.fromkeys(token for part in _parts(words) for token in _cut(part))
    return list(found)[:_MOST]


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked, as tokens that must all be there: whole ones, and beginnings."""

    whole: tuple[str, ...]
    begun: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.whole or self.begun)

    def fts5(self) -> str:
        return " AND ".join([*(f'"{one}"' for one in self.whole), *(f'"{one}"*' for one in self.begun)])

    def tsquery(self) -> str:
        return " & ".join([*(f"'{one}'" for one in self.whole), *(f"'{one}':*" for one in self.begun)])


def asked(question: str) -> Asked:
    """What to look for. False when there is not one letter in it."""
    whole: dict[str, None] = {}
    begun: dict[str, None] = {}
    for part in _parts(question):
        if _IS_HAN.match(part):
            if len(part) == 1:
                begun[part] = None
            whole |= dict.fromkeys(part[at : at + 2] for at in range(len(part) - 1))
        elif len(part) < PREFIX:
            whole[part] = None
        else:
            begun[part[:_LONGEST]] = None
    return Asked(tuple(whole)[:_ASKED], tuple(begun)[:_ASKED])


def plain(words: str) -> str:
    """Words as they are kept on the board and searched: in lower case, wide and narrow forms alike."""
    return normalize("NFKC", words).lower()


def settled(connection: Connection, wanted: Asked) -> Asked:
    """The same, with beginnings taken for whole words where so many incidents hold the word itself: a beginning makes
    the index collect all that it fits. The same for every page, for it does not depend on where a page begins."""
    common = [one for one in wanted.begun if not _IS_HAN.match(one) and _is_common(connection, one)]
    return Asked((*wanted.whole, *common), tuple(one for one in wanted.begun if one not in common))


def _is_common(connection: Connection, word: str) -> bool:
    return _holds(connection, Asked((word,), ()), COMMON)


def _holds(connection: Connection, wanted: Asked, most: int) -> bool:
    """Whether at least so many incidents hold all of it."""
    in_postgresql = connection.dialect.name == "postgresql"
    query, asked = (_SOME_TSVECTOR, wanted.tsquery()) if in_postgresql else (_SOME_FTS5, wanted.fts5())
    held: int = connection.scalar(query, {"asked": asked, "most": most}) or 0
    return held == most


def _parts(words: str) -> Iterator[str]:
    return (found[0] for found in _PART.finditer(plain(words)))


def _cut(part: str) -> Iterator[str]:
    if _IS_HAN.match(part):
        return (part[at : at + 2] for at in range(len(part)))
    return iter((part[:_LONGEST],))


def put(connection: Connection, incidents: Sequence[tuple[int, str]]) -> None:
    """Index incidents by number and words; what stood there before is replaced."""
    if not incidents:
        return
    rows = [{"number": number, "words": " ".join(tokens(words))} for number, words in incidents]
    connection.execute(_PUT[connection.dialect.name], rows)


_PUT: Final = {
    "sqlite": text(f"INSERT OR REPLACE INTO {SEARCH} (rowid, words) VALUES (:number, :words)"),  # noqa: S608
    "postgresql": text(
        f"INSERT INTO {SEARCH} (number, words) VALUES (:number, array_to_tsvector(string_to_array(:words, ' ')))"  # noqa: S608
        " ON CONFLICT (number) DO UPDATE SET words = excluded.words"
    ),
}


def numbers(connection: Connection, wanted: Asked, before: int, limit: int) -> list[int]:
    """The numbers of incidents that hold all of it, the newest first, below `before`."""
    if connection.dialect.name == "postgresql":
        return _from_postgresql(connection, wanted, before, limit)
    found = connection.execute(_FTS5, {"asked": wanted.fts5(), "before": before, "most": limit})
    return [row[0] for row in found]


_FTS5: Final = text(
    f"SELECT rowid FROM {SEARCH} WHERE {SEARCH} MATCH :asked AND rowid < :before"  # noqa: S608
    " ORDER BY rowid DESC LIMIT :most"
)
_MATCHES: Final = f"SELECT number FROM {SEARCH} WHERE words @@ CAST(:asked AS tsquery)"  # noqa: S608
_NEWEST: Final = text(f"{_MATCHES} AND number < :before AND number >= :since ORDER BY number DESC LIMIT :most")
_OLDER: Final = text(f"{_MATCHES} AND number + 0 < :since ORDER BY number + 0 DESC LIMIT :most")
"""`+ 0` keeps PostgreSQL from walking all numbers downwards in the hope of a match."""


_SOME_FTS5: Final = text(
    f"SELECT count(*) FROM (SELECT 1 FROM {SEARCH} WHERE {SEARCH} MATCH :asked LIMIT :most)"  # noqa: S608
)
_SOME_TSVECTOR: Final = text(f"SELECT count(*) FROM ({_MATCHES} LIMIT :most) AS held")  # noqa: S608


def _from_postgresql(connection: Connection, wanted: Asked, before: int, limit: int) -> list[int]:
    asked = wanted.tsquery()
    if not _holds(connection, wanted, COMMON):
        return list(connection.scalars(_OLDER, {"asked": asked, "since": before, "most": limit}))
    last = connection.scalar(text(f"SELECT max(number) FROM {SEARCH}")) or 0  # noqa: S608
    since = min(before, last + 1) - _RECENT
    found = list(connection.scalars(_NEWEST, {"asked": asked, "before": before, "since": since, "most": limit}))
    if len(found) < limit and since > 0:
        found += connection.scalars(_OLDER, {"asked": asked, "since": since, "most": limit - len(found)})
    return found


def forget(connection: Connection) -> None:
    """Throw the index away; the clerk makes it anew."""
    connection.execute(text(f"DELETE FROM {SEARCH}"))  # noqa: S608
