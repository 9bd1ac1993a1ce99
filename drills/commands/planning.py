"""`drill calendar`: which centre drills when, what is overdue, and what has been drilled least."""

from __future__ import annotations

import json
from zoneinfo import ZoneInfo

import typer
from rich import box
from rich.table import Table

from drills.calendar import Due, calendar
from drills.commands.scripts import Json, show
from drills.installation import house
from incident.cli.run import Data
from incident.cli.say import out, words
from incident.store import drills as table
from incident.store.engine import reading


def add_to(app: typer.Typer) -> None:
    app.command("calendar")(show_calendar)


def show_calendar(as_json: Json = False, data: Data = None) -> int:
    """When each centre drills next: one a quarter. Exit 1 when one is overdue."""
    with house(data) as held, reading(held.engine) as connection:
        today = held.clock.now().date()
        found = calendar(held.directory.organisation(), held.library.playbooks(), table.listed(connection), today)
    if as_json:
        out(json.dumps([_plain(due) for due in found], ensure_ascii=False))
    else:
        _told(found)
    return 1 if any(due.overdue for due in found) else 0


def _told(found: list[Due]) -> None:
    say = words()
    shown = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in ("centre", "last", "due", "next"):
        shown.add_column(say.t(f"drill.column.{column}"), overflow="fold")
    for due in found:
        zone = ZoneInfo(due.centre.timezone)
        day = f"{due.last.started_at.astimezone(zone):%Y-%m-%d}" if due.last else ""
        last = f"{day} {due.last.script} {due.last.rating or ''}" if due.last else "-"
        mark = f" {say.t('drill.calendar.overdue')}" if due.overdue else ""
        shown.add_row(due.centre.name.for_locale(say.locale), last, f"{due.due}{mark}", due.playbook or "-")
    show(shown)


def _plain(due: Due) -> dict[str, object]:
    return {
        "centre": due.centre.id,
        "last": due.last.started_at.isoformat() if due.last else None,
        "due": due.due.isoformat(),
        "overdue": due.overdue,
        "playbook": due.playbook,
    }
