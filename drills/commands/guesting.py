"""`drill guest`: links by which partners watch one drill, from the terminal as on its page."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer
from rich import box
from rich.table import Table

from drills import guests
from drills.commands.scripts import Json, show
from drills.guests import DAYS, NAME, Drill
from drills.installation import house, of_house, site_of
from drills.room import Room, standing
from drills.sitting import sitting
from incident.cli.run import Data
from incident.cli.say import out, words
from incident.clock import iso
from incident.errors import BadInput, Fault, Unknown, why
from incident.intake.wording import without_controls
from incident.store.drill_guests import GuestRow
from incident.words import locale_of

if TYPE_CHECKING:
    from incident.wiring import House

_BY: Final = "command"

guest_app = typer.Typer(help="Guests who watch a drill by a link.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The drill, live or tabletop, as its console is called.")]


def add_to(app: typer.Typer) -> None:
    app.add_typer(guest_app, name="guest")


@guest_app.command()
def add(
    drill: Name,
    *,
    name: Annotated[str, typer.Option(help="Who it is for: “Fire brigade, Mr Li”.")],
    lang: Annotated[Literal["en", "zh-Hans", "zh-Hant"], typer.Option(help="The language of the page.")] = "en",
    days: Annotated[int, typer.Option(min=0, max=DAYS, help="How long it opens after the drill's end.")] = 0,
    data: Data = None,
) -> None:
    """Make a link for a guest. It is shown this once."""
    said = without_controls(name).strip()
    if not said or len(said) > NAME:
        raise BadInput(Fault("--name", why("intake.too_long" if said else "intake.empty", limit=NAME)))
    with house(data) as held:
        room = _room(held)
        found = _drill(room, drill)
        row, secret = guests.add(room, found, name=said, locale=locale_of(lang), days=days, by=_BY)
        out(f"{row.id}  {site_of(held)}/guest/{secret}")


@guest_app.command("list")
def list_(drill: Name, as_json: Json = False, data: Data = None) -> None:
    """Who was given a link to this drill; without the links themselves."""
    with house(data) as held:
        room = _room(held)
        found = _drill(room, drill)
        rows, now = guests.of(room, found), held.clock.now()
    say = words()
    if as_json:
        out(json.dumps([_as_json(row) | {"opens": _opens(row, found, now)} for row in rows], ensure_ascii=False))
        return
    shown = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in ("id", *(say.t(f"guest.{name}") for name in ("name", "until", "by_whom", "used", "state"))):
        shown.add_column(column, overflow="fold")
    for row in rows:
        ends = say.n("guest.days", row.days) if row.days else say.t("guest.end")
        used = iso(row.used_at) if row.used_at else say.t("guest.never")
        shown.add_row(
            *(cell.replace("[", r"\[") for cell in (row.id, row.name, ends, row.by, used)), _state(row, found, now)
        )
    show(shown)


@guest_app.command()
def remove(
    drill: Name,
    guest: Annotated[str, typer.Argument(help="The link's id: drill guest list.")],
    data: Data = None,
) -> None:
    """Take a link back, at once."""
    with house(data) as held:
        room = _room(held)
        guests.revoke(room, _drill(room, drill), guest, _BY)


def _room(held: House) -> Room:
    return Room(held.desk, held.engine, held.clock, lambda: of_house(held))


def _drill(room: Room, name: str) -> Drill:
    """Raises Unknown for a drill that was never started."""
    try:
        return standing(room, name)
    except Unknown:
        return sitting(room, name)


def _opens(row: GuestRow, found: Drill, now: datetime) -> bool:
    return row.revoked_at is None and guests.holds(row, found, now)


def _state(row: GuestRow, found: Drill, now: datetime) -> str:
    say = words()
    if row.revoked_at:
        return say.t("guest.revoked", at=iso(row.revoked_at))
    return say.t("guest.opens" if _opens(row, found, now) else "guest.ran_out")


def _as_json(row: GuestRow) -> dict[str, object]:
    return {
        "id": row.id,
        "name": row.name,
        "language": row.locale.replace("_", "-"),
        "days": row.days,
        "made_by": row.by,
        "made_at": iso(row.made_at),
        "used_at": iso(row.used_at) if row.used_at else None,
        "revoked_at": iso(row.revoked_at) if row.revoked_at else None,
    }
