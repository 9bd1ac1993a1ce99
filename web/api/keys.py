"""Keys of programs and integrations, for admins. A key itself is shown once, when it is made."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from anyio import to_thread
from pydantic import ValidationError
from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response

from incident.errors import BadInput, Fault, Unknown, why
from incident.intake.mapping import Mapping
from incident.organisation import Role
from incident.record.shapes import Instant
from web.auth import gate_of
from web.bodies import NewKey
from web.endpoint import Endpoint
from web.house import house_of
from web.wire import answered, body_of, faulty, listed


@dataclass(frozen=True, slots=True)
class KeyShown:
    """A key without its secret."""

    name: str
    role: str
    unit: str | None
    mapping: dict[str, Any] | None
    created_at: Instant
    revoked_at: Instant | None
    used_at: Instant | None


def get_list(request: Request) -> Response:
    keys = gate_of(request).keys.every()
    shown = [KeyShown(k.name, k.role, k.unit, k.mapping, k.created_at, k.revoked_at, k.used_at) for k in keys]
    return listed(KeyShown, shown)


async def post(request: Request) -> Response:
    body = await body_of(request, NewKey)
    secret = await make(request, body)
    return answered(to_json({"name": body.name, "role": body.role, "key": secret}), 201)


async def make(request: Request, body: NewKey) -> str:
    """The new key, which stands nowhere else. Raises BadInput for a unit or a mapping that cannot be, and Refused."""
    if body.unit is not None and house_of(request).directory.organisation().unit(body.unit) is None:
        raise BadInput(Fault("/unit", why("api.no_such_unit")))
    if body.mapping is not None:
        try:
            Mapping.model_validate(body.mapping)
        except ValidationError as error:
            raise faulty(error, "/mapping") from None
    keys = gate_of(request).keys
    return await to_thread.run_sync(partial(keys.make, **body.model_dump()))


async def delete(request: Request) -> Response:
    name = request.path_params["name"]
    if not await to_thread.run_sync(gate_of(request).keys.revoke, name):
        raise Unknown("key", name[:60])
    return Response(status_code=204)


ENDPOINTS: Final = (
    Endpoint(
        "GET", "/api/keys", get_list, Role.ADMIN, "keys", "All keys, without secrets.", answer=KeyShown, many=True
    ),
    Endpoint(
        "POST",
        "/api/keys",
        post,
        Role.ADMIN,
        "keys",
        "A new key. The answer is the only place where it ever stands.",
        body=NewKey,
        answer=dict[str, str],
        status=201,
    ),
    Endpoint("DELETE", "/api/keys/{name}", delete, Role.ADMIN, "keys", "Revoke a key, at once.", status=204),
)
