"""One incident's entries as they lie in the log, each with the hash before it: they prove themselves anywhere."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, select

from incident.store.chain import GENESIS, link
from incident.store.tables import log
from incident.store.types import micros


class Kept(NamedTuple):
    """`at` in microseconds since 1970; `body` is the JSON text itself, to the letter; `previous` and `hash` in hex."""

    position: int
    incident: str
    seq: int
    at: int
    by: str
    kind: str
    version: int
    drill: str | None
    body: str
    previous: str
    hash: str

    def holds(self) -> bool:
        """Whether the hash is that of this entry after that one before it."""
        try:
            before = bytes.fromhex(self.previous)
        except ValueError:
            return False
        expected = link(
            before,
            position=self.position,
            incident=self.incident,
            seq=self.seq,
            at=self.at,
            by=self.by,
            kind=self.kind,
            version=self.version,
            drill=self.drill,
            body=self.body,
        )
        return expected.hex() == self.hash


def kept(connection: Connection, incident: str) -> list[Kept]:
    """All of them, in order."""
    before = log.alias("before")
    columns = (
        *(log.c.position, log.c.incident, log.c.seq, log.c.at, log.c.by, log.c.kind, log.c.version, log.c.drill),
        *(log.c.body, before.c.hash.label("previous"), log.c.hash),
    )
    rows = select(*columns).select_from(log.outerjoin(before, before.c.position == log.c.position - 1))
    found = connection.execute(rows.where(log.c.incident == incident).order_by(log.c.seq))
    return [
        Kept(*row[:3], micros(row.at), *row[4:9], bytes(row.previous or GENESIS).hex(), bytes(row.hash).hex())
        for row in found
    ]
