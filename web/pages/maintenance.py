"""Planned maintenance: what is under way, what is to come, and the form for it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from incident.errors import BadInput, Fault, IncidentError, Unknown, why
from incident.maintenance import Occurrence, Window, Windows
from incident.organisation import Organisation, Role
from incident.record.row import name_of
from incident.store import maintenance as store
from incident.store.engine import reading
from web import windows
from web.auth import needs, who
from web.house import House, house_of
from web.pages.forms import Form, body_of, posted, refused
from web.render import page, reader_of
from web.say import Reader
from web.wire import parse

COMING: Final = timedelta(days=400)
NEW: Final = "new"
_LOCAL: Final = "%Y-%m-%dT%H:%M"


@dataclass(frozen=True, slots=True)
class Line:
    """A window as the table shows it. `next` is the occurrence that is open or comes next, None when it is over."""

    window: Window
    state: str
    next: Occurrence | None
    about: str
    owner: str
    held: tuple[tuple[str, str], ...]


@needs(Role.VIEWER)
def show(request: Request) -> HTMLResponse:
    return _page(request, None)


@needs(Role.COMMANDER)
async def add(request: Request) -> Response:
    return await _saved(request, NEW)


@needs(Role.COMMANDER)
async def save(request: Request) -> Response:
    return await _saved(request, request.path_params["window"])


@needs(Role.COMMANDER)
async def end(request: Request) -> Response:
    try:
        await windows.end(house_of(request), who(request), request.path_params["window"])
    except Unknown:
        raise
    except IncidentError as error:
        form = refused("end", {}, error, reader_of(request).words)
        return await to_thread.run_sync(_page, request, form)
    return RedirectResponse("/maintenance", 303)


@needs(Role.COMMANDER)
async def remove(request: Request) -> Response:
    await windows.remove(house_of(request), who(request), request.path_params["window"])
    return RedirectResponse("/maintenance", 303)


async def _saved(request: Request, name: str) -> Response:
    values, house = await posted(request), house_of(request)
    try:
        standing = house.directory.windows()
        fields = _fields(values, name, standing)
        window = parse(Window, fields)
        if name == NEW:
            await windows.add(house, who(request), window)
        else:
            await windows.replace(house, who(request), name, window)
    except Unknown:
        raise
    except IncidentError as error:
        form = refused(name, values, error, reader_of(request).words)
        return await to_thread.run_sync(_page, request, form)
    return RedirectResponse("/maintenance", 303)


def _fields(values: Mapping[str, str], name: str, standing: Windows) -> dict[str, Any]:
    """What the form says, as a window's document. One product, place, unit and label: more go by file or API, and what
    an edited window has of them is kept."""
    body = body_of(values)
    old = standing.window(name)
    found: dict[str, Any] = {k: body[k] for k in ("name", "reason", "owner", "timezone", "start", "end") if k in body}
    found["weekly"] = bool(body.get("weekly"))
    if found["weekly"] and "until" in body:
        found["until"] = body["until"]
    for field, many in (("product", "products"), ("place", "places"), ("unit", "units")):
        said = [str(body[field])] if field in body else []
        before = list(getattr(old, many)) if old else []
        found[many] = before if before[:1] == said and said else said
    found["labels"] = _label(str(body["label"]), old) if "label" in body else {}
    found["id"] = name if old else _id(str(body.get("name", "")), str(body.get("start", "")), standing)
    return found


def _label(text: str, old: Window | None) -> dict[str, str]:
    name, mark, value = (part.strip() for part in text.partition("="))
    if not (name and mark and value):
        raise BadInput(Fault("/label", why("maintenance.bad_label")))
    more = dict(old.labels) if old and old.labels.get(name) == value else {}
    return {**more, name: value}


def _id(name: str, start: str, standing: Windows) -> str:
    """Made of the name where it has Latin letters, else of the time; with a number where it is taken."""
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40].strip("-")
    if not plain or not plain[0].isalpha():
        plain = "window-" + (re.sub(r"[^0-9]+", "-", start).strip("-") or "1")
    found, number = plain, 2
    while standing.window(found) is not None:
        found, number = f"{plain}-{number}", number + 1
    return found


def _page(request: Request, form: Form | None) -> HTMLResponse:
    house, reader = house_of(request), reader_of(request)
    organisation, standing = house.directory.organisation(), house.directory.windows()
    lines = _lines(house, standing, organisation, reader)
    zone = who(request).timezone
    start = reader.now.astimezone(ZoneInfo(zone)).replace(second=0, microsecond=0)
    return page(
        request,
        "maintenance.html",
        status=form.status if form else 200,
        groups=[(state, [line for line in lines if line.state == state]) for state in ("open", "coming", "past")],
        lines=lines,
        form=form,
        may=who(request).may(Role.COMMANDER),
        people=[(p.id, p.name) for p in organisation.people if p.role is not Role.VIEWER],
        units=[(u.id, reader.text(u.name)) for u in organisation.units],
        me=who(request).person or "",
        zone=zone,
        start=start.strftime(_LOCAL),
        end=(start + timedelta(hours=2)).strftime(_LOCAL),
        local=lambda at: at.strftime(_LOCAL),
    )


def _lines(house: House, standing: Windows, organisation: Organisation, reader: Reader) -> list[Line]:
    with reading(house.engine) as connection:
        held = store.held(connection)
    lines = []
    for window in standing.windows:
        now = window.open_at(reader.now)
        following = now or next(window.occurrences(reader.now, reader.now + COMING), None)
        state = "open" if now else "coming" if following else "past"
        mine = tuple((one.incident, one.code) for one in held if one.window == window.id)
        owner = name_of(window.owner, organisation) or window.owner
        lines.append(Line(window, state, following, about(window, organisation, reader), owner, mine))
    return sorted(lines, key=lambda line: (line.next.start if line.next else _end(line.window), line.window.id))


def _end(window: Window) -> datetime:
    return window.end.replace(tzinfo=ZoneInfo(window.timezone))


def about(window: Window, organisation: Organisation, reader: Reader) -> str:
    """What a window is about, in words."""
    t = reader.words.t
    units = (organisation.unit(name) for name in window.units)
    parts = [
        *(t("maintenance.product", name=name) for name in window.products),
        *(t("maintenance.place", name=name) for name in window.places),
        *(t("maintenance.unit", name=reader.text(unit.name)) for unit in units if unit),
        *(f"{name}={value}" for name, value in window.labels.items()),
    ]
    return t("list.comma").join(parts)


ROUTES: Final = [
    Route("/maintenance", show),
    Route("/maintenance", add, methods=["POST"]),
    Route("/maintenance/{window}", save, methods=["POST"]),
    Route("/maintenance/{window}/end", end, methods=["POST"]),
    Route("/maintenance/{window}/remove", remove, methods=["POST"]),
]
