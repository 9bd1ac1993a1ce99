"""What one request would write: decided in memory, kept only if all of it was decided.

A draft reads from itself and from the world behind it. The next request sees nothing of it before `accept`, so that a
refusal or an exception leaves no trace.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from incident.commands import Command, Moment, Tick
from incident.deadlines import wake_at
from incident.decide import decide
from incident.desk.world import World
from incident.desk.writes import Row, Writes
from incident.errors import Refused, Unknown, why
from incident.events import Entry, Graded
from incident.evolve import evolve
from incident.orders import OFFER, PAGE, QUIET, Cancel, Send, orders
from incident.state import Incident
from incident.store.codec import encode
from incident.store.documents import Document, DocumentKind
from incident.store.links import Link
from incident.store.log import Line
from incident.store.outbox import Ordered

_WITH_LINK: Final = (PAGE, OFFER, QUIET)
"""What asks for an answer carries the person's link."""


class Draft:
    """One request's part of the transaction."""

    def __init__(self, world: World) -> None:
        self.world: Final = world
        self.writes: Final = Writes()
        self._states: dict[str, Incident] = {}
        self._rows: dict[str, Row] = {}

    def state(self, incident: str) -> Incident:
        """The incident as it stands for this request. Raises Unknown."""
        found = self._states.get(incident) or self.world.states.get(incident)
        if found is None:
            raise Unknown("incident", incident)
        return found

    def row(self, incident: str) -> dict[str, object]:
        """The board row that belongs to `state`."""
        own = self._rows.get(incident)
        return dict((own if own is not None else self.world.standing(incident).row).fields)

    def now(self, state: Incident | None = None) -> datetime:
        """The clock's time, but never before the incident's last entry: a clock may be set back."""
        now = self.world.around.clock.now()
        return now if state is None else max(now, state.at)

    def act(self, incident: str, command: Command, by: str, expected_seq: int | None = None) -> tuple[Entry, ...]:
        """Decide a command on an incident that exists. Raises Refused, Unknown or BadInput."""
        state = self.state(incident)
        if expected_seq is not None and expected_seq != state.seq:
            raise Refused(why("desk.moved_on", expected=expected_seq, seq=state.seq))
        return self.decide(incident, state, command, by)

    def decide(self, incident: str, state: Incident | None, command: Command, by: str) -> tuple[Entry, ...]:
        """Decide, evolve, and note what is to be written: entries, board row, orders, pinned documents."""
        around = self.world.around
        moment = Moment(self.now(state), by, around.organisation, around.library, around.windows)
        events = decide(state, command, moment)
        if not events:
            self._woken_for_nothing(state, command)
            return ()
        position = self.world.position + len(self.writes.lines)
        entries: list[Entry] = []
        for event in events:
            position += 1
            entry = Entry(position, incident, state.seq + 1 if state else 1, moment.now, by, event)
            state = evolve(state, entry)
            entries.append(entry)
        assert state is not None
        self._note_state(state)
        self._note_lines(entries, state)
        self._note_orders(entries, state)
        return tuple(entries)

    def fold(self, incident: str, at: datetime) -> None:
        """Count a repeated report."""
        count = self.writes.repeats.get(incident, (0, at))[0] + 1
        self.writes.repeats[incident] = (count, at)
        repeats = self.world.repeats.get(incident, 0) + count
        self._rows[incident] = Row({**self.row(incident), "repeats": repeats})

    def accept(self) -> None:
        """Make it part of the world that the next request sees, and of what the batch writes."""
        world, writes = self.world, self.writes
        world.states |= self._states
        world.rows |= self._rows
        for line in writes.lines:
            world.positions[line.entry.incident] = line.entry.position
        world.position += len(writes.lines)
        world.number += len(writes.opened)
        for incident, (count, _) in writes.repeats.items():
            world.repeats[incident] = world.repeats.get(incident, 0) + count
        world.owners |= writes.keys
        for source, target in writes.merged.items():
            world.owners |= {key: target for key, owner in world.owners.items() if owner == source}
        world.tokens |= {whose: link.token for whose, link in writes.links.items()}
        world.answered |= {(answer.scope, answer.key): answer for answer in writes.answers}
        world.writes.add(writes)

    def _note_state(self, state: Incident) -> None:
        self._states[state.id] = state
        self._rows[state.id] = self.world.row(state)
        self.writes.changed[state.id] = None

    def _note_lines(self, entries: list[Entry], state: Incident) -> None:
        row, drill, last = self._rows[state.id].text, state.report.drill, entries[-1]
        for entry in entries:
            self.writes.lines.append(Line(entry, encode(entry.event), drill, row if entry is last else None))
            if isinstance(entry.event, Graded):
                self._pin(entry.event)

    def _note_orders(self, entries: list[Entry], state: Incident) -> None:
        last = entries[-1]
        for order in orders(entries, state, self.world.around.organisation):
            if isinstance(order, Cancel):
                self.writes.orders.append(order)
            else:
                self.writes.orders.append(Ordered(order, last.position, last.at, self._token(order, last.at)))

    def _token(self, send: Send, now: datetime) -> str | None:
        if send.purpose not in _WITH_LINK:
            return None
        whose = (send.incident, send.person)
        known = self.world.token(*whose)
        if known is not None:
            return known
        link = self.writes.links.get(whose)
        if link is None:
            link = Link(self.world.around.new_token(), send.incident, send.person, send.page, now)
            self.writes.links[whose] = link
        return link.token

    def _pin(self, graded: Graded) -> None:
        """Keep the very policy and playbook that the incident was graded by, the first time anything is."""
        library = self.world.around.library
        if self._is_new(graded.policy_digest):
            body = library.pinned_policy(graded.policy_digest).dump()
            self._keep("policy", graded.policy, graded.policy_version, graded.policy_digest, body)
        if self._is_new(graded.playbook_digest):
            body = library.pinned_playbook(graded.playbook_digest).dump()
            self._keep("playbook", graded.playbook, graded.playbook_version, graded.playbook_digest, body)

    def _is_new(self, digest: str) -> bool:
        return digest not in self.world.around.kept and digest not in self.world.writes.documents

    def _keep(self, kind: DocumentKind, name: str, version: int, digest: str, body: str) -> None:
        self.writes.documents[digest] = Document(digest, kind, name, version, body)

    def _woken_for_nothing(self, state: Incident | None, command: Command) -> None:
        """A release that counts deadlines in another way finds wakes that the old one wrote: the row is put right."""
        if state is None or not isinstance(command, Tick):
            return
        stored = self.world.stored.get(state.id)
        if stored is not None and stored.wake_at != wake_at(state):
            self._note_state(state)
