"""SMS and voice through Twilio.

The status callback carries the send's own id, so that a receipt that overtakes our commit, or outlives a crash
between sending and settling, still finds its send.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final, assert_never
from urllib.parse import urlencode

from aiohttp import ClientError
from twilio.base.exceptions import TwilioRestException, TwilioServiceException
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from incident.errors import why
from incident.notify.channels import Outgoing, SendFailed, Sent
from incident.notify.retries import NO_ANSWER, REFUSED, Action, Blame, Outcome, outcome
from incident.notify.twilio_http import Busy, PooledHttpClient
from incident.notify.twiml import page_call
from incident.organisation.people import WayKind

ACCOUNT_SID: Final = re.compile(r"AC[0-9a-fA-F]{32}")
SERVICE_SID: Final = re.compile(r"MG[0-9a-fA-F]{32}")
NUMBER: Final = re.compile(r"\+[1-9]\d{6,14}")

STATUS_PATH: Final = "/hooks/twilio/status"
VOICE_PATH: Final = "/hooks/twilio/voice"
SMS_PATH: Final = "/hooks/twilio/sms"

_NO_CALLER: Final = Outcome(Action.BROKEN, Blame.ACCOUNT, why("page.failed.no_caller"), alarm=True)
_SHORTEST_LIFE_S: Final = 6  # Twilio recommends more than 5
_LONGEST_LIFE_S: Final = 36_000
_RING_S: Final = 30
"""Seconds a phone may ring. Twilio's default of 60 reaches most mailboxes, which answer and prove nothing."""


@dataclass(frozen=True, slots=True)
class TwilioAccount:
    """`senders` are numbers, a messaging service (MG...) or both: texts prefer the service, calls need a number.

    `public_url` is where Twilio reaches us. Raises ValueError that names what is wrong, never the token.
    """

    sid: str
    token: str = field(repr=False)
    senders: tuple[str, ...]
    public_url: str
    base_url: str | None = None
    in_flight: int = 128
    timeout_s: float = 5.0

    def __post_init__(self) -> None:
        if not ACCOUNT_SID.fullmatch(self.sid):
            raise ValueError("the Twilio account SID is AC and 32 hex digits")
        if not self.token:
            raise ValueError("the Twilio auth token is empty")
        wrong = [s for s in self.senders if not (SERVICE_SID.fullmatch(s) or NUMBER.fullmatch(s))]
        if wrong or not self.senders:
            raise ValueError(f"a Twilio sender is a number like +15005550006 or MG and 32 hex digits, not {wrong}")

    @property
    def service(self) -> str | None:
        return next((s for s in self.senders if s.startswith("MG")), None)

    @property
    def numbers(self) -> tuple[str, ...]:
        return tuple(s for s in self.senders if s.startswith("+"))

    def url(self, path: str, **query: str) -> str:
        """The address of a hook as Twilio knows it."""
        return self.public_url.rstrip("/") + path + (f"?{urlencode(query)}" if query else "")


class TwilioChannel:
    """A `Channel`, with up to `account.in_flight` requests under way at once, all of them on one event loop."""

    provider: Final = "twilio"

    def __init__(self, account: TwilioAccount) -> None:
        self._account = account
        self._http = PooledHttpClient(timeout=account.timeout_s, pool=account.in_flight, base_url=account.base_url)
        client = Client(account.sid, account.token, http_client=self._http, environment={"TWILIO_REGION": ""})
        self._messages = client.messages
        self._calls = client.calls

    def __repr__(self) -> str:
        return f"TwilioChannel({self._account.sid})"

    async def close(self) -> None:
        await self._http.close()

    async def send(self, message: Outgoing) -> Sent:
        """Hand it over. Raises SendFailed, without the provider's words: they contain the person's number."""
        try:
            created = await self._create(message)
        except Busy as busy:
            raise SendFailed(outcome(None, busy.status), status=busy.status, retry_after=busy.retry_after) from None
        except (TwilioRestException, TwilioServiceException) as refusal:
            code = refusal.code if isinstance(refusal.code, int) else None
            raise SendFailed(outcome(code, refusal.status), code=code, status=refusal.status) from None
        except (ClientError, TimeoutError, OSError, ValueError):  # no answer, or one that is not JSON
            raise SendFailed(NO_ANSWER) from None
        if not created.sid:
            raise SendFailed(NO_ANSWER)
        return Sent(str(created.sid), str(created.status))

    async def _create(self, message: Outgoing) -> Any:
        status_url = self._account.url(STATUS_PATH, send=message.id)
        match message.way:
            case WayKind.SMS:
                return await self._messages.create_async(
                    to=message.to,
                    body=message.body,
                    validity_period=_life(message.valid_for),
                    status_callback=status_url,
                    **self._sender(message.to),
                )
            case WayKind.VOICE:
                return await self._calls.create_async(
                    to=message.to,
                    from_=self._caller(message.to),
                    twiml=page_call(message.body, message.locale, self._account.url(VOICE_PATH, send=message.id)),
                    timeout=_RING_S,
                    status_callback=status_url,
                    status_callback_event=["initiated", "ringing", "answered", "completed"],
                )
            case WayKind.MAIL:
                raise SendFailed(REFUSED)
            case _:
                assert_never(message.way)

    def _sender(self, to: str) -> dict[str, str]:
        service = self._account.service
        return {"messaging_service_sid": service} if service else {"from_": self._caller(to)}

    def _caller(self, to: str) -> str:
        """Always the same number for one person: replies thread, and STOP and START concern one pair of numbers."""
        numbers = self._account.numbers
        if not numbers:
            raise SendFailed(_NO_CALLER)
        return numbers[zlib.crc32(to.encode()) % len(numbers)]


def _life(valid_for: timedelta) -> int:
    return int(min(max(valid_for.total_seconds(), _SHORTEST_LIFE_S), _LONGEST_LIFE_S))


class Signatures:
    """Tells Twilio's own webhooks from others, by the address that we gave to Twilio.

    Never by the address of the request: behind a proxy it is another one, and its Host header is anybody's.
    """

    def __init__(self, account: TwilioAccount) -> None:
        self._account = account
        self._validator = RequestValidator(account.token)

    def valid(self, path: str, query: str, form: Mapping[str, str], signature: str | None) -> bool:
        """`path` is one of the hook paths, `query` the raw query string, `form` the posted fields (a multi-dict
        with `getlist` keeps doubled ones)."""
        if not signature or not signature.isascii():
            return False
        url = self._account.url(path) + (f"?{query}" if query else "")
        return bool(self._validator.validate(url, form, signature))
