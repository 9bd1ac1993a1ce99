"""Policies and playbooks as incidents pinned them: kept under their digest, never changed, never removed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, insert, select

from incident.store.tables import documents

DocumentKind = Literal["policy", "playbook"]


@dataclass(frozen=True, slots=True)
class Document:
    """`body` is the canonical JSON that `digest` is the SHA-256 of."""

    digest: str
    kind: DocumentKind
    name: str
    version: int
    body: str


def keep(connection: Connection, pinned: Sequence[Document], now: datetime) -> None:
    """Keep these, as far as they are not kept already."""
    if pinned:
        digests = [one.digest for one in pinned]
        there = set(connection.scalars(select(documents.c.digest).where(documents.c.digest.in_(digests))))
        new = [asdict(one) | {"saved_at": now} for one in pinned if one.digest not in there]
        if new:
            connection.execute(insert(documents), new)


def get(connection: Connection, digest: str) -> Document | None:
    row = connection.execute(
        select(documents.c.digest, documents.c.kind, documents.c.name, documents.c.version, documents.c.body).where(
            documents.c.digest == digest
        )
    ).first()
    return Document(row.digest, row.kind, row.name, row.version, row.body) if row else None
