"""Whether what is kept of a drill is still what was sealed at its end: the copy, and a live drill's log in the tables;
and whether anything of it voids it.

A live drill's seal covers the entries of its incident up to one position of the log, the end. Positions are given out
in order and none twice, so what is written of that incident later lies behind that position and is no part of it: a
release before `drill_ended` called the drill over there, and let it be written up. An entry behind it that bears an
earlier time was put there by hand: the desk never writes an earlier time than the incident's last one.

Each look reads the entries themselves: whoever changes a row does not change its hash in the chain.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

from sqlalchemy import Connection

from drills import saved
from drills.score.seal import Altered, Written, digest
from incident.store import drills as table
from incident.store.codec import UnreadableEntry, decode
from incident.store.drills import DrillRow

_MOST: Final = 4096


@dataclass(frozen=True, slots=True)
class _Copy:
    """The digest of the log in a copy, and its first leak if it has one."""

    digest: str | None
    leak: Altered | None = None


_told: Final[dict[tuple[str, bytes], _Copy]] = {}
"""By id and digest of the copy: only what is new or was changed is read."""


@dataclass(slots=True)
class _Today:
    """A live drill's log as the tables have it; `marks` are whose drill its entries say they are."""

    lines: list[Written] = field(default_factory=list)
    marks: set[str | None] = field(default_factory=set)
    bare: int | None = None


def void(connection: Connection, rows: Collection[DrillRow]) -> dict[str, Altered]:
    """Those that count nowhere, by id: what is no more what was sealed, and what a message left."""
    return _held(connection, rows, leaks=True)


def altered(connection: Connection, rows: Collection[DrillRow]) -> dict[str, Altered]:
    """Those that are no more what was sealed, by id, with the first entry that differs."""
    return _held(connection, rows, leaks=False)


def _held(connection: Connection, rows: Collection[DrillRow], *, leaks: bool) -> dict[str, Altered]:
    names = [row.id for row in rows]
    logs: defaultdict[str, _Today] = defaultdict(_Today)
    live = [row.id for row in rows if row.incident is not None]
    for one in table.logs(connection, live) if live else ():
        today, line = logs[one.drill], Written(*one.line)
        today.lines.append(line)
        today.marks.add(one.mark)
        if one.mark is None:
            today.bare = min(today.bare or line.position, line.position)
    today_of = {name: logs[name] for name in live}
    found = {}
    for name, body in table.bodies(connection, names) if names else ():
        copy = _copied(name, body)
        broken = _of_one(name, copy, body, today_of.get(name)) or (copy.leak if leaks else None)
        if broken is not None:
            found[name] = broken
    return found


def _of_one(name: str, copy: _Copy, body: str, today: _Today | None) -> Altered | None:
    copied = copy.digest == name
    if today is None:
        return None if copied else Altered(_last(body), "copy")
    if copied and digest(today.lines) == name:
        return _unmarked(today)
    try:
        first = _first(saved.lines(body), today.lines)
    except ValueError:
        first = None
    if copied:  # written in an older shape, and still the same: nobody has altered it
        return first or _unmarked(today)
    return Altered(first.position if first else _last(body), "copy")


def _copied(name: str, body: str) -> _Copy:
    """What is in a copy; without a digest what is no drill any more."""
    key = (name, sha256(body.encode()).digest())
    if key not in _told:
        try:
            lines, leaks = saved.lines_and_leaks(body)
        except ValueError:
            return _Copy(None)
        while len(_told) >= _MOST:
            _told.pop(next(iter(_told)))
        leak = leaks[0] if leaks else None
        last = max((line.position for line in lines), default=0)
        shown = Altered(leak.position or last, leak.kind, leak.text) if leak else None
        _told[key] = _Copy(digest(lines), shown)
    return _told[key]


def _first(then: Sequence[Written], today: Sequence[Written]) -> Altered | None:
    """The first position at which they differ."""
    before, after = ({line.position: line for line in lines} for lines in (then, today))
    for position in sorted({*before, *after}):
        if position not in after:
            return Altered(position, "removed")
        if position not in before:
            return Altered(position, "added")
        if not _same(before[position], after[position]):
            return Altered(position, "changed")
    return None


def _same(then: Written, today: Written) -> bool:
    """Also where one of them was written by an older release."""
    if then == today:
        return True
    if then[:6] != today[:6]:
        return False
    try:
        return decode(*then[5:]) == decode(*today[5:])
    except UnreadableEntry:
        return False


def _unmarked(today: _Today) -> Altered | None:
    """Entries that say that they are of no drill, or of several."""
    if today.bare is not None:
        return Altered(today.bare, "changed")
    return None if len(today.marks) == 1 else Altered(min(line.position for line in today.lines), "changed")


def _last(body: str) -> int:
    try:
        return max((line.position for line in saved.lines(body)), default=0)
    except ValueError:
        return 0
