"""Keys of programs, for admins: make one and read how to connect with it, see when each was last used, revoke it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from incident.errors import BadInput, Fault, IncidentError, Unknown, why
from incident.intake import TRANSLATORS
from incident.organisation import Role
from web.api.keys import make
from web.auth import gate_of, needs
from web.bodies import NewKey
from web.house import house_of
from web.keys import INTEGRATION
from web.pages.forms import Form, body_of, posted, refused
from web.render import page, reader_of
from web.wire import parse

PATH: Final = "/keys"
ROLES: Final = (INTEGRATION, *(str(role) for role in Role))


@dataclass(frozen=True, slots=True)
class Made:
    """A key that was just made: this page is the only place where it ever stands."""

    name: str
    role: str
    secret: str


@needs(Role.ADMIN)
def show(request: Request) -> HTMLResponse:
    return _page(request)


@needs(Role.ADMIN)
async def add(request: Request) -> Response:
    """Answered with the page itself: no address may hold a key, so there is none to go on to."""
    values = await posted(request)
    try:
        body = parse(NewKey, _fields(values))
        secret = await make(request, body)
    except IncidentError as error:
        return await to_thread.run_sync(_page, request, None, refused("new", values, error, reader_of(request).words))
    return await to_thread.run_sync(_page, request, Made(body.name, body.role, secret))


def _fields(values: dict[str, str]) -> dict[str, object]:
    """What the form says. Raises BadInput for a mapping that is no JSON object."""
    body = body_of(values)
    if "mapping" in body:
        try:
            body["mapping"] = json.loads(str(body["mapping"]))
        except ValueError:
            raise BadInput(Fault("/mapping", why("access.no_json"))) from None
    return body


@needs(Role.ADMIN)
async def revoke(request: Request) -> Response:
    name = request.path_params["name"]
    if not await to_thread.run_sync(gate_of(request).keys.revoke, name):
        raise Unknown("key", name[:60])
    return RedirectResponse(PATH, 303)


def _page(request: Request, made: Made | None = None, form: Form | None = None) -> HTMLResponse:
    house, reader = house_of(request), reader_of(request)
    keys = gate_of(request).keys.every()
    units: Sequence[tuple[str, str]] = [
        (unit.id, reader.text(unit.name)) for unit in house.directory.organisation().units
    ]
    return page(
        request,
        "keys.html",
        status=form.status if form else 201 if made else 200,
        keys=[key for key in keys if key.revoked_at is None],
        revoked=[key for key in keys if key.revoked_at is not None],
        made=made,
        form=form,
        roles=[(role, reader.words.t(f"role.{role}")) for role in ROLES],
        units=units,
        unit_names=dict(units),
        formats=tuple(TRANSLATORS),
        url=house.settings.public_url.rstrip("/"),
    )


ROUTES: Final = [
    Route(PATH, show),
    Route(PATH, add, methods=["POST"]),
    Route(f"{PATH}/{{name}}/revoke", revoke, methods=["POST"]),
]
