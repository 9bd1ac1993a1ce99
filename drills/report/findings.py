"""What went well and what did not, from the score: an area for each item that lost points, with its reference."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from drills.measures import Item
from drills.score import Line, Mark, Rating, Score
from drills.score.observations import Seen
from drills.score.sheet import minutes
from drills.story import Telling
from incident.errors import why

_EPSILON: Final = 1e-9
_ELEMENT: Final = {
    Item.ACKNOWLEDGE: "organisation",
    Item.COMMAND: "organisation",
    Item.POSTS: "organisation",
    Item.STEPS: "training",
    Item.ORDER: "training",
    Item.GRADING: "training",
    Item.REMEDY: "training",
    Item.ESCALATION: "planning",
    Item.CONTAINMENT: "exercise",
    Item.WORD: "exercise",
    Item.RESTORE: "equipment",
    Item.CLOSEOUT: "planning",
    Item.SATISFACTION: "planning",
}
"""Where one looks first for the remedy; the review may say otherwise."""


@dataclass(frozen=True, slots=True)
class Area:
    """One area for improvement. `cause` is what an evaluator named; None is left to be written in."""

    name: str
    observations: tuple[str, ...]
    reference: str
    cause: str | None
    element: str
    lines: tuple[Line, ...]


def strengths(reader: Telling, score: Score) -> list[tuple[str, tuple[Line, ...]]]:
    """What an evaluator praised, objectives that were achieved without challenges, and items with all their points."""
    locale, say = reader.words.locale, reader.words
    found: list[tuple[str, tuple[Line, ...]]] = [
        (f"{seen.text} ({by(reader, seen)})", ()) for seen in reader.played.observations.seen if seen.kind == "strength"
    ]
    found += [
        (rated.objective.text.for_locale(locale), tuple(line for task in rated.tasks for line in task.lines))
        for rated in score.objectives
        if rated.stands is Rating.PERFORMED
    ]
    found += [
        (say.t(f"drill.item.{mark.item}"), mark.evidence)
        for mark in score.marks
        if mark.ratio is not None and mark.ratio >= 1 - _EPSILON and mark.weight > 0 and not _unsaid(mark)
    ]
    return found


def _unsaid(mark: Mark) -> bool:
    """Nobody had to give word yet, and nobody did: all the points, and no strength."""
    return mark.item is Item.WORD and any(dict(line.said.params).get("updates") == "0" for line in mark.evidence)


def by(reader: Telling, seen: Seen) -> str:
    """Who saw it; of a guest it says so."""
    return reader.words.t("guest.by", name=seen.by) if seen.guest else seen.by


def areas(reader: Telling, score: Score) -> list[Area]:
    """The most points lost first; then what only an evaluator saw."""
    lost = [mark for mark in score.marks if mark.ratio is not None and mark.ratio < 1 - _EPSILON and mark.weight > 0]
    lost.sort(key=lambda mark: -(mark.weight - (mark.points or 0.0)))
    return [*(_area(reader, mark) for mark in lost), *_noted(reader)]


def _area(reader: Telling, mark: Mark) -> Area:
    poor = [line for part in mark.parts if part.ratio < 1 for line in part.lines]
    lines = tuple(dict.fromkeys(poor or mark.lines))
    return Area(
        name=reader.words.t(f"drill.item.{mark.item}"),
        observations=tuple(reader.line(line) for line in lines[:5]),
        reference=_reference(reader, mark),
        cause=None,
        element=_ELEMENT[mark.item],
        lines=lines,
    )


def _reference(reader: Telling, mark: Mark) -> str:
    """Where it is written what should have been."""
    say, played = reader.words, reader.played
    playbook = f"{played.playbook.name.for_locale(say.locale)} {played.playbook.version}"
    if mark.item in (Item.POSTS, Item.STEPS, Item.ORDER, Item.CLOSEOUT):
        return playbook
    if mark.item is Item.WORD:
        return say.t("drill.report.cadence", playbook=playbook, minutes=minutes(mark.target_min or 0))
    if mark.item in (Item.ACKNOWLEDGE, Item.GRADING):
        return say.t("drill.report.policy", policy=played.script.policy)
    return say.t("drill.report.script", script=f"{played.script.id} {played.script.version}")


def _noted(reader: Telling) -> Iterator[Area]:
    by_position = {entry.position: entry for entry in reader.played.entries}
    for seen in reader.played.observations.seen:
        if seen.kind == "strength":
            continue
        entry = by_position.get(seen.position or 0)
        shown = (Line(entry.position, entry.at, why("drill.line.noted")),) if entry else ()
        name = reader.words.t(f"drill.seen.{seen.kind}")
        yield Area(name, (f"{seen.text} ({by(reader, seen)})",), seen.objective or "", seen.cause, "training", shown)
