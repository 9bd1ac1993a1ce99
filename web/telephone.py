"""The provider's webhooks: texts, key presses, receipts. Only what bears the provider's signature is read.

They exist only while a provider is configured. An answer is given after the commit; when the store is down the answer
is an error, and the provider comes again.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Final, cast

from anyio import to_thread
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from incident.errors import Unknown, why
from incident.notify.inbound import Inbound, Said
from incident.notify.receiving import received
from incident.notify.replies import Ack, Decline, Wish
from incident.notify.twilio_account import SMS_PATH, STATUS_PATH, VOICE_PATH, Signatures, TwilioAccount
from incident.notify.twiml import DECLINE_KEY, TAKE_KEY, ask_again, speak, text_back
from incident.settings import Settings
from incident.store import sends
from incident.store.engine import changing, reading
from incident.store.outbox import Outgoing
from web.endpoint import Endpoint
from web.house import House, house_of
from web.problems import Forbidden, unsupported

_WAIT_S: Final = 10.0
_KEYS: Final[Mapping[str, Wish]] = {TAKE_KEY: Ack(), DECLINE_KEY: Decline()}


class Telephone:
    """The configured account, its signatures and who answers."""

    def __init__(self, house: House, account: TwilioAccount) -> None:
        self.account: Final = account
        self.signatures: Final = Signatures(account)
        self.inbound: Final = Inbound(engine=house.engine, desk=house.desk, clock=house.clock, provider="twilio")


def telephone_of(house: House) -> Telephone | None:
    """None without a provider."""
    settings: Settings = house.settings
    if settings.twilio_account_sid is None or settings.twilio_auth_token is None:
        return None
    account = TwilioAccount(
        sid=settings.twilio_account_sid,
        token=settings.twilio_auth_token.get_secret_value(),
        senders=settings.twilio_from,
        public_url=settings.public_url,
        base_url=settings.twilio_base_url,
    )
    return Telephone(house, account)


async def sms(request: Request) -> Response:
    """A text. Its answer rides on ours."""
    phone, form = await _signed(request, SMS_PATH)
    organisation = house_of(request).directory.organisation()
    number, body, sid = (str(form.get(name, "")) for name in ("From", "Body", "MessageSid"))
    taken_for = str(form.get("OptOutType", ""))
    reply = partial(phone.inbound.text, organisation, number, body, sid or None, carrier=taken_for)
    answer = await to_thread.run_sync(reply)
    return _markup(text_back(answer.text))


async def voice(request: Request) -> Response:
    """A key pressed in the call about a message of ours."""
    phone, form = await _signed(request, VOICE_PATH)
    house = house_of(request)
    found = await to_thread.run_sync(_send, house, request.query_params.get("send", ""))
    organisation = house.directory.organisation()
    person = organisation.person(found.person) if found else None
    if found is None or person is None:
        raise Unknown("call", request.query_params.get("send", "")[:20])
    wish = _KEYS.get(str(form.get("Digits", "")))
    if wish is None:
        return _markup(ask_again(person.locale, phone.account.url(VOICE_PATH, send=str(found.id))))
    said = Said(person, str(form.get("To", "")), "voice", _call_id(form))
    answer = await to_thread.run_sync(phone.inbound.key, organisation, said, found.incident, wish)
    return _markup(speak(answer.text or "", person.locale))


async def status(request: Request) -> Response:
    """A receipt. Answered once it is written; what it means for the incident is the desk's next command."""
    _, form = await _signed(request, STATUS_PATH)
    house = house_of(request)
    state = str(form.get("MessageStatus") or form.get("CallStatus") or "")
    provider_id = str(form.get("MessageSid") or form.get("CallSid") or "") or None
    code = str(form.get("ErrorCode") or "")

    organisation = house.directory.organisation()

    def take() -> None:
        with changing(house.engine) as connection:
            acts = received(
                connection,
                organisation,
                send=request.query_params.get("send"),
                provider_id=provider_id,
                status=state,
                code=int(code) if code.isascii() and code.isdecimal() else None,
                now=house.clock.now(),
            )
        for act in acts:
            house.desk.submit(act).result(_WAIT_S)

    await to_thread.run_sync(take)
    return Response(status_code=204)


async def _signed(request: Request, path: str) -> tuple[Telephone, FormData]:
    phone: Telephone | None = request.app.state.telephone
    if phone is None:
        raise unsupported("twilio")
    form = await request.form(max_files=0, max_fields=200)
    texts = FormData([(name, value) for name, value in form.multi_items() if isinstance(value, str)])
    signature = request.headers.get("x-twilio-signature")
    if not phone.signatures.valid(path, request.url.query, cast(Mapping[str, str], texts), signature):
        raise Forbidden(why("api.wrong_signature"))
    return phone, texts


def _send(house: House, send: str) -> Outgoing | None:
    if not (send.isascii() and send.isdecimal() and len(send) < 16):
        return None
    with reading(house.engine) as connection:
        return sends.get(connection, int(send))


def _call_id(form: FormData) -> str | None:
    """One call may bring several keys; the same key of the same call is the same answer."""
    sid = str(form.get("CallSid", ""))
    return f"{sid}/{form.get('Digits', '')}" if sid else None


def _markup(text: str) -> Response:
    return Response(text, media_type="text/xml")


ENDPOINTS: Final = (
    Endpoint("POST", SMS_PATH, sms, None, "telephone", "A text that came in, signed.", media="text/xml"),
    Endpoint("POST", VOICE_PATH, voice, None, "telephone", "A key pressed in a call, signed.", media="text/xml"),
    Endpoint("POST", STATUS_PATH, status, None, "telephone", "A receipt, signed.", status=204),
)
