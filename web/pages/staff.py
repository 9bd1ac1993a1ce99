"""Who works here, as an admin keeps it: somebody new, what is known of somebody, a link to sign in with, the end of it.

Ways, skills and time off have pages of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

from anyio import to_thread
from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from incident.errors import BadInput, Fault, IncidentError, Refused, Unknown, why
from incident.organisation import Person, Role
from web import directory
from web.auth import gate_of, needs, who
from web.house import house_of
from web.pages.forms import Form, body_of, posted, refused
from web.pages.people import NEW, choices, people_page, person_of
from web.render import page, reader_of
from web.wire import parse

_KNOWN: Final = ("name", "unit", "role", "locale", "timezone", "email")
"""What the form changes; the rest of somebody stays as it is."""


@needs(Role.ADMIN)
async def add(request: Request) -> Response:
    """On to the page of who is new, where their ways and their link to sign in are."""
    values = await posted(request)
    try:
        person = parse(Person, body_of(values))
        await directory.add_person(house_of(request), who(request), person)
    except IncidentError as error:
        form = refused(NEW, values, error, reader_of(request).words)
        return await to_thread.run_sync(people_page, request, form)
    return RedirectResponse(f"/people/{person.id}?new=1", 303)


@needs(Role.ADMIN)
def show(request: Request) -> HTMLResponse:
    return _page(request, person_of(request))


@needs(Role.ADMIN)
async def save(request: Request) -> Response:
    person, values = person_of(request), await posted(request)
    seen = values.pop("seen", "")

    def edit(document: dict[str, Any]) -> None:
        place = directory.place_of(document["people"], person.id, "person")
        fields = document["people"][place]
        if _digest(fields) != seen:
            raise Refused(why("rota.saved_since"))
        body = body_of(values)
        document["people"][place] = fields | {name: body.get(name) for name in _KNOWN}
        parse(Person, document["people"][place])  # a fault is told at the form's field, not at the document's

    try:
        await directory.change(house_of(request), who(request), edit)
    except Unknown:
        raise
    except IncidentError as error:
        form = refused("save", values, error, reader_of(request).words)
        return await to_thread.run_sync(_page, request, person, form)
    return RedirectResponse(f"/people/{person.id}?saved=1", 303)


@needs(Role.ADMIN)
async def sign_in(request: Request) -> Response:
    """A link for the person, on the page itself: no address of ours may hold it."""
    person = person_of(request)
    secret = await to_thread.run_sync(gate_of(request).sessions.make_link, person.id)
    link = f"{house_of(request).settings.public_url}/login/{secret}"
    return await to_thread.run_sync(_page, request, person, None, link)


@needs(Role.ADMIN)
async def remove(request: Request) -> Response:
    person = person_of(request)
    try:
        if who(request).person == person.id:
            raise BadInput(Fault("", why("staff.not_oneself")))
        await directory.remove_person(house_of(request), who(request), person.id)
    except Unknown:
        raise
    except IncidentError as error:
        form = refused("remove", {}, error, reader_of(request).words)
        return await to_thread.run_sync(_page, request, person, form)
    return RedirectResponse("/people", 303)


def _digest(fields: Mapping[str, Any]) -> str:
    return sha256(to_json([fields[name] for name in _KNOWN])).hexdigest()[:16]


def _page(request: Request, person: Person, form: Form | None = None, link: str | None = None) -> HTMLResponse:
    organisation, reader = house_of(request).directory.organisation(), reader_of(request)
    return page(
        request,
        "staff.html",
        status=form.status if form else 200,
        person=person,
        form=form,
        link=link,
        choices=choices(organisation, reader),
        seen=_digest(person.model_dump(mode="json")),
        saved=bool(request.query_params.get("saved")) and form is None,
        new=bool(request.query_params.get("new")) and form is None,
        rosters=[reader.text(roster.name) for roster in organisation.rosters if person.id in roster.people],
    )


ROUTES: Final = [
    Route("/people", add, methods=["POST"]),
    Route("/people/{person}", show),
    Route("/people/{person}", save, methods=["POST"]),
    Route("/people/{person}/signin", sign_in, methods=["POST"]),
    Route("/people/{person}/remove", remove, methods=["POST"]),
]
