"""Events of a stream as bytes: an entry of the log, a snapshot, a heartbeat, a good-bye."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache

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
    for position, incident, seq, at, by, kind, _, _, drill, own in reversed(lines):
        row = own or rows.get(incident)
        if own:
            rows[incident] = own
        data = (
            f'{{"position": {position}, "incident": "{incident}", "seq": {seq}, "at": "{iso(at)}", "by": {_quoted(by)},'
            f' "kind": "{kind}", "drill": {_quoted(drill)}, "row": {row or "null"}}}'
        )
        frames.append(Frame(position, incident, event("entry", data, position)))
    frames.reverse()
    return frames


@lru_cache(maxsize=1024)
def _quoted(text: str | None) -> str:
    """What people chose as JSON. Ids and kinds are ours, and plain."""
    return json.dumps(text, ensure_ascii=False)
