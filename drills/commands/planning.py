"""`drill calendar`: which centre drills when, what is overdue, and what has been drilled least."""

from __future__ import annotations

import json
from zoneinfo import ZoneInfo

import typer
from rich import box
from rich.table import Table

from drills import keeping
from drills.ahead import brief
from drills.ahead_said import local
from drills.calendar import Due, calendar, centre_of
from drills.commands.scripts import Json, show
from drills.installation import house
from drills.keeping import Kept
from incident.cli.run import Data
from incident.cli.say import out, words
from incident.store import drill_plans
from incident.store.drill_plans import PlanRow
from incident.store.engine import reading
from incident.words import Words


def add_to(app: typer.Typer) -> None:
    app.command("calendar")(show_calendar)


def show_calendar(as_json: Json = False, data: Data = None) -> int:
    """When each centre drills next: one a quarter. Exit 1 when one is overdue."""
    with house(data) as held, reading(held.engine) as connection:
        today = held.clock.now().date()
        kept, organisation = keeping.listed(connection), held.directory.organisation()
        found = calendar(organisation, held.library.playbooks(), keeping.sound(kept), today)
        planned = [(row, centre_of(organisation, row.unit)) for row in drill_plans.coming(connection)]
    void = [one for one in kept if one.altered is not None]
    if as_json:
        here = [(one.row.id, centre_of(organisation, one.row.unit)) for one in void]
        plain = [
            _plain(due)
            | {"void": [name for name, centre in here if centre == due.centre.id]}
            | {"planned": [brief(row) for row, centre in planned if centre == due.centre.id]}
            for due in found
        ]
        out(json.dumps(plain, ensure_ascii=False))
    else:
        _told(found, planned)
        for one in void:
            out(void_line(one, words()))
    return 1 if any(due.overdue for due in found) else 0


def void_line(kept: Kept, say: Words) -> str:
    """A drill that does not count any more, and why."""
    reason = say.reason(kept.altered.why) if kept.altered else ""
    return say.t("sealing.void", drill=f"{kept.row.script} {kept.row.id[:8]}", reason=reason)


def _told(found: list[Due], planned: list[tuple[PlanRow, str | None]]) -> None:
    say = words()
    shown = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in ("centre", "last", "due", "next"):
        shown.add_column(say.t(f"drill.column.{column}"), overflow="fold")
    for due in found:
        zone = ZoneInfo(due.centre.timezone)
        day = f"{due.last.started_at.astimezone(zone):%Y-%m-%d}" if due.last else ""
        last = f"{day} {due.last.script} {due.last.rating or ''}" if due.last else "-"
        mark = f" {say.t('drill.calendar.overdue')}" if due.overdue else ""
        here = [row for row, centre in planned if centre == due.centre.id]
        days = [f"{due.due}{mark}"]
        days += [f"{say.t('ahead.planned_for', when=local(row))} {row.script} {row.id}" for row in here]
        shown.add_row(due.centre.name.for_locale(say.locale), last, "\n".join(days), due.playbook or "-")
    show(shown)


def _plain(due: Due) -> dict[str, object]:
    return {
        "centre": due.centre.id,
        "last": due.last.started_at.isoformat() if due.last else None,
        "due": due.due.isoformat(),
        "overdue": due.overdue,
        "playbook": due.playbook,
    }
