"""The index of words that the release before searches by, kept up while it may run beside this one: FTS5 in SQLite, a
tsvector and GIN in PostgreSQL. This release reads `postings`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, text

from incident.store.derived import SEARCH
from incident.store.tokens import tokens


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


def forget(connection: Connection) -> None:
    """Throw the index away; the clerk makes it anew."""
    connection.execute(text(f"DELETE FROM {SEARCH}"))  # noqa: S608
