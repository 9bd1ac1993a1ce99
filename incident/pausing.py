"""A drill that is paused or over: its clock stands still, and with it every deadline.

What is said meanwhile is said at the moment of the pause, so that what follows from it is due as long after the pause
as it would have been without one. When the drill goes on, all that was due moves by the pause's length.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import assert_never

from incident.events import DrillEnded, DrillEvent, DrillPaused, DrillResumed, Entry
from incident.state import ClockState, Incident, Phase, StepState, changed, silent


def standing_still(state: Incident, entry: Entry) -> Entry:
    """The entry as the drill's own clock sees it. What starts and stops that clock goes by the other one."""
    if state.paused_at is None or isinstance(entry.event, DrillEvent):
        return entry
    return replace(entry, at=state.paused_at)


def drilled(state: Incident, event: DrillEvent, at: datetime) -> Incident:
    match event:
        case DrillPaused():
            return changed(state, paused_at=at)
        case DrillResumed():
            length = max(timedelta(), at - event.since)
            return changed(_later(state, length), paused_at=None, stood_still=state.stood_still + length)
        case DrillEnded():
            phase = state.phase if state.phase.over else Phase.CLOSED
            word = replace(state.word, due=None)
            over = changed(silent(state), phase=phase, closed_at=state.closed_at or at, word=word)
            return changed(over, paused_at=None, sealed_at=at)
    assert_never(event)


def _later(state: Incident, by: timedelta) -> Incident:
    """Everything that has not come due is due later. What was met or missed before stays as it is."""
    alarm, word, quiet = state.alarm, state.word, state.quiet
    return changed(
        state,
        alarm=replace(alarm, next_at=alarm.next_at + by) if alarm.next_at else alarm,
        clocks={name: _clock(clock, by) for name, clock in state.clocks.items()},
        word=replace(word, due=word.due + by) if word.due else word,
        steps={name: _step(step, by) for name, step in state.steps.items()},
        quiet=replace(quiet, heard_at=quiet.heard_at + by) if quiet.heard_at else quiet,
    )


def _clock(clock: ClockState, by: timedelta) -> ClockState:
    return clock if clock.met_at is not None or clock.breached else replace(clock, due=clock.due + by)


def _step(step: StepState, by: timedelta) -> StepState:
    return replace(step, due=step.due + by) if step.due and not step.overdue else step
