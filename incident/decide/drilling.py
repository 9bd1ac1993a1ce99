"""A live drill is paused, goes on, and ends. Its exercise control puts these; a real incident refuses them.

While it is paused only what pages nobody and makes nothing due is taken: an answer to a page that was under way (whom a
no leads to is paged when it goes on), what became of it, a note. Everything else waits until it goes on. After its end
nothing is taken but how its review judges the communication.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, assert_never

from incident.commands import (
    Absorb,
    Acknowledge,
    Command,
    Decline,
    EndDrill,
    JudgeCommunication,
    Merge,
    Moment,
    Note,
    NoteDelivery,
    NoteFailure,
    PauseDrill,
    ResumeDrill,
    Tick,
)
from incident.decide import alarm
from incident.errors import Reason, why
from incident.events import DrillEnded, DrillPaused, DrillResumed, Event
from incident.marks import is_drill, is_practice
from incident.state import Incident

Drilling = PauseDrill | ResumeDrill | EndDrill

_CONTROL: Final = frozenset({PauseDrill, ResumeDrill, EndDrill})
_MACHINE: Final = frozenset({Tick, NoteDelivery, NoteFailure})
"""What the program tells by itself: after the end it is heard, and writes nothing."""
_BETWEEN: Final = frozenset({Merge, Absorb})
"""What would carry a practice into another incident, or a real one into a practice."""
_WHILE_PAUSED: Final = _CONTROL | _MACHINE | {Note, Acknowledge, Decline}
_AFTER_THE_END: Final = _MACHINE | {EndDrill, JudgeCommunication}
"""A drill is reviewed after its end: the judgement lies behind the seal and is no part of what was sealed."""


def refusal(state: Incident, command: type[Command]) -> Reason | None:
    """Why a drill's standing forbids this; None when it does not."""
    if command in _CONTROL and not is_drill(state.report.drill):
        return why("drill.only")
    if is_practice(state.report.drill) and command in _BETWEEN:
        return why("practice.by_itself")
    if state.sealed_at is not None and command not in _AFTER_THE_END:
        return why("drill.sealed")
    if state.paused_at is not None and command not in _WHILE_PAUSED:
        return why("drill.paused")
    return None


def decide(state: Incident, command: Drilling, moment: Moment) -> tuple[Event, ...]:
    """The answers of this chapter; see `incident.decide`. What is so already writes nothing."""
    match command:
        case PauseDrill():
            return (DrillPaused(command.because),) if state.paused_at is None else ()
        case ResumeDrill():
            return tuple(_on(state, moment)) if state.paused_at is not None else ()
        case EndDrill():
            return (DrillEnded(),)
    assert_never(command)


def _on(state: Incident, moment: Moment) -> Iterator[Event]:
    """A rung on which meanwhile nobody was left who could answer climbs at once."""
    assert state.paused_at is not None
    yield DrillResumed(state.paused_at)
    yield from alarm.climb_if_spent(state, moment)
