"""SMS and voice through Twilio.

The status callback carries the send's own id, so that a receipt that overtakes our commit, or outlives a crash
between sending and settling, still finds its send.
"""

from __future__ import annotations

import zlib
from collections.abc import Awaitable
from datetime import timedelta
from typing import Any, Final, assert_never

from twilio.base.exceptions import TwilioRestException, TwilioServiceException
from twilio.rest import Client

from incident.errors import why
from incident.notify.channels import Outgoing, SendFailed, Sent
from incident.notify.retries import BUSY, NO_ANSWER, REFUSED, SUSPENDED, Action, Blame, Outcome, outcome
from incident.notify.twilio_account import STATUS_PATH, VOICE_PATH, TwilioAccount
from incident.notify.twilio_http import Busy, NoRoom, PooledHttpClient
from incident.notify.twiml import page_call
from incident.organisation.people import WayKind

_NO_CALLER: Final = Outcome(Action.BROKEN, Blame.ACCOUNT, why("page.failed.no_caller"), alarm=True)
_SHORTEST_LIFE_S: Final = 6  # Twilio recommends more than 5
_LONGEST_LIFE_S: Final = 36_000
_RING_S: Final = 30
"""Seconds a phone may ring. Twilio's default of 60 reaches most mailboxes, which answer and prove nothing."""


class TwilioChannel:
    """A `Channel`, with up to `account.in_flight` requests under way at once, all of them on one event loop."""

    provider: Final = "twilio"

    def __init__(self, account: TwilioAccount) -> None:
        self._account = account
        self._service, self._numbers = account.service, account.numbers
        self._http = PooledHttpClient(timeout=account.timeout_s, pool=account.in_flight, base_url=account.base_url)
        client = Client(account.sid, account.token, http_client=self._http, environment={"TWILIO_REGION": ""})
        self._accounts = client.api.accounts
        self._messages = client.messages
        self._calls = client.calls

    def __repr__(self) -> str:
        return f"TwilioChannel({self._account.sid})"

    async def close(self) -> None:
        await self._http.close()

    async def send(self, message: Outgoing) -> Sent:
        """Hand it over. Raises SendFailed, without the provider's words: they contain the person's number."""
        created = await self._asked(self._create(message))
        if not created.sid:
            raise SendFailed(NO_ANSWER)
        return Sent(str(created.sid), str(created.status))

    async def probe(self) -> None:
        """Whether it answers to us: by asking for our own account. Raises SendFailed."""
        account = await self._asked(self._accounts(self._account.sid).fetch_async())
        if str(account.status) != "active":
            raise SendFailed(SUSPENDED)

    async def _asked(self, request: Awaitable[Any]) -> Any:
        try:
            return await request
        except Busy as busy:
            raise SendFailed(outcome(None, busy.status), status=busy.status, retry_after=busy.retry_after) from None
        except NoRoom:
            raise SendFailed(BUSY) from None
        except (TwilioRestException, TwilioServiceException) as refusal:
            code = refusal.code if isinstance(refusal.code, int) else None
            raise SendFailed(outcome(code, refusal.status), code=code, status=refusal.status) from None
        except (TimeoutError, OSError, ValueError):  # no answer, or one that is not JSON
            raise SendFailed(NO_ANSWER) from None

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
                keys = self._account.url(VOICE_PATH, send=message.id) if message.asks else None
                return await self._calls.create_async(
                    to=message.to,
                    from_=self._caller(message.to),
                    twiml=page_call(message.body, message.locale, keys),
                    timeout=_RING_S,
                    status_callback=status_url,
                    status_callback_event=["initiated", "ringing", "answered", "completed"],
                )
            case WayKind.MAIL | WayKind.CHAT:
                raise SendFailed(REFUSED)
            case _:
                assert_never(message.way)

    def _sender(self, to: str) -> dict[str, str]:
        return {"messaging_service_sid": self._service} if self._service else {"from_": self._caller(to)}

    def _caller(self, to: str) -> str:
        """Always the same number for one person: replies thread, and STOP and START concern one pair of numbers."""
        if not self._numbers:
            raise SendFailed(_NO_CALLER)
        return self._numbers[zlib.crc32(to.encode()) % len(self._numbers)]


def _life(valid_for: timedelta) -> int:
    return int(min(max(valid_for.total_seconds(), _SHORTEST_LIFE_S), _LONGEST_LIFE_S))
