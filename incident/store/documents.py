"""Policies and playbooks as incidents pinned them: kept under their digest, never changed, never removed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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


def known(connection: Connection, digests: Iterable[str]) -> set[str]:
    """Which of these are kept already."""
    return set(connection.scalars(select(documents.c.digest).where(documents.c.digest.in_(list(digests)))))


def keep(connection: Connection, new: Sequence[Document], now: datetime) -> None:
    """Keep documents that are not `known`."""
    if new:
        connection.execute(insert(documents), [asdict(one) | {"saved_at": now} for one in new])


def get(connection: Connection, digest: str) -> Document | None:
    row = connection.execute(
        select(documents.c.digest, documents.c.kind, documents.c.name, documents.c.version, documents.c.body).where(
            documents.c.digest == digest
        )
    ).first()
    return Document(row.digest, row.kind, row.name, row.version, row.body) if row else None
