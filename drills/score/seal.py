"""The seal of a drill's log: one digest over every entry, taken at its end. One changed letter gives another."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC
from hashlib import sha256

from incident.events import Entry
from incident.store.codec import encode


def seal(entries: Iterable[Entry]) -> str:
    """SHA-256 in hex. The order in which entries arrive does not matter, nor does the zone of their times."""
    digest = sha256()
    for entry in sorted(entries, key=lambda entry: entry.position):
        kind, version, body = encode(entry.event)
        at = entry.at.astimezone(UTC).isoformat(timespec="microseconds")
        fields = [entry.position, entry.incident, entry.seq, at, entry.by, kind, version, body]
        digest.update(json.dumps(fields, ensure_ascii=False).encode() + b"\n")
    return digest.hexdigest()
