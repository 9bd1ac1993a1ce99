"""Incidents as they stand in the log, for whoever only reads. Everything here blocks: call it on a worker thread.

States are kept and brought up to date with what was appended since, so a page that is looked at often costs one small
query. The desk has its own; a reader never waits for the writer.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock
from typing import Final

from sqlalchemy import Connection

from incident.errors import Unknown
from incident.events import Entry
from incident.evolve import replay
from incident.organisation import as_met
from incident.playbooks.model import Playbook
from incident.record.shapes import EntryView, IncidentView
from incident.record.timeline import entry_view
from incident.record.view import Reader, incident_view
from incident.state import Incident
from incident.store import board, log
from incident.store.board import Listed
from incident.store.engine import reading
from incident.words import words_for
from web.house import House

_SIZE: Final = 512


class States:
    """The states last read, the longest unused forgotten first."""

    def __init__(self) -> None:
        self._states: OrderedDict[str, Incident] = OrderedDict()
        self._lock = Lock()

    def read(self, connection: Connection, incident: str) -> Incident:
        with self._lock:
            known = self._states.get(incident)
        newer = log.entries(log.of(connection, incident, known.seq if known else 0))
        state = replay(newer, known)
        if state is None:
            raise Unknown("incident", incident[:40])
        with self._lock:
            self._states[incident] = state
            self._states.move_to_end(incident)
            while len(self._states) > _SIZE:
                self._states.popitem(last=False)
        return state


def standing(house: House, states: States, incident_id: str) -> tuple[Incident, Listed]:
    """The state and the board's row of an incident, by id or code, of the same moment. Raises Unknown."""
    with reading(house.engine) as connection:
        listed = board.get(connection, incident_id)
        if listed is None:
            raise Unknown("incident", incident_id[:40])
        return states.read(connection, listed.incident), listed


def reader(house: House, locale: str, playbook: Playbook | None = None, mark: str | None = None) -> Reader:
    """Who reads: in that language, now. `mark` is that of the incident, of whose people it is read."""
    return Reader(as_met(house.directory.organisation(), mark, locale), playbook, words_for(locale), house.clock.now())


def view(house: House, state: Incident, locale: str) -> IncidentView:
    """The incident with the words of the playbook that it pinned."""
    return incident_view(state, reader(house, locale, playbook_of(house, state), state.report.drill))


def view_at_hand(house: House, state: Incident) -> bool:
    """Whether `view` will not block."""
    pinned = state.pinned is None or house.library.at_hand(state.pinned.playbook_digest)
    return pinned and house.directory.at_hand


def playbook_of(house: House, state: Incident) -> Playbook | None:
    """The playbook as it was pinned; None before grading."""
    return house.library.pinned_playbook(state.pinned.playbook_digest) if state.pinned else None


def entry_views(house: House, entries: Sequence[Entry], state: Incident, locale: str) -> list[EntryView]:
    """What was written, with the names of people, units and the pinned playbook."""
    drill = state.report.drill
    with_names = reader(house, locale, playbook_of(house, state), drill)
    return [entry_view(entry, drill, with_names) for entry in entries]


def entries_of(house: House, incident: str, after: int, limit: int | None) -> list[Entry]:
    """One incident's entries after a sequence number."""
    with reading(house.engine) as connection:
        return log.entries(log.of(connection, incident, after, limit))
