"""Calendar feeds: rosters behind a secret link, which a calendar fetches without signing in.

The link is its owner's, and speaks for nobody who has left. What is wrong with a link is never said: one that never
was, one that was taken back and one whose roster is gone are all the same 404, after the same look-up by a hash.
"""

from __future__ import annotations

from functools import partial
from hashlib import sha256
from typing import Final, cast

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import Response

from incident.errors import Unknown
from incident.ical.feed import FRESH_FOR, events_of, written
from incident.ids import hashed, new_key
from incident.organisation import Organisation, Person
from incident.roster import Roster
from incident.store import directory, feeds
from incident.store.engine import changing, reading
from incident.store.feeds import FeedLink
from incident.words import words_for
from web.auth import gate_of
from web.endpoint import Endpoint
from web.house import House, house_of
from web.kept import Kept

OWN: Final = "person"
"""The subject of a feed of one's own shifts."""


class Feeds:
    """Calendars as they were last made: who asks again within a quarter of an hour gets the same, unless rosters have
    changed. They are made one after the other, so that a full hour at which all phones ask takes nothing from the rest.
    """

    def __init__(self) -> None:
        self.kept: Final[Kept[tuple[str, str, int], bytes]] = Kept(FRESH_FOR.total_seconds() / 4, size=128)
        self.maker: Final = CapacityLimiter(1)


async def get(request: Request) -> Response:
    """The calendar. `If-None-Match` spares whoever asks every quarter of an hour the same file again."""
    house, made = house_of(request), cast(Feeds, request.app.state.feeds)
    link, version = await to_thread.run_sync(_link, house, request.path_params["token"])
    organisation = house.directory.organisation()
    rosters = subject_of(organisation, link) if link else None
    owner = organisation.person(link.person) if link else None
    if link is None or rosters is None or owner is None:
        gate_of(request).count_wrong(request)
        raise Unknown("link", "calendar")
    make = partial(_calendar, house, link, version)
    kept = partial(made.kept.get, (link.person, link.subject, version), make)
    return _answer(request, await to_thread.run_sync(kept, limiter=made.maker))


def _link(house: House, token: str) -> tuple[FeedLink | None, int]:
    """The link of a token, and the version of the organisation that its calendar is of."""
    house.directory.organisation()  # looks whether somebody has saved since
    with reading(house.engine) as connection:
        return feeds.find(connection, hashed(token)), house.directory.version


def _calendar(house: House, link: FeedLink, version: int) -> bytes:
    organisation = house.directory.organisation()
    owner, rosters = organisation.person(link.person), subject_of(organisation, link)
    if owner is None or rosters is None:
        raise Unknown("link", "calendar")
    with reading(house.engine) as connection:
        saved = directory.saved_at(connection, version)
    only = owner.id if link.subject == OWN else None
    events = events_of(organisation, rosters, only, house.clock.now(), words_for(owner.locale))
    name, uid = name_of(organisation, link, owner), f"{link.person}.{link.subject}@incident"
    return written(name, uid, events, saved=saved or house.clock.now(), link=f"{house.settings.public_url}/on-call")


def _answer(request: Request, body: bytes) -> Response:
    tag = f'"{sha256(body).hexdigest()[:32]}"'
    headers = {"etag": tag, "cache-control": f"private, max-age={int(FRESH_FOR.total_seconds()) // 4}"}
    if request.headers.get("if-none-match", "").removeprefix("W/") == tag:
        return Response(status_code=304, headers=headers)
    headers["content-disposition"] = 'inline; filename="on-call.ics"'
    return Response(body, media_type="text/calendar; charset=utf-8", headers=headers)


def subject_of(organisation: Organisation, link: FeedLink) -> tuple[Roster, ...] | None:
    """The rosters that a link shows; None when there is no such thing any more."""
    kind, _, name = link.subject.partition(":")
    match kind:
        case "roster":
            found = tuple(one for one in organisation.rosters if one.id == name)
            return found or None
        case "unit":
            there = organisation.unit(name) is not None
            return tuple(one for one in organisation.rosters if one.unit == name) if there else None
        case _:
            return organisation.rosters if link.subject == OWN else None


def name_of(organisation: Organisation, link: FeedLink, owner: Person) -> str:
    """What the calendar is called in its owner's list."""
    words = words_for(owner.locale)
    kind, _, name = link.subject.partition(":")
    if kind == "roster":
        found = next((one.name for one in organisation.rosters if one.id == name), None)
    else:
        unit = organisation.unit(name)
        found = unit.name if unit else None
    if found is None:
        return words.t("feed.name.mine", name=owner.name)
    return words.t("feed.name.of", name=found.for_locale(owner.locale))


def make(house: House, person: str, subject: str) -> str:
    """A new link to what `subject` names, in place of an older one: the address, which is shown this once.

    Raises Unknown for a subject that is none.
    """
    now = house.clock.now()
    if subject_of(house.directory.organisation(), FeedLink(person, subject, now)) is None:
        raise Unknown("roster", subject[:60])
    secret = new_key()
    with changing(house.engine) as connection:
        feeds.put(connection, hashed(secret), person, subject, now)
    return f"{house.settings.public_url}/calendar/{secret}.ics"


def revoke(house: House, person: str, subject: str) -> None:
    """Raises Unknown when there is no such link."""
    with changing(house.engine) as connection:
        if not feeds.remove(connection, person, subject):
            raise Unknown("link", subject[:60])


def links_of(house: House, person: str | None) -> list[FeedLink]:
    with reading(house.engine) as connection:
        return feeds.every(connection, person)


ENDPOINTS: Final = (
    Endpoint(
        "GET",
        "/calendar/{token}.ics",
        get,
        None,
        "people",
        "The shifts behind a secret link, as a calendar to subscribe to. The link is made on the site.",
        media="text/calendar",
    ),
)
