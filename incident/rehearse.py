"""What would happen: the core's own functions, with a clock that jumps from one wake to the next. Writes nothing.

A dry run and a simulated drill ask `decide`, `evolve`, `orders` and `wake_at`, the very functions of the desk; there is
no second idea here of who is paged. What is outside (who is on duty then, which plans hold) is handed in as a function
of the time. Positions in these entries count from where the caller says and are nobody's places in the log.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from incident.commands import Command, Moment, Tick
from incident.deadlines import wake_at
from incident.decide import decide
from incident.events import Entry
from incident.evolve import evolve
from incident.orders import Order, orders
from incident.state import Incident

SYSTEM: Final = "system"
MOST: Final = 10_000
"""Turns of one `advance`: a week of an incident that nobody answers is a few hundred."""

Outside = Callable[[datetime, str], Moment]
"""The moment at a time, for whoever speaks then: `system` for the clock."""


class Stuck(Exception):
    """A wake that its tick does not move on: on the desk the watch would look at it again and again."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One decision: what it wrote, what it ordered, and the incident after it. All its entries have the time `at`."""

    at: datetime
    entries: tuple[Entry, ...]
    orders: tuple[Order, ...]
    state: Incident


def put(state: Incident | None, command: Command, moment: Moment, *, incident: str, position: int = 0) -> Turn | None:
    """One command, decided as the desk does. None when it writes nothing. Raises Refused, Unknown or BadInput.

    The first entry has the position after `position`. The moment's time must not be before the state's last entry.
    """
    entries: list[Entry] = []
    for event in decide(state, command, moment):
        seq = state.seq + 1 if state else 1
        entries.append(Entry(position + len(entries) + 1, incident, seq, moment.now, moment.by, event))
        state = evolve(state, entries[-1])
    if not entries or state is None:
        return None
    return Turn(moment.now, tuple(entries), tuple(orders(entries, state, moment.organisation)), state)


def advance(state: Incident, until: datetime, outside: Outside, *, position: int = 0) -> Iterator[Turn]:
    """Let time pass up to and including `until`, with nobody saying anything: each turn is what a `Tick` wrote.

    Ends early when nothing is due any more. The state to go on from is the last turn's, or the one handed in when there
    was none. What came due before the state's last entry is taken up at that entry's time, as after an outage.
    """
    for _ in range(MOST):
        wake = wake_at(state)
        if wake is None or wake > until:
            return
        turn = put(state, Tick(), outside(max(wake, state.at), SYSTEM), incident=state.id, position=position)
        if turn is None:
            raise Stuck(f"{state.id}: nothing was due at its wake {wake}")
        yield turn
        state, position = turn.state, position + len(turn.entries)
    raise Stuck(f"{state.id}: {MOST} wakes before {until}")
