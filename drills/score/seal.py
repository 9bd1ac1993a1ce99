"""The seal of a drill's log: one digest over every entry, taken at its end. One changed letter gives another."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Literal, NamedTuple

from incident.errors import Reason, why
from incident.events import Entry
from incident.store.codec import encode


class Written(NamedTuple):
    """An entry as it was written down, in the shape of the release that wrote it."""

    position: int
    incident: str
    seq: int
    at: datetime
    by: str
    kind: str
    version: int
    body: str


@dataclass(frozen=True, slots=True)
class Altered:
    """Why a drill is void: the first entry that is not as it was at its end. `copy`: the drill that was kept is not
    what was sealed, and where nothing else tells which entry it is, `position` is the last. Or a message that `left`
    the drill or was `unmarked`, with `text`."""

    position: int
    how: Literal["changed", "removed", "added", "copy", "left", "unmarked"]
    text: str = ""

    @property
    def why(self) -> Reason:
        if self.how in ("left", "unmarked"):
            return why(f"drill.gate.{self.how}", text=self.text)
        return why(f"drill.gate.log_{self.how}", position=self.position)


@dataclass(frozen=True, slots=True)
class Copy:
    """What is known of a drill that was read: the digest of its log as it lies there, and whether the installation's
    own log says something else today."""

    digest: str
    altered: Altered | None = None


def seal(entries: Iterable[Entry]) -> str:
    """SHA-256 in hex. The order in which entries arrive does not matter, nor does the zone of their times."""
    return digest(map(written, entries))


def written(entry: Entry) -> Written:
    """As this release writes it."""
    return Written(entry.position, entry.incident, entry.seq, entry.at, entry.by, *encode(entry.event))


def digest(lines: Iterable[Written]) -> str:
    """Of entries as they were written: a later release, which would write the same event otherwise, finds the same."""
    found = sha256()
    for line in sorted(lines, key=lambda line: line.position):
        at = line.at.astimezone(UTC).isoformat(timespec="microseconds")
        fields = [*line[:3], at, *line[4:]]
        found.update(json.dumps(fields, ensure_ascii=False).encode() + b"\n")
    return found.hexdigest()
