"""The score sheet in the terminal and as JSON."""

from __future__ import annotations

from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from drills.measures import DIMENSION
from drills.score import Line, Mark, Rating, Score
from drills.story import Telling

_COLOURS = {Rating.PERFORMED: "green", Rating.SOME: "yellow", Rating.MAJOR: "red", Rating.UNABLE: "bold red"}
_SHOWN = 3
"""Lines of evidence beside an item: what cost points comes first."""


def tell_score(console: Console, reader: Telling, score: Score) -> None:
    """Every item with its points and the positions that show it; objectives; gates; the whole."""
    say = reader.words
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(say.t("drill.column.item"))
    table.add_column(say.t("drill.column.points"), justify="right")
    table.add_column(say.t("drill.column.shown"), overflow="fold")
    before = None
    for mark in score.marks:
        dimension = DIMENSION[mark.item]
        if dimension is not before:
            total = next(each for each in score.sums if each.dimension is dimension)
            points = "-" if total.points is None else f"{total.points:.2f} / {total.of:g}"
            name = say.t(f"drill.dimension.{dimension}") + (" · U" if total.unable else "")
            table.add_row(f"[bold]{name}[/bold]", f"[bold]{points}[/bold]", "")
            before = dimension
        points = "-" if mark.points is None else f"{mark.points:.2f} / {mark.weight:g}"
        shown = "\n".join(f"[dim]#{line.position}[/dim] {_plain(reader.line(line))}" for line in telling_lines(mark))
        table.add_row(f"  {say.t(f'drill.item.{mark.item}')}", points, shown)
    console.print(table)
    for rated in score.objectives:
        style = _COLOURS.get(rated.stands or Rating.UNABLE, "") if rated.stands else ""
        head = rated.stands.value if rated.stands else "-"
        console.print(f"[{style}]{head}[/{style}]  " if style else f"{head}  ", end="")
        reasons = say.t("list.semicolon").join(reader.reason(reason) for reason in rated.reasons)
        objective = _plain(rated.objective.text.for_locale(say.locale))
        console.print(f"{objective}{say.t('list.colon')}{_plain(reasons)}")
    for gate in score.gates:
        console.print(f"[red]#{gate.position}[/red] {_plain(reader.reason(gate.reason))}")
    console.print()
    console.print(whole(reader, score), style="bold")


def whole(reader: Telling, score: Score) -> str:
    """The last line: points and rating, or why there are none."""
    say = reader.words
    if score.void:  # the gates above say why
        return say.t("drill.whole.void")
    rating = say.t(f"drill.rating.{score.stands}") if score.stands else "-"
    if score.total is None:
        return say.t("drill.whole.insufficient", percent=f"{100 * score.dropped:.0f}", rating=rating)
    dropped = say.t("drill.whole.dropped", percent=f"{100 * score.dropped:.0f}") if score.dropped else ""
    return say.t("drill.whole.points", total=f"{score.total:.2f}", rating=rating) + dropped


def telling_lines(mark: Mark) -> list[Line]:
    """The few lines that tell most: parts that lost points, then the rest."""
    poor = [line for part in sorted(mark.parts, key=lambda p: p.ratio) if part.ratio < 1 for line in part.lines]
    lines = [*mark.lines, *poor, *mark.evidence]
    return list(dict.fromkeys(lines))[:_SHOWN]


def as_json(score: Score, reader: Telling) -> dict[str, Any]:
    """For programs: everything, with each line's position, key and sentence."""
    return {
        "script": reader.played.script.id,
        "seed": reader.played.seed,
        "profile": score.profile,
        "profile_digest": score.profile_digest,
        "total": score.total,
        "rating": score.rating,
        "given": score.given,
        "void": score.void,
        "dropped": score.dropped,
        "dimensions": [
            {"name": s.dimension, "points": s.points, "of": s.of, "weight": s.weight, "unable": s.unable}
            for s in score.sums
        ],
        "items": [_item(mark, reader) for mark in score.marks],
        "objectives": [
            {"id": o.objective.id, "rating": o.rating, "given": o.given, "points": o.points, "must": o.objective.must}
            for o in score.objectives
        ],
        "gates": [{"position": gate.position, "said": reader.reason(gate.reason)} for gate in score.gates],
    }


def _item(mark: Mark, reader: Telling) -> dict[str, Any]:
    return {
        "name": mark.item,
        "dimension": DIMENSION[mark.item],
        "weight": mark.weight,
        "ratio": mark.ratio,
        "points": mark.points,
        "took_min": mark.took_min,
        "target_min": mark.target_min,
        "lines": [{"position": line.position, "said": reader.line(line)} for line in mark.evidence],
    }


def _plain(text: str) -> str:
    """Brackets are rich's own marks; in what people wrote they are only brackets."""
    return text.replace("[", r"\[")
