"""Signs of life that are in the database, so that other processes and other machines see them: who was heard of when.

A sign says that a process could write, and that what it is for goes round: it costs one small row every so often, and
the last one of any process stands for all of its kind.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from incident.clock import iso
from incident.store import meta

WORKER: Final = "alive.worker"
WEB: Final = "written"
"""What every web process writes with each heartbeat of its walls, to know whether it can."""
PREPARED: Final = "prepared"
"""What `serve` writes before it starts anything, to know whether it can."""
AUDIT: Final = "audit"
DEADMAN: Final = "deadman"


def sign(connection: Connection, name: str, now: datetime) -> None:
    meta.put(connection, name, iso(now))


def heard(connection: Connection, name: str) -> datetime | None:
    """When it last gave a sign; None for never."""
    found = meta.get(connection, name)
    return datetime.fromisoformat(found) if found else None


@dataclass(frozen=True, slots=True)
class Audited:
    """The last audit: when, of how many open incidents, how many things it found, how long it took."""

    at: datetime
    looked: int
    found: int
    took_ms: int


def audited(connection: Connection, audit: Audited) -> None:
    said = {"at": iso(audit.at), "looked": audit.looked, "found": audit.found, "took_ms": audit.took_ms}
    meta.put(connection, AUDIT, json.dumps(said))


def last_audit(connection: Connection) -> Audited | None:
    kept = meta.get(connection, AUDIT)
    if kept is None:
        return None
    said = json.loads(kept)
    return Audited(datetime.fromisoformat(said["at"]), said["looked"], said["found"], said["took_ms"])


@dataclass(frozen=True, slots=True)
class Pinged:
    """The last time that the outside dead-man was to be told that all is well. `problem` is empty when it heard."""

    at: datetime
    problem: str = ""


def pinged(connection: Connection, ping: Pinged) -> None:
    meta.put(connection, DEADMAN, json.dumps({"at": iso(ping.at), "problem": ping.problem}))


def last_ping(connection: Connection) -> Pinged | None:
    """None where no dead-man was ever told anything."""
    kept = meta.get(connection, DEADMAN)
    if kept is None:
        return None
    said = json.loads(kept)
    return Pinged(datetime.fromisoformat(said["at"]), said["problem"])
