"""A calendar file taken over: read, shown with its effect and with what cannot be used, and only then saved.

The file's text travels in the form between the two, so that what is saved is what was shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Final
from zoneinfo import ZoneInfo

from anyio import to_thread
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from incident.errors import BadInput, Fault, IncidentError, Refused, Unknown, why
from incident.ical.reading import MOST_BYTES
from incident.ical.taking import Taken, take
from incident.organisation import Role
from incident.roster import Roster
from web import rostering
from web.auth import needs, who
from web.house import house_of
from web.pages.forms import Form, refused
from web.pages.rostering import version_of
from web.pages.rosters import roster_of
from web.render import page, reader_of
from web.rostering import Effect, Plan
from web.say import Reader

Values = Mapping[str, str]
_FIELDS: Final = ("as", "person", "skip", "do", "version", "text")


@needs(Role.RESPONDER)
def show(request: Request) -> HTMLResponse:
    return _page(request, roster_of(request), None, None, None)


@needs(Role.RESPONDER)
async def post(request: Request) -> Response:
    roster, house, values = roster_of(request), house_of(request), await _posted(request)
    taken: Taken | None = None
    try:
        data = values["text"].encode()
        if not data.strip():
            raise BadInput(Fault("/file", why("ical.no_file")))
        organisation, now = house.directory.organisation(), house.clock.now()
        person = values["person"] or None
        reading = partial(take, data, "/file", organisation, roster, now=now, person=person)
        taken = await to_thread.run_sync(reading)
        plan = _plan(request, roster, values, taken)
        if values["do"] != "save":
            seen = await rostering.effect(house, plan)
            typed = Form("import", values, {}, 200, "", ())
            return await to_thread.run_sync(_page, request, roster, typed, taken, seen)
        if taken.bad and not values["skip"]:
            raise Refused(why("ical.some_refused", n=len(taken.bad)))
        await rostering.save(house, who(request), plan, version_of(values))
    except Unknown:
        raise
    except IncidentError as error:
        form = refused("import", values | {"file": ""}, error, reader_of(request).words)
        return await to_thread.run_sync(_page, request, roster, form, taken, None)
    return RedirectResponse(f"/on-call/roster/{roster.id}", 303)


def _plan(request: Request, roster: Roster, values: Values, taken: Taken) -> Plan:
    if values["as"] == "time_off":
        return rostering.time_off(who(request), taken.time_off)
    return rostering.overrides(who(request), roster.id, taken.overrides)


async def _posted(request: Request) -> dict[str, str]:
    """The fields; `text` is the uploaded file's if there is one. Line ends of a textarea are the file's own again."""
    async with request.form(max_fields=10, max_files=1, max_part_size=2 * MOST_BYTES) as form:
        values = {name: str(value) if isinstance(value := form.get(name), str) else "" for name in _FIELDS}
        upload = form.get("file")
        if isinstance(upload, UploadFile) and upload.filename:
            data = await upload.read(MOST_BYTES + 1)
            if len(data) > MOST_BYTES:
                raise BadInput(Fault("/file", why("ical.too_large", limit=MOST_BYTES // 1024)))
            values["text"] = data.decode("utf-8", "replace")
    return values


def _page(
    request: Request, roster: Roster, form: Form | None, taken: Taken | None, effect: Effect | None
) -> HTMLResponse:
    house, visitor, plain = house_of(request), who(request), reader_of(request)
    version, organisation = house.directory.version, house.directory.organisation()
    known = [(p.id, p.name) for p in organisation.people if p.role is not Role.VIEWER]
    commands = visitor.may(Role.COMMANDER)
    return page(
        request,
        "roster_import.html",
        status=form.status if form else 200,
        reader=_in_zone(plain, roster),
        roster=roster,
        form=form,
        refused=form if form and form.detail else None,
        taken=taken,
        effect=effect,
        version=version,
        limit=MOST_BYTES // 1024,
        whose=known if commands else [(i, n) for i, n in known if i == visitor.person],
        people={person.id: person.name for person in organisation.people},
        roster_names={one.id: one.name for one in organisation.rosters},
    )


def _in_zone(plain: Reader, roster: Roster) -> Reader:
    return Reader(plain.words, ZoneInfo(roster.timezone), plain.now)


ROUTES: Final = [
    Route("/on-call/roster/{roster}/import", show),
    Route("/on-call/{roster}/import", post, methods=["POST"]),
]
