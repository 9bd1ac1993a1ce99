"""How the actions of improvement plans stand, in words: for the terminal and for the printed report."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict
from datetime import date, datetime

from drills.actions import Tracked
from drills.report.plan import Line, Now
from drills.story import Telling
from incident.words import Words


def state_says(one: Tracked, say: Words, day: Callable[[datetime], str]) -> str:
    """`open`, `done on ..., not proved yet`, `proved on ... by drill ...`, `withdrawn on ...: why`."""
    match one.state:
        case "proved" if one.by:
            return say.t("actions.proved", day=day(one.by.started_at), drill=one.by.drill[:8])
        case "withdrawn" if one.row.withdrawn:
            told = say.t("improve.withdrawn", day=day(one.row.withdrawn.at))
            return say.t("improve.because", told=told, reason=one.row.withdrawn.reason)
        case "done" if one.row.done_at:
            return say.t("actions.done", day=day(one.row.done_at))
    if one.by:
        return say.t("actions.undone", day=day(one.by.started_at), drill=one.by.drill[:8])
    return say.t("improve.open_overdue" if one.overdue else "actions.open")


def on_paper(reader: Telling, every: Iterable[Tracked], day: date) -> Now:
    """The plan of a kept drill for its report: as it was agreed, and as it stands on that day."""
    lines = []
    for one in every:
        first, now = asdict(one.row.first), asdict(one.row.planned)
        changed = {name: value for name, value in now.items() if value != first[name]}
        lines.append(Line(first, state_says(one, reader.words, reader.day), changed))
    return Now(day, tuple(lines))
