"""My ways: in order, with delays by level, confirmed by a code, and what a page would do. Admins see anybody's."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from incident.errors import IncidentError, Unknown
from incident.levels import Level
from incident.organisation import Person, Role, Standing, Way, WayKind, shares_fate
from web import ways
from web.auth import Visitor, needs, who
from web.house import House, house_of
from web.pages.forms import Form, body_of, posted, refused
from web.render import page, reader_of
from web.wire import parse

WAITS: Final = (0, 30, 60, 120, 300, 600, 1800)
"""Seconds to choose from. What a document or a program has set besides stays until somebody chooses."""


@dataclass(frozen=True, slots=True)
class Act:
    """What a form of the page asks for: whose way, which one, and the form's other fields."""

    house: House
    visitor: Visitor
    person: str
    way: str
    values: Mapping[str, str]


@needs(Role.VIEWER)
def me(request: Request) -> RedirectResponse:
    """Short to type and to say. A program has no ways of its own."""
    person = who(request).person
    return RedirectResponse(f"/people/{person}/ways" if person else "/people", 303)


@needs(Role.VIEWER)
def show(request: Request) -> HTMLResponse:
    return _page(request, ways.whose(request), None)


@needs(Role.VIEWER)
async def post(request: Request) -> Response:
    person, name, values = ways.whose(request), request.path_params["act"], await posted(request)
    act = ACTS.get(name)
    if act is None:
        raise Unknown("act", name[:40])
    way = values.pop("way", "")
    try:
        await act(Act(house_of(request), who(request), person, way, values))
    except Unknown:
        raise
    except IncidentError as error:
        values["way"] = way
        form = refused(name, values, error, reader_of(request).words)
        return await to_thread.run_sync(_page, request, person, form)
    return RedirectResponse(f"/people/{person}/ways?did={name}{_place(name, way)}", 303)


def _place(name: str, way: str) -> str:
    """Where the page opens again: at the button that was pressed, so that it can be pressed again."""
    places = {"up": "up", "down": "down", "code": "typed"}
    return f"#{places[name]}-{way}" if name in places and way else ""


async def _add(act: Act) -> None:
    fields = body_of(act.values)
    await ways.add(act.house, act.visitor, act.person, parse(Way, {k: fields.get(k) for k in ("kind", "address")}))


async def _remove(act: Act) -> None:
    await ways.change(act.house, act.visitor, act.person, act.way, lambda every, n: every.__delitem__(n))


async def _up(act: Act) -> None:
    await ways.change(act.house, act.visitor, act.person, act.way, lambda every, n: _swap(every, n, n - 1))


async def _down(act: Act) -> None:
    await ways.change(act.house, act.visitor, act.person, act.way, lambda every, n: _swap(every, n, n + 1))


def _swap(every: list[Way], here: int, there: int) -> None:
    if 0 <= there < len(every):
        every[here], every[there] = every[there], every[here]


async def _delays(act: Act) -> None:
    """An empty choice is the usual wait of the kind and the level."""
    said = {level: act.values[level].strip() for level in Level if act.values.get(level, "").strip()}

    def edit(every: list[Way], place: int) -> None:
        fields = every[place].model_dump(mode="json") | {"delay_s": None, "delays": said}
        every[place] = parse(Way, fields)

    await ways.change(act.house, act.visitor, act.person, act.way, edit)


async def _code(act: Act) -> None:
    await ways.send_code(act.house, act.person, act.way)


async def _confirm(act: Act) -> None:
    await ways.confirm(act.house, act.person, act.way, act.values.get("code", ""))


async def _vouch(act: Act) -> None:
    await ways.vouch(act.house, act.visitor, act.person, act.way, act.values.get("reason", ""))


async def _test(act: Act) -> None:
    await ways.send_trial(act.house, act.person, act.way)


ACTS: Final[Mapping[str, Callable[[Act], Awaitable[None]]]] = {
    "add": _add,
    "remove": _remove,
    "up": _up,
    "down": _down,
    "delays": _delays,
    "code": _code,
    "confirm": _confirm,
    "vouch": _vouch,
    "test": _test,
}


def _page(request: Request, name: str, form: Form | None) -> HTMLResponse:
    house, reader = house_of(request), reader_of(request)
    organisation = house.directory.organisation()
    person = organisation.person(name)
    if person is None:
        raise Unknown("person", name[:60])
    every = organisation.ways(name)
    did = request.query_params.get("did", "")
    return page(
        request,
        "ways.html",
        status=form.status if form else 200,
        person=person,
        mine=who(request).person == name,
        admin=who(request).may(Role.ADMIN),
        every=every,
        state=state_of,
        pages={level: organisation.reach(name, level) for level in Level},
        fate=shares_fate(one.way for one in every if one.counts),
        code_sent=ways.code_sent(house, name),
        waits=lambda one, level: _waits(_chosen(person, one.way, level), reader.span),
        chosen=lambda one, level: _chosen(person, one.way, level),
        usual=lambda one, level: _usual(person, one.way, level),
        kinds=tuple(WayKind),
        ends=_end,
        form=form,
        said=reader.words.t(f"ways.did.{_did(did, every)}") if did in ACTS else "",
    )


def _did(name: str, every: Sequence[Standing]) -> str:
    """A way that was here before is still confirmed when it is added again: no code is asked for."""
    return "add.known" if name == "add" and every and state_of(every[-1]) == "confirmed" else name


def state_of(one: Standing) -> str:
    """The one word about a way that its owner must know, the worst first."""
    if one.fact.stopped_at is not None:
        return "stopped"
    if one.fact.broken_at is not None:
        return "broken"
    return "confirmed" if one.fact.confirmed_at is not None else "unconfirmed"


def _end(way: Way) -> str:
    """Enough of an address to know it in a line of time."""
    return f"…{way.address[-4:]}" if way.kind in (WayKind.SMS, WayKind.VOICE) else ""


def _usual(person: Person, way: Way, level: Level) -> int | None:
    """The wait of a way of that kind for which nobody has said anything."""
    return Way(kind=way.kind, address=way.address).after(level, texts=_texts(person))


def _chosen(person: Person, way: Way, level: Level) -> int | str | None:
    """What was said about a way for a level, None where the usual holds."""
    said = way.delays.get(level)
    if said is not None or way.after(level, texts=_texts(person)) is None:
        return said
    return way.delay_s


def _texts(person: Person) -> bool:
    return any(way.kind is WayKind.SMS for way in person.ways)


def _waits(stands: int | str | None, span: Callable[[float], str]) -> list[tuple[str, str]]:
    """The choices of a wait, with the one that stands even if it is none of ours."""
    seconds = sorted({*WAITS, stands} if isinstance(stands, int) else set(WAITS))
    return [(str(wait), span(wait)) for wait in seconds]


ROUTES: Final = [
    Route("/me", me),
    Route("/people/{person}/ways", show),
    Route("/people/{person}/ways/{act}", post, methods=["POST"]),
]
