"""Links for a drill's guests, as requests: making one, listing them, taking one back. API and page come here.

Whoever may run the drill makes them; who takes part in it is turned away, as from its console.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import Field, StringConstraints
from starlette.requests import Request

from drills import guests
from drills.guests import DAYS, NAME, Drill, Guest
from incident.clock import iso
from incident.marks import LIVE, TABLE
from incident.store.drill_guests import GuestRow
from incident.words import locale_of
from web.auth import who
from web.bodies import Body
from web.drilling import room_of
from web.house import House, house_of
from web.observing import run_by
from web.say import LANG

PATH: Final = "/guest/"
LONGEST_REMARK: Final = 500
GuestName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=NAME)]


class Invited(Body):
    """Who is to watch (`Fire brigade, Mr Li`), in which language; `days` is how long the link opens after the drill's
    end, 0 for not at all."""

    name: GuestName
    language: Literal["en", "zh-Hans", "zh-Hant"] = "en"
    days: Annotated[int, Field(ge=0, le=DAYS)] = 0


class Remark(Body):
    """What a guest saw: a strength (`done`) or something to improve (`not`), as an evaluator says it."""

    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_REMARK)]
    done: Literal["done", "not"]


def add(request: Request, wanted: Invited) -> tuple[dict[str, Any], str]:
    """The guest and the address, which is shown this once. Blocks. Raises Unknown, Forbidden or Refused."""
    house, found = house_of(request), run_by(request)
    row, secret = guests.add(
        room_of(house),
        found,
        name=wanted.name,
        locale=locale_of(wanted.language),
        days=wanted.days,
        by=who(request).by,
    )
    return _shown(house, found, row), address(house, secret)


def listed(request: Request) -> list[dict[str, Any]]:
    """As they were made. Blocks. Raises Unknown or Forbidden."""
    house, found = house_of(request), run_by(request)
    return [_shown(house, found, row) for row in guests.of(room_of(house), found)]


def remove(request: Request) -> None:
    """At once: the page behind it is nobody's any more. Blocks. Raises Unknown or Forbidden."""
    guests.revoke(room_of(house_of(request)), run_by(request), request.path_params["guest"], who(request).by)


def remark(request: Request, guest: Guest, seen: Remark) -> None:
    """Blocks. Raises Refused after the drill's end, or for one too many."""
    guests.remark(room_of(house_of(request)), guest, seen.text, well=seen.done == "done")


def address(house: House, secret: str) -> str:
    return f"{house.settings.public_url}{PATH}{secret}"


def name_of(found: Drill) -> str:
    """The drill's own name, as in the address of its console."""
    return found.row.mark.removeprefix(LIVE).removeprefix(TABLE)


def _shown(house: House, found: Drill, row: GuestRow) -> dict[str, Any]:
    names = {f"person:{person.id}": person.name for person in house.directory.organisation().people}
    return {
        "id": row.id,
        "name": row.name,
        "language": LANG[row.locale],
        "days": row.days,
        "made_by": names.get(row.by, row.by.partition(":")[2] or row.by),
        "made_at": iso(row.made_at),
        "used_at": iso(row.used_at) if row.used_at else None,
        "revoked_at": iso(row.revoked_at) if row.revoked_at else None,
        "until": iso(guests.until(row, found)),
        "opens": row.revoked_at is None and guests.holds(row, found, house.clock.now()),
    }
