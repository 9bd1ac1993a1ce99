"""When something is due: computed from the state, stored nowhere.

`wake_at` fills one indexed column of the board. An answer changes the state and its deadline is gone: there is no
timer to cancel, to lose or to fire twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from incident.hearing import holds_until, warned_at
from incident.state import Incident, Phase

_JUST_AFTER = timedelta(microseconds=1)


class What(StrEnum):
    """The kinds of deadline."""

    RUNG = "rung"
    CLOCK = "clock"
    UPDATE = "update"
    STEP = "step"
    QUIET = "quiet"
    EXPIRY = "expiry"
    HOLD = "hold"


@dataclass(frozen=True, slots=True)
class Deadline:
    """`name` is the clock or the step, empty for the others."""

    at: datetime
    what: What
    name: str = ""


def deadlines(state: Incident) -> Iterator[Deadline]:
    """All moments at which a `Tick` would write something, in no order. None once the incident is over, or while a
    drill is paused."""
    if state.phase.over or state.paused_at is not None:
        return
    if state.held and state.maintenance:  # nobody was asked: nothing else can be late
        yield Deadline(state.maintenance.until, What.HOLD)
        return
    if state.alarm.ringing and state.alarm.next_at:
        yield Deadline(state.alarm.next_at, What.RUNG)
    for name, clock in state.clocks.items():
        if clock.met_at is None and not clock.breached and not needless(state, name):
            yield Deadline(clock.due + _JUST_AFTER, What.CLOCK, name)
    if state.word.due and state.phase in (Phase.HANDLING, Phase.RECOVERING):
        yield Deadline(state.word.due, What.UPDATE)
    for name, step in state.steps.items():
        if step.status == "running" and step.due and not step.overdue:
            yield Deadline(step.due, What.STEP, name)
    for what, at in ((What.QUIET, warned_at(state)), (What.EXPIRY, holds_until(state))):
        if at is not None:
            yield Deadline(at, what)


def needless(state: Incident, name: str) -> bool:
    """Whether a clock runs no more though nothing met it: what is over needs nobody's answer, only the follow-up."""
    return state.resolved_at is not None and name != "follow_up" and state.clocks[name].met_at is None


def verdict(state: Incident, name: str, now: datetime) -> str:
    """met, breached or running at `now`; lapsed when the incident was over before the clock had run out."""
    clock = state.clocks[name]
    if state.resolved_at is None or not needless(state, name):
        return clock.verdict(now)
    late = clock.breached or clock.verdict(state.resolved_at) == "breached"
    return "breached" if late else "lapsed"


def wake_at(state: Incident) -> datetime | None:
    """The first moment at which the watch must look again; None when nothing will come due by itself."""
    return min((d.at for d in deadlines(state)), default=None)


def due(state: Incident, now: datetime) -> list[Deadline]:
    """What has come due at `now`, the oldest first. A clock is breached just after its due time, not at it."""
    return sorted((d for d in deadlines(state) if d.at <= now), key=lambda d: (d.at, d.what, d.name))
