"""One's own duty: the coming shifts, swaps that wait for an answer, time off, and the links of one's calendars."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from incident.errors import BadInput, Fault, IncidentError, Unknown, why
from incident.organisation import Organisation, Person, Role
from incident.record.naming import sentence
from incident.roster import Roster, Shift, Swap, TimeOff, shifts
from incident.store.feeds import FeedLink
from web import feeds, rostering
from web.auth import needs, who
from web.house import house_of
from web.pages.forms import Form, body_of, posted, refused
from web.pages.rostering import done, exact, instant_of, version_of
from web.problems import Forbidden
from web.render import page, reader_of
from web.rostering import Effect, Plan
from web.say import Reader
from web.wire import parse

AHEAD: Final = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Mine:
    """A shift of one's own."""

    roster: Roster
    start: datetime
    end: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A swap that one is asked for or has asked for: the shifts in it, as they would change hands."""

    roster: Roster
    swap: Swap
    shifts: tuple[Shift, ...]


@dataclass(frozen=True, slots=True)
class Subject:
    """What a calendar may show, and since when there is a link to it; None for none."""

    subject: str
    name: str
    since: datetime | None


@needs(Role.VIEWER)
def show(request: Request) -> HTMLResponse:
    return _page(request, _me(request))


@needs(Role.RESPONDER)
async def post_time_off(request: Request) -> Response:
    """Times of the form are local times of whom it is about."""

    def make(values: Mapping[str, str]) -> Plan:
        person = _about(request, values)
        times = {f: instant_of(values, f, person.timezone).isoformat() for f in ("start", "end")}
        reason = {k: v for k, v in body_of(values).items() if k == "reason"}
        return rostering.time_off(who(request), {person.id: (parse(TimeOff, times | reason),)})

    return await _change(request, "time-off", make)


@needs(Role.RESPONDER)
async def remove_time_off(request: Request) -> Response:
    def make(values: Mapping[str, str]) -> Plan:
        return rostering.drop_time_off(who(request), _about(request, values).id, exact(values))

    return await _change(request, "back", make)


async def _change(request: Request, name: str, make: Callable[[Mapping[str, str]], Plan]) -> Response:
    values, me = await posted(request), _me(request)
    try:
        plan = make(values)
        if values.get("do") == "look":
            seen = await rostering.effect(house_of(request), plan)
            typed = Form(name, values, {}, 200, "", ())
            return await to_thread.run_sync(lambda: _page(request, me, form=typed, effect=seen))
        await rostering.save(house_of(request), who(request), plan, version_of(values))
    except Unknown:
        raise
    except IncidentError as error:
        form = refused(name, values, error, reader_of(request).words)
        return await to_thread.run_sync(lambda: _page(request, me, form=form))
    return RedirectResponse(f"/on-call/me?did={name}#time-off", 303)


@needs(Role.VIEWER)
async def post_feed(request: Request) -> Response:
    """A new secret link. It is shown on the page that answers, and never again."""
    values, me = await posted(request), _me(request)
    subject = values.get("subject", "")
    link = await to_thread.run_sync(feeds.make, house_of(request), me.id, subject)
    return await to_thread.run_sync(lambda: _page(request, me, link=link, subject=subject))


@needs(Role.VIEWER)
async def remove_feed(request: Request) -> Response:
    """One's own link, or as an admin anybody's."""
    values, me = await posted(request), _me(request)
    owner = values.get("person") or me.id
    if owner != me.id and not who(request).may(Role.ADMIN):
        raise Forbidden(why("rota.only_own"))
    await to_thread.run_sync(feeds.revoke, house_of(request), owner, values.get("subject", ""))
    return RedirectResponse("/on-call/me#calendars", 303)


def _me(request: Request) -> Person:
    """Who has signed in. A program's key has no shifts."""
    name = who(request).person
    found = house_of(request).directory.organisation().person(name) if name else None
    if found is None:
        raise BadInput(Fault("/person", why("rota.people_only")))
    return found


def _about(request: Request, values: Mapping[str, str]) -> Person:
    """Whom the time off is about: oneself, unless a commander names somebody else."""
    name = values.get("person") or _me(request).id
    found = house_of(request).directory.organisation().person(name)
    if found is None:
        raise Unknown("person", name[:60])
    return found


def _page(
    request: Request,
    me: Person,
    *,
    form: Form | None = None,
    effect: Effect | None = None,
    link: str = "",
    subject: str = "",
) -> HTMLResponse:
    house, visitor, plain = house_of(request), who(request), reader_of(request)
    version, organisation = house.directory.version, house.directory.organisation()
    reader = Reader(plain.words, ZoneInfo(me.timezone), plain.now)
    links = feeds.links_of(house, None if visitor.may(Role.ADMIN) else me.id)
    return page(
        request,
        "mine.html",
        status=form.status if form else 200,
        reader=reader,
        me=me,
        mine=_shifts(organisation, me.id, reader),
        asked=[_asked(organisation, *one) for one in rostering.asked(organisation, me.id, reader.now)],
        asking=_asking(organisation, me.id, reader.now),
        away=_away(organisation, me.id, visitor.may(Role.COMMANDER), reader.now),
        may_ask=visitor.may(Role.RESPONDER),
        may_edit=visitor.may(Role.COMMANDER),
        others=_others(organisation, visitor.may(Role.COMMANDER)),
        people={person.id: person.name for person in organisation.people},
        roster_names={roster.id: roster.name for roster in organisation.rosters},
        form=form,
        refused=form if form and form.detail else None,
        effect=effect,
        said=done(request, plain),
        version=version,
        subjects=_subjects(organisation, me, [one for one in links if one.person == me.id], reader),
        theirs=[(one, _subject_name(organisation, one.subject, reader)) for one in links if one.person != me.id],
        link=link,
        made=_subject_name(organisation, subject, reader) if link else "",
        local=lambda at: at.astimezone(reader.zone).strftime("%Y-%m-%dT%H:%M"),
    )


def _shifts(organisation: Organisation, me: str, reader: Reader) -> list[Mine]:
    found = [
        Mine(roster, one.start, one.end, sentence(one.reason, organisation, reader.words))
        for roster in organisation.rosters
        if me in roster.named
        for one in shifts(roster, reader.now, reader.now + AHEAD, organisation.absent_on(roster))
        if one.person == me
    ]
    return sorted(found, key=lambda one: one.start)


def _asked(organisation: Organisation, roster: Roster, swap: Swap) -> Asked:
    found = shifts(roster, swap.start, swap.end, organisation.absent_on(roster))
    return Asked(roster, swap, tuple(one for one in found if one.person == swap.giver))


def _asking(organisation: Organisation, me: str, now: datetime) -> list[Asked]:
    return [
        _asked(organisation, roster, one)
        for roster in organisation.rosters
        for one in roster.swaps
        if one.giver == me and one.end > now
    ]


def _away(organisation: Organisation, me: str, commands: bool, now: datetime) -> list[tuple[Person, TimeOff]]:
    """The time off that one may change: one's own first, and everybody's as a commander."""
    people = sorted(organisation.people, key=lambda person: person.id != me)
    seen = [person for person in people if commands or person.id == me]
    return [(person, one) for person in seen for one in sorted(person.time_off, key=_start) if one.end > now]


def _start(one: TimeOff) -> datetime:
    return one.start


def _others(organisation: Organisation, commands: bool) -> list[tuple[str, str]]:
    return [(one.id, one.name) for one in organisation.people if one.role is not Role.VIEWER] if commands else []


def _subjects(organisation: Organisation, me: Person, links: list[FeedLink], reader: Reader) -> list[Subject]:
    """What one may subscribe to: one's own shifts first, then units and rosters."""
    since = {one.subject: one.created_at for one in links}
    names = [feeds.OWN]
    for unit in organisation.units:
        rosters = [one for one in organisation.rosters if one.unit == unit.id]
        names += [f"unit:{unit.id}"] if len(rosters) > 1 else []
        names += [f"roster:{one.id}" for one in rosters]
    return [Subject(name, _subject_name(organisation, name, reader), since.get(name)) for name in names]


def _subject_name(organisation: Organisation, subject: str, reader: Reader) -> str:
    kind, _, name = subject.partition(":")
    unit, roster = organisation.unit(name), organisation.roster_named(name)
    if kind == "unit" and unit:
        return reader.words.t("feed.of_unit", unit=reader.text(unit.name))
    if kind == "roster" and roster:
        return reader.text(roster.name)
    return reader.words.t("feed.own") if subject == feeds.OWN else subject


ROUTES: Final = [
    Route("/on-call/me", show),
    Route("/on-call/me/time-off", post_time_off, methods=["POST"]),
    Route("/on-call/me/time-off/remove", remove_time_off, methods=["POST"]),
    Route("/on-call/me/feeds", post_feed, methods=["POST"]),
    Route("/on-call/me/feeds/remove", remove_feed, methods=["POST"]),
]
