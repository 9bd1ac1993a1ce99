"""What somebody may do about their ways, and an admin about anybody's. The API and the page both come through here.

The ways themselves are part of the organisation's document; what is known of them (confirmed, broken, stopped) is not.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, TypeVar

from anyio import to_thread
from sqlalchemy import Connection
from starlette.requests import Request

from incident.errors import BadInput, Fault, Refused, Unknown, why
from incident.ids import new_token
from incident.notify import confirming, way_news
from incident.organisation import Role, Standing, Way, WayKind
from incident.organisation.reach import takes_no_texts
from incident.store import ways
from incident.store.engine import changing, reading
from web import directory
from web.auth import Visitor, check, who
from web.house import House, house_of

MOST: Final = 10
T = TypeVar("T")


def whose(request: Request) -> str:
    """Whose ways the request is about: one's own, or as an admin anybody's. Raises Forbidden, then Unknown."""
    name, visitor = str(request.path_params["person"]), who(request)
    if visitor.person != name:
        check(visitor, Role.ADMIN)
    if house_of(request).directory.organisation().person(name) is None:
        raise Unknown("person", name[:60])
    return name


def standing(house: House, person: str, way: str) -> Standing:
    """A way by its name, such as `sms-0f3a...`. Raises Unknown."""
    found = next((one for one in house.directory.organisation().ways(person) if one.way.name == way), None)
    if found is None:
        raise Unknown("way", way[:60])
    return found


async def replace(house: House, visitor: Visitor, person: str, new: list[Way]) -> None:
    """All ways of somebody, in their order. Raises BadInput for a number that takes no texts, and for one twice."""

    def edit(ways_now: list[Way]) -> list[Way]:
        kept = {(way.kind, way.shown) for way in ways_now}
        for place, way in enumerate(new):
            _check(house, person, way, f"/ways/{place}", known=(way.kind, way.shown) in kept)
            if (way.kind, way.address) in {(other.kind, other.address) for other in new[:place]}:
                raise BadInput(Fault(f"/ways/{place}/address", why("way.twice")))
        return new

    await _edit(house, visitor, person, edit)


async def add(house: House, visitor: Visitor, person: str, way: Way) -> None:
    """One more way, the last in order. Raises BadInput."""

    def edit(ways_now: list[Way]) -> list[Way]:
        _check(house, person, way, "")
        if (way.kind, way.address) in {(other.kind, other.address) for other in ways_now}:
            raise BadInput(Fault("/address", why("way.twice")))
        if len(ways_now) >= MOST:
            raise BadInput(Fault("/address", why("way.too_many", most=MOST)))
        return [*ways_now, way]

    await _edit(house, visitor, person, edit)


async def change(house: House, visitor: Visitor, person: str, way: str, edit: Callable[[list[Way], int], None]) -> None:
    """Let `edit` change the list at the place of that way. Raises Unknown."""

    def at_its_place(ways_now: list[Way]) -> list[Way]:
        place = next((n for n, one in enumerate(ways_now) if one.name == way), None)
        if place is None:
            raise Unknown("way", way[:60])
        edit(ways_now, place)
        return ways_now

    await _edit(house, visitor, person, at_its_place)


async def _edit(house: House, visitor: Visitor, person: str, edit: Callable[[list[Way]], list[Way]]) -> None:
    def change_document(document: dict[str, Any]) -> None:
        entry = next((one for one in document["people"] if one["id"] == person), None)
        if entry is None:
            raise Unknown("person", person[:60])
        changed = edit([Way.model_validate(way) for way in entry["ways"]])
        entry["ways"] = [way.model_dump(mode="json") for way in changed]

    await directory.change(house, visitor, change_document)


def _check(house: House, person: str, way: Way, under: str, *, known: bool = False) -> None:
    """A way that stands already is not looked at again: it may be older than the rule."""
    owner = house.directory.organisation().by_number(way.address)
    if owner is not None and owner.id != person:
        shared = why("organisation.shared_number", number=way.address, person=owner.id)
        raise BadInput(Fault(f"{under}/address", shared))
    if not known and way.kind is WayKind.SMS and takes_no_texts(way.address):
        raise BadInput(Fault(f"{under}/address", why("way.landline")))


async def send_code(house: House, person: str, way: str) -> datetime:
    """Send a fresh code by that very way; until when it counts. Raises Refused when too many were sent."""
    one = _unstopped(house, person, way)
    now, nonce = house.clock.now(), new_token()
    return await _written(house, lambda c: confirming.send_code(c, person, one.way, now=now, nonce=nonce))


async def confirm(house: House, person: str, way: str, code: str) -> None:
    """Take the code that was typed. Raises BadInput when it is none."""
    one, secret, now = standing(house, person, way), house.settings.secret.get_secret_value(), house.clock.now()
    about = way_news.id_of(person, one.way)
    wrong = await _written(house, lambda c: confirming.confirm_by_code(c, secret, about, code, now))
    if wrong is not None:
        raise BadInput(Fault("/code", wrong))


async def vouch(house: House, visitor: Visitor, person: str, way: str, reason: str) -> None:
    """An admin says that a way is its owner's, and how they know; kept with their name."""
    check(visitor, Role.ADMIN)
    about, now = way_news.id_of(person, standing(house, person, way).way), house.clock.now()
    await _written(house, lambda c: confirming.vouch(c, about, admin=visitor.by, reason=reason, now=now))


async def send_trial(house: House, person: str, way: str) -> None:
    """A test message by that way, broken or not. Raises Refused for one that takes none."""
    one, now = _unstopped(house, person, way), house.clock.now()
    await _written(house, lambda c: confirming.send_trial(c, person, one.way, now=now))


def _unstopped(house: House, person: str, way: str) -> Standing:
    one = standing(house, person, way)
    if one.fact.stopped_at is not None:
        raise Refused(why("way.restart_first"))
    return one


def code_sent(house: House, person: str) -> set[str]:
    """The names of the ways for which a code waits to be typed. Blocks."""
    now = house.clock.now()
    with reading(house.engine) as connection:
        every = house.directory.organisation().ways(person)
        found = {one.way.name: ways.code(connection, way_news.id_of(person, one.way)) for one in every}
    return {name for name, code in found.items() if code is not None and code.expires_at > now}


async def _written(house: House, act: Callable[[Connection], T]) -> T:
    """In one transaction on a worker thread; everybody in this process sees it at once."""

    def write() -> T:
        with changing(house.engine) as connection:
            found = act(connection)
        house.directory.refresh()
        return found

    return await to_thread.run_sync(write)
