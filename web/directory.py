"""Changes to the organisation: each is one transaction, checked as a whole, saved as a new version or not at all.

The API and the forms of the pages both come through here. Roles are checked by the callers' routes.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from anyio import to_thread
from pydantic import ValidationError
from sqlalchemy import Connection

from incident.errors import Refused, Unknown, why
from incident.notify import way_changes
from incident.organisation import Organisation, Person
from incident.store import directory
from incident.store.engine import changing
from web.auth import Visitor
from web.house import House
from web.wire import faulty

Edit = Callable[[dict[str, Any]], None]
Also = Callable[[Connection, datetime], None]


async def add_person(house: House, visitor: Visitor, person: Person) -> None:
    """Raises Refused when the id is taken."""

    def edit(document: dict[str, Any]) -> None:
        if any(one["id"] == person.id for one in document["people"]):
            raise Refused(why("api.person_exists", person=person.id))
        document["people"].append(person.model_dump(mode="json"))

    await change(house, visitor, edit)


async def replace_person(house: House, visitor: Visitor, person: Person) -> None:
    """What the list of people does not show and the body does not name stays: time off, waivers of skills."""

    def edit(document: dict[str, Any]) -> None:
        place = place_of(document["people"], person.id, "person")
        document["people"][place] = _kept(person, document["people"][place])

    await change(house, visitor, edit)


def _kept(person: Person, standing: dict[str, Any]) -> dict[str, Any]:
    fields = person.model_dump(mode="json")
    if "time_off" not in person.model_fields_set:
        fields["time_off"] = standing["time_off"]
    waivers = {(one["name"], one["until"]): one["waiver"] for one in standing["skills"]}
    for skill, written in zip(person.skills, fields["skills"], strict=True):
        if "waiver" not in skill.model_fields_set:
            written["waiver"] = waivers.get((written["name"], written["until"]))
    return fields


async def remove_person(house: House, visitor: Visitor, name: str) -> None:
    """Raises BadInput while a roster still names them."""

    def edit(document: dict[str, Any]) -> None:
        del document["people"][place_of(document["people"], name, "person")]

    await change(house, visitor, edit)


async def replace(house: House, visitor: Visitor, document: object, expected: int | None) -> int:
    """The whole document at once; the answer is its version. Raises Refused if somebody has saved since `expected`."""
    new = checked(document)

    def save() -> int:
        with changing(house.engine) as connection:
            now = house.clock.now()
            version = way_changes.save_organisation(connection, new, expected=expected, at=now, by=visitor.by)
        house.directory.refresh()
        return version

    return await to_thread.run_sync(save)


async def change(house: House, visitor: Visitor, edit: Edit, also: Also | None = None) -> None:
    """Let `edit` change the document as JSON, and save it. Raises BadInput when the parts no longer agree.

    What `also` writes stands or falls with it.
    """

    def save() -> None:
        with changing(house.engine) as connection:
            standing, version = directory.load_organisation(connection)
            document = standing.model_dump(mode="json")
            edit(document)
            new = checked(document)
            now = house.clock.now()
            way_changes.save_organisation(connection, new, expected=version, at=now, by=visitor.by)
            if also is not None:
                also(connection, now)
        house.directory.refresh()

    await to_thread.run_sync(save)


def checked(document: object) -> Organisation:
    """The organisation of a document. Raises BadInput with every fault at its place."""
    try:
        return Organisation.model_validate(document)
    except ValidationError as error:
        raise faulty(error) from None


def place_of(items: list[dict[str, Any]], name: str, what: str) -> int:
    """Where the one of that id stands. Raises Unknown."""
    for place, item in enumerate(items):
        if item["id"] == name:
            return place
    raise Unknown(what, name[:60])
