"""Events of a stream as bytes: an entry of the log, a snapshot, a heartbeat, a good-bye."""

from __future__ import annotations

import json
from collections.abc import Sequence

from incident.clock import iso
from incident.store.log import Stored
from web.ring import Frame


def event(name: str, data: str, position: int | None) -> bytes:
    """One event of the stream. `data` is JSON on one line. Only what stands at a position carries an `id`."""
    head = "" if position is None else f"id: {position}\n"
    return f"{head}event: {name}\ndata: {data}\n\n".encode()


def framed(lines: Sequence[Stored]) -> list[Frame]:
    """Each line as an `entry` event. Lines of one decision were written together and share the row after it."""
    frames: list[Frame] = []
    rows: dict[str, str] = {}
    for line in reversed(lines):
        row = line.row or rows.get(line.incident)
        if line.row:
            rows[line.incident] = line.row
        head = {
            "position": line.position,
            "incident": line.incident,
            "seq": line.seq,
            "at": iso(line.at),
            "by": line.by,
            "kind": line.kind,
            "drill": line.drill,
        }
        data = f'{json.dumps(head, ensure_ascii=False)[:-1]}, "row": {row or "null"}}}'
        frames.append(Frame(line.position, line.incident, event("entry", data, line.position)))
    frames.reverse()
    return frames
