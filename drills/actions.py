"""Actions of improvement plans: open, done because their owner says so, or proved by a later drill. Pure.

An action is proved by no word, only by a drill of the same playbook in which people took part, which began after the
action was done, and in which the measure that it names was reached. A drill that measured it and did not reach it,
before one did, shows that it was not done: the action is open again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal

from drills.measures import Measure
from drills.score import Score
from incident.store.drill_actions import ActionRow

_EPSILON: Final = 1e-9
State = Literal["open", "done", "proved", "withdrawn"]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What one kept drill says of measures: which were observed, and whether they were reached."""

    drill: str
    playbook: str
    started_at: datetime
    measured: Mapping[str, bool]


@dataclass(frozen=True, slots=True)
class Tracked:
    """An action as it stands. `by` is the drill that proves it, or the last that showed it undone."""

    row: ActionRow
    state: State
    by: Sheet | None
    overdue: bool


@dataclass(frozen=True, slots=True)
class Closure:
    """How much of what drills found was acted on, and proved. `found_in` of `drills` left at least one action; what was
    withdrawn is counted apart."""

    drills: int
    found_in: int
    actions: int
    acted: int
    proved: int
    overdue: int
    withdrawn: int = 0


def measured(score: Score) -> dict[str, bool]:
    """Each measure that was observed, and whether it was reached: in its own target, with nobody's help. A task with a
    target of its own must have kept it too. A void score measures nothing."""
    found: dict[str, bool] = {}
    if score.void:
        return found
    for mark in score.marks:
        if mark.ratio is None or mark.weight <= 0:
            continue
        found[str(Measure(mark.item))] = _whole(mark.ratio) and not mark.helped
        for part in mark.parts:
            if mark.item.value in ("posts", "steps", "escalation"):
                found[str(Measure(mark.item, part.name))] = _whole(part.ratio) and not part.helped
    for tasked in (tasked for rated in score.objectives for tasked in rated.tasks):
        if tasked.ratio is not None:
            name = str(tasked.task.measure)
            found[name] = found.get(name, True) and not tasked.missed and _whole(tasked.ratio)
    return found


def track(row: ActionRow, sheets: Iterable[Sheet], today: date) -> Tracked:
    """Where it stands. The sheets may come in any order and be of any drill."""
    if row.withdrawn is not None:
        return Tracked(row, "withdrawn", None, overdue=False)
    done_at, name = row.done_at, row.planned.measure
    late = _is_past(row.planned.due, today)
    if done_at is None:
        return Tracked(row, "open", None, late)
    after = sorted(
        (s for s in sheets if s.playbook == row.playbook and s.started_at > done_at and s.drill != row.drill),
        key=lambda sheet: (sheet.started_at, sheet.drill),
    )
    seen = [sheet for sheet in after if name is not None and name in sheet.measured]
    proof = next((sheet for sheet in seen if sheet.measured[name or ""]), None)
    if proof is not None:
        return Tracked(row, "proved", proof, overdue=False)
    if seen:
        return Tracked(row, "open", seen[-1], late)
    return Tracked(row, "done", None, overdue=False)


def in_order(found: Iterable[Tracked]) -> list[Tracked]:
    """Those that are left to be done or proved, the next due first; what has no day comes last."""
    left = (one for one in found if one.state in ("open", "done"))
    return sorted(left, key=lambda one: (day_of(one.row.planned.due) or date.max, one.row.id))


def closure(found: Sequence[Tracked], drills: int) -> Closure:
    """The figures. Acted on is what is done or proved now: what a drill showed undone is not."""
    kept = [one for one in found if one.state != "withdrawn"]
    return Closure(
        drills=drills,
        found_in=len({one.row.drill for one in found}),
        actions=len(kept),
        acted=sum(one.state != "open" for one in kept),
        proved=sum(one.state == "proved" for one in kept),
        overdue=sum(one.overdue for one in kept),
        withdrawn=len(found) - len(kept),
    )


def day_of(text: str) -> date | None:
    """The day, None where words stand in its place."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _is_past(due: str, today: date) -> bool:
    day = day_of(due)
    return day is not None and day < today


def _whole(ratio: float) -> bool:
    return ratio >= 1 - _EPSILON
