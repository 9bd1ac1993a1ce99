"""Alibaba Cloud's webhooks: delivery reports and texts that come back, in batches, behind a secret path.

It signs nothing, so the path is the proof: a key of ours, entered in its console as part of the address. They exist
only while the account and that key are configured. What is not answered with code 0 comes again.
"""

from __future__ import annotations

from functools import partial
from typing import Annotated, Final, TypeVar

from anyio import to_thread
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError
from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response

from incident.errors import BadInput, Fault, why
from incident.notify.aliyun_account import REPLIES_PATH, REPORTS_PATH, e164, is_secret
from incident.notify.inbound import Inbound
from incident.notify.receiving import received
from incident.store.engine import changing
from web.endpoint import Endpoint
from web.house import House, house_of
from web.problems import Forbidden, unsupported
from web.wire import answered

_WAIT_S: Final = 10.0
_MOST: Final = 1000

T = TypeVar("T")
Text = Annotated[str, StringConstraints(max_length=200)]


class Report(BaseModel):
    """One line of SmsReport: what became of one text. `out_id` is our send's id."""

    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)

    success: bool
    err_code: Text = ""
    biz_id: Text = ""
    out_id: Text = ""


class Reply(BaseModel):
    """One line of SmsUp: a text that somebody sent back."""

    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)

    phone_number: Text
    content: Annotated[str, StringConstraints(max_length=2000)]
    sequence_id: Text = ""


_REPORTS: Final = TypeAdapter(Annotated[list[Report], Field(max_length=_MOST)])
_REPLIES: Final = TypeAdapter(Annotated[list[Reply], Field(max_length=_MOST)])


async def reports(request: Request) -> Response:
    """Receipts. Answered once they are written; what they mean for the incidents is the desk's next command."""
    house = _known(request)
    await to_thread.run_sync(_take, house, _read(_REPORTS, await request.body()))
    return _taken()


async def replies(request: Request) -> Response:
    """Texts that came back. Nothing can be answered on this way; what they do is seen on the site."""
    house = _known(request)
    inbound = Inbound(engine=house.engine, desk=house.desk, clock=house.clock, provider="aliyun")
    organisation = house.directory.organisation()
    for one in _read(_REPLIES, await request.body()):
        message = f"aliyun-{one.sequence_id}" if one.sequence_id else None
        await to_thread.run_sync(partial(inbound.text, organisation, e164(one.phone_number), one.content, message))
    return _taken()


def _take(house: House, found: list[Report]) -> None:
    organisation = house.directory.organisation()
    with changing(house.engine) as connection:
        acts = [
            act
            for one in found
            for act in received(
                connection,
                organisation,
                send=one.out_id or None,
                provider_id=one.biz_id or None,
                status="delivered" if one.success else "undelivered",
                code=None if one.success else one.err_code or "UNKNOWN",
                now=house.clock.now(),
            )
        ]
    for act in acts:
        house.desk.submit(act).result(_WAIT_S)


def _known(request: Request) -> House:
    house = house_of(request)
    secret = house.settings.aliyun_hook_secret
    if secret is None or house.settings.aliyun_access_key_id is None:
        raise unsupported("aliyun")
    if not is_secret(request.path_params["secret"], secret.get_secret_value()):
        raise Forbidden(why("api.wrong_key"))
    return house


def _read(shape: TypeAdapter[list[T]], body: bytes) -> list[T]:
    try:
        return shape.validate_json(body)
    except ValidationError as error:
        place = "/".join(str(part) for part in error.errors(include_input=False, include_url=False)[0]["loc"])
        raise BadInput(Fault(f"/{place}", why("api.bad_report"))) from None


def _taken() -> Response:
    return answered(to_json({"code": 0, "msg": "接收成功"}))


_TAG: Final = "telephone"

ENDPOINTS: Final = (
    Endpoint("POST", REPORTS_PATH, reports, None, _TAG, "Alibaba Cloud's delivery reports.", answer=dict[str, object]),
    Endpoint("POST", REPLIES_PATH, replies, None, _TAG, "Texts that came back to it.", answer=dict[str, object]),
)
