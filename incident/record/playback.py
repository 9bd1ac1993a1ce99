"""An incident played back: each entry of its log with the incident as it stood right after it.

The same `evolve`, the same reader of the state and the same deadlines as on the day, with the entry's own time as now.
Between two entries nothing of a state changes, so a page needs no more than these frames to show any moment.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from incident.deadlines import What, deadlines
from incident.errors import Refused, why
from incident.events import Entry
from incident.evolve import evolve
from incident.record.shapes import AlarmView, ClockView, EntryView, IncidentView, Instant, PostView, Who
from incident.record.timeline import entry_view
from incident.record.view import Reader, incident_view
from incident.state import Incident

ANSWERS: Final = ("taken", "declined", "unreachable", "asked", "silent")


@dataclass(frozen=True, slots=True)
class DueThen:
    """What was due next: `what` is rung, clock, update, step, quiet, expiry or hold, `name` the clock or the step."""

    at: Instant
    what: str
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody who had been paged by then, by their last page. `answer` is taken, declined, unreachable, asked while it
    rang, or silent once somebody else had it; rungs count from 1."""

    person: str
    name: str
    rung: int
    at: Instant
    answer: str
    delivered: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """The incident as it stood: what its page would have shown at that moment, in short. `level` is None before it was
    graded; `rung` counts from 1."""

    level: str | None
    phase: str
    commander: Who | None
    offered_to: Who | None
    ringing: bool
    unreachable: bool
    rung: int
    rungs: int
    round: int
    asked: tuple[Asked, ...]
    clocks: tuple[ClockView, ...]
    posts: tuple[PostView, ...]
    steps_done: int
    steps_total: int
    steps_running: tuple[str, ...]
    updates: int
    updates_missed: int
    last_update: str | None
    restored_percent: int | None
    customers_affected: int | None
    paused: bool
    due: tuple[DueThen, ...]


@dataclass(frozen=True, slots=True)
class Frame:
    """An entry, and the incident right after it."""

    seq: int
    at: Instant
    entry: EntryView
    standing: Standing


def over(state: Incident) -> bool:
    """Whether it may be played back: it is closed or merged, or it is a drill that has ended."""
    return state.phase.over or state.sealed_at is not None


def refuse_open(state: Incident) -> None:
    """Raises Refused while it goes on: its own page shows that."""
    if not over(state):
        raise Refused(why("playback.not_over"))


def states(entries: Iterable[Entry]) -> Iterator[tuple[Entry, Incident]]:
    """Each entry with the state after it."""
    state: Incident | None = None
    for entry in entries:
        state = evolve(state, entry)
        yield entry, state


def frames(entries: Sequence[Entry], reader: Reader, after: int = 0, limit: int | None = None) -> list[Frame]:
    """Those after a sequence number, in order. `reader` has the pinned playbook; its `now` is of no account."""
    found: list[Frame] = []
    for entry, state in states(entries):
        if limit is not None and len(found) == limit:
            break
        if entry.seq > after:
            then = at_that_time(reader, entry, state)
            found.append(Frame(entry.seq, entry.at, entry_view(entry, state.report.drill, then), standing(state, then)))
    return found


def at_that_time(reader: Reader, entry: Entry, state: Incident) -> Reader:
    """The reader at the entry's time, who knows of a playbook only once one was pinned."""
    return replace(reader, now=entry.at, playbook=reader.playbook if state.pinned else None)


def standing(state: Incident, reader: Reader) -> Standing:
    """The state at `reader.now`, by the reader that every page goes by."""
    view = incident_view(state, reader)
    texts = {step.id: step.text for step in view.steps}
    return Standing(
        level=view.level if state.pinned else None,
        phase=view.phase,
        commander=view.commander,
        offered_to=view.offered_to,
        ringing=view.alarm.ringing,
        unreachable=view.alarm.unreachable,
        rung=view.alarm.rung,
        rungs=view.alarm.rungs,
        round=view.alarm.round,
        asked=tuple(_asked(view.alarm, view)),
        clocks=view.clocks,
        posts=view.posts,
        steps_done=sum(step.status in ("done", "skipped") for step in view.steps),
        steps_total=len(view.steps),
        steps_running=tuple(step.text for step in view.steps if step.status == "running"),
        updates=view.updates.count,
        updates_missed=view.updates.missed,
        last_update=view.updates.text,
        restored_percent=view.restored_percent,
        customers_affected=view.customers_affected,
        paused=view.paused_at is not None,
        due=tuple(_due(state, texts, reader)),
    )


def _asked(alarm: AlarmView, view: IncidentView) -> Iterator[Asked]:
    """Each person once, in the order in which they were first paged. While it rings, nobody's answer holds."""
    taken = set() if alarm.ringing else {who.person for who in view.responders}
    silent = "asked" if alarm.ringing else "silent"
    last = {page.person: page for page in alarm.paged}
    for person in dict.fromkeys(page.person for page in alarm.paged):
        page = last[person]
        answer = page.answer or ("taken" if person in taken else silent)
        yield Asked(person, page.name, page.rung, page.at, answer, page.delivered)


def _due(state: Incident, texts: dict[str, str], reader: Reader) -> Iterator[DueThen]:
    """All that would come due by itself, the first of it first. A clock is shown by its own time, not by the instant
    after it at which it is breached."""
    for one in sorted(deadlines(state), key=lambda d: (d.at, d.what, d.name)):
        what, at = str(one.what), state.clocks[one.name].due if one.what is What.CLOCK else one.at
        text = reader.words.t(f"playback.due.{what}", clock=one.name, text=texts.get(one.name, one.name))
        yield DueThen(at, what, one.name, text)
