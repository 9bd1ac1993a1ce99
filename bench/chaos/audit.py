"""The auditor: reads the log, the board and the outbox, and compares them with what was promised and what was seen."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Final

from sqlalchemy import Connection, select

from bench.chaos.book import Answered, Book
from incident.deadlines import due, wake_at
from incident.events import Acknowledged, Closed, Declined, Entry, Merged, Paged, Resolved
from incident.evolve import replay
from incident.organisation import Organisation
from incident.record.row import board_row
from incident.state import Incident
from incident.store import directory as registers
from incident.store import log
from incident.store.tables import attempts, outbox
from incident.store.tables import board as board_table

_SAYS: Final = {"acknowledge": Acknowledged, "decline": Declined, "resolve": Resolved}
_CHUNK: Final = 2000


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the table. It holds when `found` is what was `wanted`; `examples` say where to look."""

    what: str
    wanted: str
    found: str
    holds: bool
    of: str = ""
    examples: tuple[str, ...] = ()


@dataclass
class Kept:
    """What the database holds at the end."""

    entries: dict[str, list[Entry]]
    states: dict[str, Incident]
    rows: dict[str, Any]
    outbox: list[Any]
    refusals: dict[int, int]
    organisation: Organisation
    head: int
    codes: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, connection: Connection, told: Callable[[str], None]) -> Kept:
        """Everything, into memory: a run of minutes fits."""
        entries: dict[str, list[Entry]] = defaultdict(list)
        position = 0
        while lines := log.after(connection, position, _CHUNK):
            for line in lines:
                entries[line.incident].append(line.entry())
            position = lines[-1].position
            told(f"read {position} entries")
        rows = {row.incident: row for row in connection.execute(select(board_table))}
        refused: dict[int, int] = defaultdict(int)
        for send, outcome in connection.execute(select(attempts.c.send, attempts.c.outcome)):
            refused[send] += outcome != "sent"
        organisation, _ = registers.load_organisation(connection)
        states = {name: state for name, lines in entries.items() if (state := replay(lines)) is not None}
        sends = connection.execute(select(outbox).order_by(outbox.c.id)).all()
        kept = cls(dict(entries), states, rows, list(sends), dict(refused), organisation, position)
        kept.codes = {state.report.code: name for name, state in states.items()}
        return kept


def promises(kept: Kept, book: Book) -> Iterator[Finding]:
    """What was answered is there."""
    absent = [f"{r.code} {r.key}" for r in book.reported if r.incident not in kept.states]
    yield none("reports answered 2xx and absent", absent, len(book.reported))
    short = [
        f"{incident}: {number} answered, {kept.rows[incident].repeats} counted"
        for incident, number in book.repeated.items()
        if incident not in kept.rows or kept.rows[incident].repeats < number
    ]
    yield none("repeats answered 2xx and not counted", short, sum(book.repeated.values()))
    lost = [str(answer) for answer in book.answered if not _is_written(answer, kept)]
    yield none("people's answers accepted and absent", lost, len(book.answered))
    twice = _opened_twice(kept)
    yield none("one report, two incidents open at once", twice, len(kept.states))


def _is_written(answer: Answered, kept: Kept) -> bool:
    """By text or key the answer may also have been a friendly no: then the incident was over, or theirs to command."""
    incident = kept.codes.get(answer.code)
    if incident is None:
        return False
    kind = _SAYS[answer.act]
    said = (entry.event for entry in kept.entries[incident] if isinstance(entry.event, kind))
    if any(getattr(event, "person", "") == answer.person for event in said):
        return True
    state = kept.states[incident]
    return answer.via in ("sms", "key") and (state.resolved_at is not None or state.commander == answer.person)


def _opened_twice(kept: Kept) -> list[str]:
    """Incidents of one dedup key, the second opened while the first was not resolved."""
    by_title: dict[str, list[Incident]] = defaultdict(list)
    for state in kept.states.values():
        by_title[state.report.title].append(state)
    found = []
    for title, states in by_title.items():
        states.sort(key=lambda state: kept.entries[state.id][0].position)  # the clocks of two processes may differ
        for before, after in pairwise(states):
            if _resolved(kept.entries[before.id]) > kept.entries[after.id][0].position:
                found.append(f"{title}: {before.report.code} and {after.report.code}")
    return found


def _resolved(lines: Sequence[Entry]) -> float:
    """The position at which an incident was resolved, beyond all others if it never was."""
    ends = (entry.position for entry in lines if isinstance(entry.event, Resolved | Closed | Merged))
    return next(ends, float("inf"))


def wholeness(kept: Kept) -> Iterator[Finding]:
    """Positions, sequence numbers, and the stored row against the replayed one."""
    bad = [name for name, lines in kept.entries.items() if [e.seq for e in lines] != list(range(1, len(lines) + 1))]
    yield none("incidents with a gap in their log", bad, len(kept.entries))
    differing = [name for name in kept.states if not _same(kept, name)]
    yield none("stored board rows that differ from the replay", differing, len(kept.states))


def _same(kept: Kept, name: str) -> bool:
    row, state = kept.rows.get(name), kept.states[name]
    if row is None:
        return False
    stored, made = json.loads(row.row), json.loads(json.dumps(board_row(state, kept.organisation)))
    stored.pop("repeats", None)
    columns = row.seq == state.seq and row.wake_at == wake_at(state) and row.phase == str(state.phase)
    return bool(stored == made and columns and row.position == kept.entries[name][-1].position)


def wakes(kept: Kept, now: datetime, patience: timedelta) -> Iterator[Finding]:
    """What was due is written; no rung was climbed before its time; no number of a page is left out."""
    asleep = [f"{s.report.code}: {due(s, now - patience)[0]}" for s in kept.states.values() if due(s, now - patience)]
    yield none("wakes missed", asleep, sum(_climbs(lines) for lines in kept.entries.values()))
    early, gaps = [], []
    for name, lines in kept.entries.items():
        pages = [(entry, entry.event) for entry in lines if isinstance(entry.event, Paged)]
        if [page.page for _, page in pages] != list(range(1, len(pages) + 1)):
            gaps.append(name)
        for (_, before), (entry, page) in pairwise(pages):
            if page.reason.key == "alarm.silence" and before.next_at is not None and entry.at < before.next_at:
                early.append(f"{name} page {page.page}")
    yield none("rungs climbed before their time", early, sum(map(_climbs, kept.entries.values())))
    yield none("incidents with a page left out or doubled", gaps, len(kept.entries))


def _climbs(lines: Sequence[Entry]) -> int:
    return sum(isinstance(entry.event, Paged) for entry in lines)


def none(what: str, found: Sequence[str], of: int | str = "") -> Finding:
    """A finding that holds when nothing was found."""
    return Finding(what, "0", str(len(found)), not found, str(of), tuple(found[:5]))


def ringing(connection: Connection) -> int:
    """How many incidents still wait for somebody."""
    rows = connection.scalars(select(board_table.c.row).where(board_table.c.over.is_(False)))
    return sum(bool(json.loads(row).get("ringing")) for row in rows)
