"""What a transaction sees: everything its batch needs, read with a handful of queries whatever the batch's size, and
on top of it what the batch has made so far."""

from __future__ import annotations

from collections.abc import Callable, Collection, Set
from dataclasses import dataclass, field

from sqlalchemy import Connection

from incident.clock import Clock
from incident.commands import Library
from incident.desk.cache import StateCache
from incident.desk.requests import Outcome
from incident.desk.writes import Row, Standing, Writes
from incident.evolve import replay
from incident.maintenance import NO_WINDOWS, Windows
from incident.organisation import Organisation
from incident.record.row import board_row
from incident.state import Incident
from incident.store import board, claims, idempotency, links, log
from incident.store.idempotency import Answered
from incident.store.log import Beginning, Head


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a desk decides with, besides the log. `kept` names the documents that need not be written again."""

    clock: Clock
    library: Library
    organisation: Organisation
    new_id: Callable[[], str]
    new_token: Callable[[], str]
    kept: frozenset[str]
    windows: Windows = NO_WINDOWS


@dataclass(frozen=True, slots=True)
class Needs:
    """What the requests of a batch name: dedup keys, incidents, keys of their own."""

    keys: Collection[str]
    incidents: Collection[str]
    answers: Collection[tuple[str, str]]


@dataclass(slots=True)
class World:
    """`position` and `number` are the last ones given out. `held` are the dedup keys that some incident has or had."""

    around: Surroundings
    connection: Connection
    head: Head
    position: int
    number: int = 0
    states: dict[str, Incident] = field(default_factory=dict)
    positions: dict[str, int] = field(default_factory=dict)
    repeats: dict[str, int] = field(default_factory=dict)
    stored: dict[str, board.Standing] = field(default_factory=dict)
    rows: dict[str, Row] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)
    held: set[str] = field(default_factory=set)
    tokens: dict[tuple[str, str], str] = field(default_factory=dict)
    _unread: Set[str] = frozenset()
    answered: dict[tuple[str, str], Answered] = field(default_factory=dict)
    outcomes: dict[tuple[str, str], Outcome] = field(default_factory=dict)
    writes: Writes = field(default_factory=Writes)

    @classmethod
    def read(
        cls, connection: Connection, around: Surroundings, needs: Needs, cache: StateCache, beginning: Beginning
    ) -> World:
        """Read what the batch needs. Raises UnreadableEntry for an incident that a newer release has written to."""
        head = beginning.head
        world = cls(around, connection, head, head.position, beginning.number)
        world.owners = claims.owners(connection, needs.keys)
        world.held = set(world.owners)
        world.answered = idempotency.of(connection, needs.answers)
        incidents = {*needs.incidents, *world.owners.values()}
        incidents |= {str(answer.body["incident"]) for answer in world.answered.values()}
        if incidents:
            world._read_incidents(incidents, cache)
            world._unread = incidents
        return world

    def token(self, incident: str, person: str) -> str | None:
        """That of their link, if they have one. Read when the first page of the batch is ordered: repeats and answers,
        which order none, do without."""
        if incident in self._unread:
            self.tokens = links.of(self.connection, self._unread) | self.tokens
            self._unread = frozenset()
        return self.tokens.get((incident, person))

    def _read_incidents(self, incidents: Collection[str], cache: StateCache) -> None:
        self.stored = board.standings(self.connection, incidents)
        behind: dict[str, int] = {}
        for incident, standing in self.stored.items():
            state = cache.get(incident)
            self.positions[incident], self.repeats[incident] = standing.position, standing.repeats
            if state is not None and state.seq <= standing.seq:
                self.states[incident] = state
            if state is None or state.seq != standing.seq:
                behind[incident] = state.seq if state is not None and state.seq < standing.seq else 0
        for incident, entries in log.histories(self.connection, behind).items():
            state = replay(entries, self.states.get(incident))
            assert state is not None
            self.states[incident] = state

    def row(self, state: Incident) -> Row:
        """The board row of a state, with the repeats that were counted until now."""
        fields = board_row(state, self.around.organisation)
        fields["repeats"] = self.repeats.get(state.id, 0)
        return Row(fields)

    def standing(self, incident: str) -> Standing:
        """An incident as it stands now. Its row is made on first use."""
        row = self.rows.get(incident)
        if row is None:
            row = self.rows[incident] = self.row(self.states[incident])
        return Standing(self.states[incident], row, self.positions[incident])
