"""`drill plan`: planning a drill ahead, and what is planned. Started it is on the site, where people are."""

from __future__ import annotations

import json
from typing import Annotated, Final

import typer
from pydantic import ValidationError
from rich import box
from rich.table import Table

from drills import ahead, briefing
from drills.ahead import Asking, Plan
from drills.ahead_said import local
from drills.commands.scripts import Json, show
from drills.installation import house
from drills.score.profile import DEFAULT
from incident.cli.run import Data
from incident.cli.say import out, words
from incident.errors import BadInput, Fault, why
from incident.ids import new_id
from incident.intake.reading import refusal
from incident.store import drill_plans
from incident.store.drill_plans import PlanRow
from incident.store.engine import changing, reading

_BY: Final = "command"

plan_app = typer.Typer(
    help="Drills that are planned ahead. One is changed and started on its page, at /drills.", no_args_is_help=True
)

People = Annotated[str, typer.Option(help="Names or ids, with commas.")]


def add_to(app: typer.Typer) -> None:
    app.add_typer(plan_app, name="plan")


@plan_app.command("list")
def list_(as_json: Json = False, data: Data = None) -> None:
    """What is planned, the next one first."""
    with house(data) as held, reading(held.engine) as connection:
        rows = drill_plans.coming(connection)
    _told(rows, as_json=as_json)


@plan_app.command()
def add(
    script: Annotated[str, typer.Argument(help="A script: drill list.")],
    *,
    at: Annotated[str, typer.Option(help="On the clock of the zone: 2026-12-01T09:00.")],
    place: Annotated[str, typer.Option(help="Where.")],
    players: People,
    controllers: People,
    evaluators: Annotated[str | None, typer.Option(help="Names or ids, with commas.")] = None,
    live: Annotated[bool, typer.Option("--live", help="It will page people; else it is a tabletop.")] = False,
    zone: Annotated[str | None, typer.Option(help="Asia/Shanghai, ...; the unit's own if left out.")] = None,
    unit: Annotated[str | None, typer.Option(help="The unit that plays it.")] = None,
    profile: Annotated[str, typer.Option(help="What it is scored by.")] = DEFAULT,
    as_json: Json = False,
    data: Data = None,
) -> None:
    """Plan a drill ahead. Nobody is paged, and it never starts by itself."""
    fields = {"script": script, "form": "live" if live else "tabletop", "start": at, "place": place, "unit": unit}
    people = {"players": players, "controllers": controllers, "evaluators": evaluators}
    try:
        wanted = Plan.model_validate({**fields, **people, "timezone": zone, "profile": profile})
    except ValidationError as error:
        raise refusal(error) from None
    with house(data) as held, changing(held.engine) as connection:
        asking = Asking(_BY, words(), held.clock.now(), held.directory.organisation())
        row = ahead.add(connection, new_id()[:8], wanted, asking)
    _told([row], as_json=as_json)


@plan_app.command()
def cancel(
    plan: Annotated[str, typer.Argument(help="Its id: drill plan list.")],
    reason: Annotated[str, typer.Option(help="Why it does not take place.")],
    data: Data = None,
) -> None:
    """Cancel a drill that has not started. Whoever had its briefing is told."""
    if not reason.strip():
        raise BadInput(Fault("--reason", why("intake.empty")))
    with house(data) as held, changing(held.engine) as connection:
        asking = Asking(_BY, words(), held.clock.now(), held.directory.organisation())
        row = ahead.cancel(connection, plan, reason.strip(), asking)
    _told([row], as_json=False)


@plan_app.command()
def send(plan: Annotated[str, typer.Argument(help="Its id: drill plan list.")], data: Data = None) -> None:
    """Send the briefing to whoever takes part and has not been told yet, and say who has acknowledged it."""
    say = words()
    with house(data) as held, changing(held.engine) as connection:
        asking = Asking(_BY, say, held.clock.now(), held.directory.organisation())
        row = ahead.send(connection, plan, asking)
        found = briefing.standing(connection, row)
    for one in found:
        state = "acknowledged" if one.holds else "told" if one.told_at else "unreached"
        out(f"{one.person}: {say.t(f'briefing.state.{state}')}")


def _told(rows: list[PlanRow], *, as_json: bool) -> None:
    say = words()
    if as_json:
        out(json.dumps([ahead.brief(row) for row in rows], ensure_ascii=False))
        return
    shown = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    heads = ("drill.column.script", "ahead.form", "ahead.start", "ahead.place", "ahead.players", "ahead.column.state")
    for column in ("id", *map(say.t, heads)):
        shown.add_column(column, overflow="fold")
    for row in rows:
        form, state = say.t(f"drill.form.{row.form}"), say.t(f"ahead.state.{row.state}")
        cells = (row.id, row.script, form, local(row), row.place, ", ".join(row.players), state)
        shown.add_row(*(cell.replace("[", r"\[") for cell in cells))
    show(shown)
