"""Calendar feeds: rosters behind a secret link, which a calendar fetches without signing in.

The link is its owner's, and speaks for nobody who has left. What is wrong with a link is never said: one that never
was, one that was taken back and one whose roster is gone are all the same 404, after the same look-up by a hash.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Final

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

OWN: Final = "person"
"""The subject of a feed of one's own shifts."""


def get(request: Request) -> Response:
    """The calendar. `If-None-Match` spares whoever asks every quarter of an hour the same file again."""
    house = house_of(request)
    version, organisation = house.directory.version, house.directory.organisation()
    with reading(house.engine) as connection:
        link = feeds.find(connection, hashed(request.path_params["token"]))
        saved = directory.saved_at(connection, version) if link else None
    rosters = subject_of(organisation, link) if link else None
    owner = organisation.person(link.person) if link else None
    if link is None or rosters is None or owner is None:
        gate_of(request).count_wrong(request)
        raise Unknown("link", "calendar")
    words = words_for(owner.locale)
    only = owner.id if link.subject == OWN else None
    events = events_of(organisation, rosters, only, house.clock.now(), words)
    name = name_of(organisation, link, owner)
    url = f"{house.settings.public_url}/on-call"
    body = written(name, f"{link.person}.{link.subject}@incident", events, saved=saved or house.clock.now(), link=url)
    return _answer(request, body)


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
