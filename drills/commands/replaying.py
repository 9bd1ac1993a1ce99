"""`drill replay INCIDENT`: a real incident as it was, and its report with today's rosters, plans and policies."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.console import Console
from rich.table import Table
from sqlalchemy import Engine

from drills.commands.playing import Judge
from drills.commands.scripts import Json, show
from drills.installation import house, of_house
from drills.replay import Replayed, replayed
from drills.score import profile
from drills.score.profile import DEFAULT
from drills.score.sheet import minutes
from drills.script.writing import as_yaml
from incident.cli.run import Data
from incident.cli.say import out, words
from incident.errors import Unknown
from incident.events import Entry, Graded
from incident.store import board, log
from incident.store.engine import reading


def add_to(app: typer.Typer) -> None:
    app.command()(replay)


def replay(
    incident: Annotated[str, typer.Argument(help="Its id or code, such as C7.")],
    *,
    script: Annotated[Path | None, typer.Option(help="Write a script made of it, to be finished by hand.")] = None,
    judge: Judge = DEFAULT,
    as_json: Json = False,
    data: Data = None,
) -> int:
    """Score a real incident as it was, and play its report many times with what holds today, side by side."""
    held = profile(judge)
    with house(data) as place:
        entries = _entries(place.engine, incident)
        pinned = next((e.event.playbook_digest for e in entries if isinstance(e.event, Graded)), None)
        if pinned is None:
            raise Unknown("incident", incident[:40])
        playbook = place.library.pinned_playbook(pinned)
        found = replayed(entries, playbook, of_house(place), held, words().locale)
    if script is not None:
        script.write_text(as_yaml(found.script), encoding="utf-8")
    if as_json:
        out(json.dumps(_plain(found), ensure_ascii=False))
    else:
        _told(found)
    return 0


def _entries(engine: Engine, name: str) -> list[Entry]:
    with reading(engine) as connection:
        listed = board.get(connection, name)
        if listed is None:
            raise Unknown("incident", name[:40])
        return log.entries(log.of(connection, listed.incident))


def _told(found: Replayed) -> None:
    say = words()
    console = Console(width=None if Console().is_terminal else 160, highlight=False)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(say.t("drill.column.item"))
    for column in ("then", "today"):
        table.add_column(say.t(f"drill.column.{column}"), justify="right")
    for row in found.beside:
        table.add_row(say.t(f"drill.item.{row.item}"), _share(row.then), _share(row.today))
    show(table)
    answered = [minutes(m) if m is not None else "-" for m in (found.answered_then, found.answered_today)]
    console.print(say.t("drill.replay.answered", then=answered[0], today=answered[1]))
    totals = [f"{t:.1f}" if t is not None else "-" for t in (found.then.total, found.total_today)]
    rating = found.then.stands or "-"
    console.print(say.t("drill.replay.total", then=totals[0], rating=rating, today=totals[1]), style="bold")
    console.print(say.t("drill.replay.how"), style="dim")


def _share(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.0f} %"


def _plain(found: Replayed) -> dict[str, object]:
    return {
        "then": {"total": found.then.total, "rating": found.then.stands, "answered_min": found.answered_then},
        "today": {"total": found.total_today, "answered_min": found.answered_today},
        "items": [{"name": row.item, "then": row.then, "today": row.today} for row in found.beside],
    }
