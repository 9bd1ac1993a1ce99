"""The table of training sessions."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, Table, Text

from incident.store.types import Big, Instant, metadata

trainings: Final = Table(
    "trainings",
    metadata,
    Column("id", Big, primary_key=True, autoincrement=True),
    Column("held_on", Text, nullable=False, index=True),
    Column("topic", Text, nullable=False),
    Column("skill", Text),
    Column("until", Text),
    Column("attended", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("by", Text, nullable=False),
)
"""Sessions that took place, evidence for ever: no row is changed. Days are ISO text; `attended` is a JSON list of
people's ids, some of whom may have left since; `by` recorded it, `at`."""
