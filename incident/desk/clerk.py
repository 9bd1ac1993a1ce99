"""The clerk: reads the log behind everybody's back and keeps what is searched and counted up to date.

It writes nothing that the log and the board do not say already, and nobody waits for it: the desk's transactions are
free of this work, and what the clerk has not read yet is searched the slow way. Two clerks may race: the one that
comes second finds its place in the log taken, and lets it be.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Sequence
from typing import Final

from sqlalchemy import Connection, Engine

from incident.clock import monotonic
from incident.events import (
    KINDS,
    Acknowledged,
    Graded,
    Paged,
    PagingHeld,
    Regraded,
    ReportAmended,
    Reported,
    Resolved,
    Restored,
)
from incident.record.measures import Measured, measure
from incident.store import board, log, measured, postings, search
from incident.store.engine import changing, reading
from incident.store.log import Stored
from incident.store.measured import Mark

_log = logging.getLogger(__name__)

SLICE: Final = 1_000
"""Entries at a time: some ten milliseconds, of which the database is locked for half."""
LOOK_S: Final = 1.0
SHARE: Final = 9.0
"""For each second of work so many of rest: whoever pages and watches has the machine first."""
CROWD: Final = 500
"""So many new entries since the last look are a storm: then the clerk waits, but not for ever."""
PATIENCE_S: Final = 30.0
WORDED: Final = 250
"""Incidents whose words are noted at a time: some ten milliseconds, too."""

_MEASURED: Final = frozenset(
    KINDS[event] for event in (Reported, Graded, Regraded, PagingHeld, Paged, Acknowledged, Restored, Resolved)
)
_AMENDED: Final = frozenset((KINDS[ReportAmended],))
_WORDED: Final = _AMENDED | {KINDS[Reported]}

Progress = Callable[[int, int], None]


class Clerk:
    """Made asleep. `catch_up` reads what there is, `run` goes on reading at leisure."""

    def __init__(self, engine: Engine, *, entries: int = SLICE) -> None:
        self._engine, self._slice = engine, entries

    def behind(self) -> int:
        """How many entries it has not read yet."""
        with reading(self._engine) as connection:
            return log.last_position(connection) - measured.mark(connection).position

    def unworded(self) -> int:
        """How many incidents' words it has not noted yet."""
        with reading(self._engine) as connection:
            return max(0, board.last_number(connection) - measured.mark(connection, measured.WORDS).number)

    def catch_up(self, most: int | None = None, progress: Progress | None = None) -> int:
        """Read on to the end of the log and note all words, without rest; with `most` so many entries and no words.
        Returns how many of both."""
        read, wanted = 0, self.behind() + self.unworded() if most is None else most
        while read < wanted and (count := self.read_on(min(self._slice, wanted - read))):
            read += count
            if progress:
                progress(read, wanted)
        while most is None and (count := self.note_words()):
            read += count
            if progress:
                progress(min(read, wanted), wanted)
        return read

    def run(self, stop: threading.Event) -> None:
        """Read at leisure until `stop` is set."""
        last, since = 0, monotonic()
        while not stop.is_set():
            rest = LOOK_S
            try:
                behind, unworded = self.behind(), self.unworded()
                crowded = behind > last + CROWD and monotonic() - since < PATIENCE_S
                last = behind
                if (behind or unworded) and not crowded:
                    start = monotonic()
                    self.read_on(self._slice)
                    self.note_words()
                    since = monotonic()
                    last = max(0, behind - self._slice)
                    rest = SHARE * (since - start) if last or unworded > WORDED else LOOK_S
            except Exception:  # the database is away, or an entry is newer than this release: it waits for both
                _log.warning("the clerk could not read on; it tries again", exc_info=True)
            stop.wait(rest)

    def read_on(self, entries: int) -> int:
        """One slice: what was read is written in one transaction with how far it goes. Returns how many entries."""
        with reading(self._engine) as connection:
            old = measured.mark(connection)
            end = min(old.position + entries, log.last_position(connection))
            if end == old.position:
                return 0
            lines = log.decisive(connection, old.position, end, _MEASURED | _WORDED)
            kept = _measured(connection, lines)
            worded = [line.incident for line in lines if line.kind in _WORDED]
            words = board.words(connection, worded)
        number = max((number for number, _ in words), default=old.number)
        with changing(self._engine) as connection:
            if measured.move(connection, old, Mark(end, max(number, old.number))):
                measured.keep(connection, kept)
                search.put(connection, words)
        return end - old.position

    def note_words(self) -> int:
        """The words of the next incidents, by number, and of those that were amended since it last looked. An amendment
        from before it began is in the words already. Returns how many incidents and entries that were."""
        with reading(self._engine) as connection:
            old = measured.mark(connection, measured.WORDS)
            last = log.last_position(connection)
            begin = old.position or last
            end = min(begin + self._slice, last)
            amended = log.incidents(connection, begin, end, _AMENDED)
            number = min(old.number + WORDED, postings.stretch_end(old.number + 1), board.last_number(connection))
            words = board.words_from(connection, old.number, number) + board.words(connection, amended)
        if not words and end - begin < self._slice:
            return 0  # nothing that would be worth a commit
        with changing(self._engine) as connection:
            if measured.move(connection, old, Mark(end, max(number, old.number)), measured.WORDS):
                postings.put(connection, words)
        return max(0, number - old.number) + end - begin


def _measured(connection: Connection, lines: Sequence[Stored]) -> dict[str, tuple[Measured, str]]:
    """The incidents of these lines as they stand after them."""
    known = measured.known(connection, {line.incident for line in lines})
    found: dict[str, tuple[Measured, str]] = {}
    for line in lines:
        standing = found.get(line.incident) or known.get(line.incident)
        one = standing[0] if standing else None
        if line.kind in _MEASURED:
            one = measure([line.entry()], one)
        if one is None:  # the log began before its first entry: it was cut, and `incident verify` says where
            continue
        phase = json.loads(line.row)["phase"] if line.row else (standing[1] if standing else "reported")
        found[line.incident] = (one, phase)
    return found
