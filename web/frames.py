"""Events of a stream as bytes: an entry of the log, a snapshot, a heartbeat, a good-bye."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache, partial

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
        frames.append(Frame(line.position, line.incident, partial(_entry, line, row)))
    frames.reverse()
    return frames


def _entry(line: Stored, row: str | None) -> bytes:
    data = (
        f'{{"position": {line.position}, "incident": "{line.incident}", "seq": {line.seq}, "at": "{iso(line.at)}",'
        f' "by": {_quoted(line.by)}, "kind": "{line.kind}", "drill": {_quoted(line.drill)}, "row": {row or "null"}}}'
    )
    return event("entry", data, line.position)


@lru_cache(maxsize=1024)
def _quoted(text: str | None) -> str:
    """What people chose as JSON. Ids and kinds are ours, and plain."""
    return json.dumps(text, ensure_ascii=False)
