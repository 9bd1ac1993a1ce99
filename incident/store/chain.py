"""The hash chain over the log, and its proof.

Each entry's hash covers the hash before it and the SHA-256 of its own body, so that a text may be redacted some day
while its digest keeps the chain whole. Whoever can rewrite the whole database can rewrite the chain too: what proves
against that is a hash written down elsewhere, which `verify` prints and `since` checks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from sqlalchemy import Connection, func, select

from incident.store.tables import board, log
from incident.store.types import micros

GENESIS: Final = bytes(32)
"""What stands before the first entry."""

_CHUNK: Final = 2000
_CHAINED: Final = (
    log.c.position,
    log.c.incident,
    log.c.seq,
    log.c.at,
    log.c.by,
    log.c.kind,
    log.c.version,
    log.c.drill,
    log.c.body,
    log.c.hash,
)
"""By name, so that a backup from before a later column is proved too."""


def link(
    previous: bytes,
    *,
    position: int,
    incident: str,
    seq: int,
    at: int,
    by: str,
    kind: str,
    version: int,
    drill: str | None,
    body: str,
) -> bytes:
    """The hash of one entry. `at` is in microseconds. `by` comes last, for it alone may hold a line break."""
    digest = sha256(body.encode()).hexdigest()
    content = f"{position}\n{incident}\n{seq}\n{at}\n{kind}\n{version}\n{drill or ''}\n{digest}\n{by}"
    return sha256(previous + content.encode()).digest()


@dataclass(frozen=True, slots=True)
class Proof:
    """`entries` were read. `bad` is the first position that does not hold, and `what` is wrong with it:
    `missing`, `changed`, or `cut` when the board knows of entries after the last one."""

    entries: int
    head: str
    bad: int | None = None
    what: str | None = None

    @property
    def holds(self) -> bool:
        return self.bad is None


def verify(connection: Connection, progress: Callable[[int, int], None] | None = None) -> Proof:
    """Walk the whole log from its first entry. `progress` is told (read so far, entries in all) every 2,000."""
    total = connection.scalar(select(func.max(log.c.position))) or 0
    position, previous, read = 0, GENESIS, 0
    while rows := connection.execute(
        select(*_CHAINED).where(log.c.position > position).order_by(log.c.position).limit(_CHUNK)
    ).all():
        for row in rows:
            if row.position != position + 1:
                return Proof(read, previous.hex(), position + 1, "missing")
            expected = link(
                previous,
                position=row.position,
                incident=row.incident,
                seq=row.seq,
                at=micros(row.at),
                by=row.by,
                kind=row.kind,
                version=row.version,
                drill=row.drill,
                body=row.body,
            )
            if expected != bytes(row.hash):
                return Proof(read, previous.hex(), row.position, "changed")
            position, previous, read = row.position, expected, read + 1
        if progress:
            progress(read, total)
    known = connection.scalar(select(func.max(board.c.position))) or 0
    if known > position:
        return Proof(read, previous.hex(), position + 1, "cut")
    return Proof(read, previous.hex())
