"""What is played back: an incident of the log, or the kept copy of a drill. Everything here blocks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from starlette.requests import Request

from drills.improving import opened
from drills.script.model import Script
from incident.events import Entry
from incident.evolve import replay
from incident.playbooks.model import Playbook
from incident.record.playback import Frame, frames, refuse_open
from incident.record.shapes import EntryView
from incident.record.timeline import entry_view
from incident.record.view import Reader
from incident.state import Incident
from incident.store.engine import reading
from web.auth import who
from web.house import house_of
from web.reading import entries_of, playbook_of, reader
from web.visible import visible

_DRILL: Final = "drill:"


@dataclass(frozen=True, slots=True)
class Tape:
    """A whole log, to be played. `script` gives the names of a drill's actors; `frames` is where the API has it."""

    name: str
    entries: Sequence[Entry]
    state: Incident
    reader: Reader
    frames: str
    script: Script | None = None

    @property
    def playbook(self) -> Playbook | None:
        return self.reader.playbook

    def views(self) -> list[EntryView]:
        """Each entry for people, with the names of a drill's actors where they spoke."""
        drill = self.state.report.drill
        return [self._named(entry_view(entry, drill, self.reader)) for entry in self.entries]

    def played(self, after: int, limit: int) -> list[Frame]:
        found = frames(self.entries, self.reader, after, limit)
        return [replace(frame, entry=self._named(frame.entry)) for frame in found]

    def _named(self, entry: EntryView) -> EntryView:
        if self.script is None or not entry.by.startswith(_DRILL):
            return entry
        actor = self.script.actor(entry.by.removeprefix(_DRILL))
        return replace(entry, by_name=actor.name.for_locale(self.reader.words.locale)) if actor else entry


def of_incident(request: Request) -> Tape:
    """By id or code. Raises Unknown, and Refused while it goes on."""
    house = house_of(request)
    state, _ = visible(request)
    refuse_open(state)
    entries = entries_of(house, state.id, 0, None)
    whole = replay(entries) or state
    reads = reader(house, who(request).locale, playbook_of(house, whole), whole.report.drill)
    return Tape(state.report.code, entries, whole, reads, f"/api/incidents/{state.id}/playback")


def of_drill(request: Request, name: str) -> Tape:
    """A kept drill of any form, by its id or the beginning of it: the log that was sealed. Raises Unknown."""
    house = house_of(request)
    with reading(house.engine) as connection:
        played, row = opened(connection, name)
    state = replay(played.entries)
    assert state is not None
    reads = reader(house, who(request).locale, played.playbook)
    return Tape(row.id[:8], played.entries, state, reads, f"/api/drills/{row.id}/playback", played.script)
