"""The one primary action of an incident's page: the next sensible thing for whoever looks at it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from incident.record.shapes import IncidentView
from incident.state import Phase


@dataclass(frozen=True, slots=True)
class Primary:
    """`says` is a key of the catalogs, `about` what it names. With a `command` it is a button that posts `values`;
    else it leads to `place` on the page, where there is something to fill in."""

    says: str
    command: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    place: str = ""
    about: str = ""


def primary(view: IncidentView, person: str | None, now: datetime) -> Primary | None:
    """None when there is nothing left to do, or nobody signed in to do it."""
    if person is None or view.phase in (Phase.CLOSED, Phase.MERGED):
        return None
    if view.offered_to and view.offered_to.person == person:
        return Primary("do.accept", "accept-command")
    if view.phase == Phase.VERIFYING:
        return Primary("do.verify", place="verifying")
    if view.phase == Phase.REVIEWING:
        return Primary("do.finish", place="close") if view.to_close else Primary("do.close", place="closing")
    if view.commander is None:
        return Primary("do.take", "acknowledge")
    if view.quiet and (view.quiet.expired_at or (view.quiet.asked and view.commander.person == person)):
        return Primary("do.keep" if view.commander.person == person else "do.take", "acknowledge")
    return _work(view, person, now)


def _work(view: IncidentView, person: str, now: datetime) -> Primary:
    """Somebody has it: a late word first, then the next step, then the end."""
    commands = view.commander is not None and view.commander.person == person
    due = view.updates.next_due
    if commands and (view.updates.owed_since or (due is not None and due <= now)):
        return Primary("do.update", place="word")
    mine = next((s for s in view.steps if s.status == "running" and s.person and s.person.person == person), None)
    if mine:
        return Primary("do.finish_step", "finish-step", {"step": mine.id}, about=mine.text)
    ready = next((s for s in view.steps if s.status in ("waiting", "failed") and not s.waiting_for), None)
    if ready:
        return Primary("do.start_step", "start-step", {"step": ready.id}, about=ready.text)
    if any(s.status == "running" for s in view.steps):
        return Primary("do.update", place="word")
    return Primary("do.resolve", place="resolving")
