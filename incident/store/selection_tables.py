"""The tables of exams and of decisions about whom to choose."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, Float, Index, Table, Text

from incident.store.types import Big, Instant, Json, metadata

exams: Final = Table(
    "exams",
    metadata,
    Column("id", Big, primary_key=True, autoincrement=True),
    Column("person", Text, nullable=False, index=True),
    Column("subject", Text, nullable=False),
    Column("held_on", Text, nullable=False),
    Column("score", Float, nullable=False),
    Column("pass_mark", Float, nullable=False),
    Column("examiner", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("by", Text, nullable=False),
)
"""Results of exams, evidence for ever: no row is changed. The day is ISO text; `by` recorded it, `at`."""

selections: Final = Table(
    "selections",
    metadata,
    Column("id", Big, primary_key=True, autoincrement=True),
    *(Column(name, Text, nullable=False) for name in ("kind", "target", "person", "decision", "reason")),
    Column("in_spite", Text),
    Column("score", Float),
    Column("basis", Json, nullable=False),
    Column("at", Instant, nullable=False),
    Column("by", Text, nullable=False),
    Index("ix_selections_person", "person", "id"),
    Index("ix_selections_target", "kind", "target", "id"),
)
"""Whom a manager approved or declined for what, only added to: the last one of somebody for a target is what holds.
`basis` is what it rested on as it was then: profile, weights, parts with their n, what lacked."""
