"""`drill actions` and `drill action`: what drills left to be done, and changing or withdrawing one of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from pydantic import ValidationError
from rich import box
from rich.table import Table

from drills import improving
from drills.actions import Closure, Tracked
from drills.commands.scripts import Json, show
from drills.improving import Edit
from drills.installation import house, of_house, script_of
from drills.planned import state_says
from drills.proving import left_to_prove
from incident.cli.run import Data
from incident.cli.say import out, words
from incident.errors import BadInput, Fault, NoOrganisation, why
from incident.intake.reading import refusal
from incident.organisation import Organisation
from incident.store.drill_actions import Change
from incident.store.engine import changing, reading

if TYPE_CHECKING:
    from incident.wiring import House

_BY: Final = "command"
_NONE: Final = "none"

action_app = typer.Typer(help="One action of an improvement plan.", no_args_is_help=True)

Drill = Annotated[str | None, typer.Argument(help="The id of a kept drill, or its beginning; all if left out.")]
Number = Annotated[int, typer.Argument(help="The number of the action: drill actions.")]


def add_to(app: typer.Typer) -> None:
    app.command("actions")(list_)
    app.add_typer(action_app, name="action")


def list_(
    drill: Drill = None,
    script: Annotated[str | None, typer.Option(help="Only what the next drill of this script could prove.")] = None,
    as_json: Json = False,
    data: Data = None,
) -> int:
    """What drills left to be done, the next due first. Exit 1 when something is overdue."""
    wanted = script_of(script, data) if script is not None else None
    with house(data) as held, reading(held.engine) as connection:
        name = improving.opened(connection, drill)[1].id if drill else None
        stands = improving.standing(connection, held.clock.now().date(), name)
        settled = [one for one in stands.every if one.state in ("proved", "withdrawn")]
        found, closure = [*stands.left, *settled], stands.closure
        if wanted is not None:
            found = left_to_prove(connection, wanted, of_house(held), "live", held.clock.now().date())
    if as_json:
        out(json.dumps([improving.plain(one) for one in found], ensure_ascii=False))
    else:
        _told(found)
        out(_figures(closure))
    return 1 if closure.overdue else 0


@action_app.command()
def change(
    number: Number,
    *,
    action: Annotated[str | None, typer.Option(help="What is to be done.")] = None,
    area: Annotated[str | None, typer.Option(help="The area it improves.")] = None,
    owner: Annotated[str | None, typer.Option(help="The id of a person, or a name that one person has.")] = None,
    start: Annotated[str | None, typer.Option(help="A day, or none.")] = None,
    due: Annotated[str | None, typer.Option(help="A day.")] = None,
    element: Annotated[str | None, typer.Option(help="planning, organisation, equipment, training, exercise")] = None,
    measure: Annotated[str | None, typer.Option(help="What a later drill has to reach.")] = None,
    reason: Annotated[str, typer.Option(help="Why; it is kept.")] = "",
    data: Data = None,
) -> None:
    """Change an action: another owner, another day, other words. The plan as it was agreed stays on record."""
    named = {"action": action, "area": area, "owner": owner, "start": start, "due": due, "element": element}
    fields = {name: value for name, value in {**named, "measure": measure}.items() if value is not None}
    if not fields:
        raise BadInput(Fault("drill action change", why("improve.no_fields")))
    wanted = _edit({**fields, **({"start": None} if start == _NONE else {})})
    with house(data) as held, changing(held.engine) as connection:
        stands = improving.held(connection, number, held.clock.now().date(), lock=True)
        noted = Change("", _BY, held.clock.now(), {}, reason)
        improving.change(connection, stands, wanted, _organisation(held), noted)
    _shown(number, data)


@action_app.command()
def withdraw(
    number: Number,
    reason: Annotated[str, typer.Option(help="Why it is not to be done any more; it is kept.")],
    data: Data = None,
) -> None:
    """Withdraw an action that is not proved. It stays on record with the reason."""
    if not reason.strip():
        raise BadInput(Fault("--reason", why("intake.empty")))
    with house(data) as held, changing(held.engine) as connection:
        stands = improving.held(connection, number, held.clock.now().date(), lock=True)
        improving.withdraw(connection, stands, Change("", _BY, held.clock.now(), {}, reason.strip()))
    _shown(number, data)


def _edit(fields: Mapping[str, str | None]) -> Edit:
    try:
        return Edit.model_validate(fields)
    except ValidationError as error:
        raise refusal(error) from None


def _organisation(house: House) -> Organisation | None:
    try:
        return house.directory.organisation()
    except NoOrganisation:
        return None


def _told(found: list[Tracked]) -> None:
    say = words()
    shown = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    shown.add_column("#", justify="right")
    for column in ("action", "owner", "due"):
        shown.add_column(say.t(f"drill.column.{column}"), overflow="fold")
    for column in ("measure", "state"):
        shown.add_column(say.t(f"actions.col.{column}"), overflow="fold")
    for one in found:
        planned = one.row.planned
        due = say.t("actions.overdue", day=planned.due) if one.overdue else planned.due
        cells = (planned.action, planned.owner, due, planned.measure or "-", state_says(one, say, _day))
        shown.add_row(str(one.row.id), *(cell.replace("[", r"\[") for cell in cells))
    show(shown)


def _day(at: datetime) -> str:
    return f"{at:%Y-%m-%d}"


def _figures(closure: Closure) -> str:
    counts = {"drills": closure.drills, "acted": closure.acted, "proved": closure.proved}
    return words().t("actions.closure", found=closure.found_in, n=closure.actions, **counts)


def _shown(number: int, data: Path | None) -> None:
    """It as it stands after the change, and what became of it."""
    say = words()
    with house(data) as held, reading(held.engine) as connection:
        one = improving.held(connection, number, held.clock.now().date())
    _told([one])
    for change_, fields in improving.history(one.row):
        told = "; ".join(f"{name}: {before or '-'} -> {after or '-'}" for name, before, after in fields)
        said = say.t(f"improve.did.{change_.kind}", who=change_.by)
        out(" · ".join(part for part in (f"{change_.at:%Y-%m-%d %H:%M}Z", said, told, change_.reason) if part))
