"""What can be asked of the desk, and what it answers.

An answer exists only after the commit. `by` says who asks: `person:<id>`, `key:<name>` for a program, `system`.
"""

from __future__ import annotations

from dataclasses import dataclass

from incident.commands import Command, Note, Recover
from incident.errors import IncidentError, why
from incident.events import Entry
from incident.report import Report
from incident.state import Incident


@dataclass(frozen=True, slots=True)
class Idempotency:
    """A key that the caller chose, within the caller's `scope`. `digest` is of the request: a retry has the same."""

    scope: str
    key: str
    digest: str


@dataclass(frozen=True, slots=True)
class OpenReport:
    """Open an incident, or count the report as a repeat of the open one with the same dedup key.

    `scope` keeps the keys of one sender apart from another's; a drill's are apart by themselves.
    """

    report: Report
    by: str
    scope: str = ""
    drill: str | None = None
    idempotency: Idempotency | None = None


@dataclass(frozen=True, slots=True)
class Act:
    """Put a command to an incident, named by its id. With `expected_seq`, only if nothing has happened since."""

    incident: str
    command: Command
    by: str
    expected_seq: int | None = None
    idempotency: Idempotency | None = None


@dataclass(frozen=True, slots=True)
class RecoverKey:
    """The monitor's all-clear for whatever incident holds the key. Without an open one nothing is written."""

    dedup_key: str
    by: str
    note: str | None = None
    scope: str = ""
    drill: str | None = None

    @property
    def command(self) -> Command:
        return Recover(self.note)


@dataclass(frozen=True, slots=True)
class NoteKey:
    """Something said about whatever incident holds the key. Without an open one nothing is written."""

    dedup_key: str
    by: str
    text: str
    scope: str = ""
    drill: str | None = None

    @property
    def command(self) -> Command:
        return Note(self.text)


@dataclass(frozen=True, slots=True)
class Together:
    """Several acts, all or nothing, each decided on what the ones before it made."""

    acts: tuple[Act, ...]


Request = OpenReport | Act | RecoverKey | NoteKey | Together


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was written, after it was. `state` and `row` are the first incident's, None if there was none to act on.

    `created` tells a new incident from a folded repeat; `replayed` an answer that was given before under this key.
    """

    entries: tuple[Entry, ...]
    state: Incident | None
    row: dict[str, object] | None
    created: bool = False
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class Bell:
    """Rung after each commit: the log's new last position, how many messages became due at once, and whether one of
    them is the first page of a Critical. Losing it loses nothing."""

    position: int
    sends: int
    first: bool


class StoreDown(IncidentError):
    """The database cannot be written (gone, full, broken). Nothing was written, unless it broke during the commit
    itself; ask again. HTTP 503."""

    reason = why("desk.store_down")


class Busy(StoreDown):
    """Too much waits to be written, or another process holds the database. Ask again in a moment. HTTP 503."""

    reason = why("desk.busy")


class Closed(StoreDown):
    """This process is stopping. Ask again: another one, or the next, will answer. HTTP 503."""

    reason = why("desk.closed")
