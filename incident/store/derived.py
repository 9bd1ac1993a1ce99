"""Tables that are read from the log and the board by the clerk, and that anybody may throw away: they are made anew.

They stand in a metadata of their own: a backup leaves them out, and what is restored fills them again by itself.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, MetaData, Table, Text, false

from incident.store.types import Big, Instant, metadata

derived: Final = MetaData(naming_convention=metadata.naming_convention)

reached: Final = Table(
    "reached",
    derived,
    Column("reader", Text, primary_key=True),
    Column("position", Big, nullable=False),
    Column("number", Big, nullable=False),
)
"""How far a reader of the log has come: the last position, and the last number of a code that it met."""

measures: Final = Table(
    "measures",
    derived,
    Column("incident", Text, primary_key=True),
    Column("reported_at", Instant, nullable=False),
    Column("happened_at", Instant, nullable=False),
    Column("source", Text, nullable=False),
    Column("level", Text, nullable=False),
    Column("drill", Boolean, nullable=False),
    Column("maintenance", Boolean, nullable=False, server_default=false()),
    Column("phase", Text, nullable=False),
    Column("paged_at", Instant),
    Column("answered_at", Instant),
    Column("restored_at", Instant),
    Index("ix_measures_reported_at", "reported_at"),
)
"""The decisive times of each incident: what statistics are counted from."""

postings: Final = Table(
    "postings",
    derived,
    Column("word", Text().with_variant(Text(collation="C"), "postgresql"), primary_key=True),
    Column("stretch", Integer, primary_key=True, autoincrement=False),
    Column("bits", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
"""Which incidents of a stretch of numbers hold a word; `bits` as in `postings.py`. Where an incident's words were
changed the old ones stay: who reads looks at the words themselves, too."""

SEARCH: Final = "search"
"""What the release before searches by, kept up for it: one row an incident by its number, with its words as tokens, an
FTS5 table in SQLite, a tsvector in PostgreSQL. No table of SQLAlchemy's, for the two have nothing in common but the
name."""
