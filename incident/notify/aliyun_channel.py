"""Texts to mainland China through Alibaba Cloud (Dysmsapi 2017-05-25, SendSms): approved words under a signature.

Each text bears the send's own id as OutId, so that a report that overtakes our commit, or outlives a crash between
sending and settling, still finds its send. Alibaba Cloud knows no idempotency: what is tried again may come twice.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from aiohttp import ClientError, ClientSession, ClientTimeout, DummyCookieJar, TCPConnector
from yarl import URL

from incident.clock import Clock
from incident.notify.aliyun_account import AliyunAccount, national
from incident.notify.aliyun_outcomes import refusal
from incident.notify.aliyun_sign import query_of, signed_headers
from incident.notify.channels import Outgoing, SendFailed, Sent
from incident.notify.retries import NO_ANSWER, OUTAGES, REFUSED
from incident.notify.templates import Templates
from incident.notify.trust import authorities
from incident.organisation.people import WayKind

_VERSION: Final = "2017-05-25"
_KEPT_S: Final = 20.0


class AliyunChannel:
    """A `Channel` for texts. `nonce` gives a word that was never used before; `clock` dates the requests: Alibaba Cloud
    refuses one that is a quarter of an hour off."""

    provider: Final = "aliyun"

    def __init__(self, account: AliyunAccount, clock: Clock, *, nonce: Callable[[], str]) -> None:
        self._account, self._clock, self._nonce = account, clock, nonce
        self._base: Final = urlsplit(account.base_url)
        self._session: ClientSession | None = None
        host = self._base.hostname or ""
        self._proxy: Final = None if proxy_bypass(host) else getproxies().get(self._base.scheme)

    def __repr__(self) -> str:
        return f"AliyunChannel({self._account.key_id})"

    @property
    def templates(self) -> Templates:
        return self._account.templates

    async def send(self, message: Outgoing) -> Sent:
        """Hand it over. Raises SendFailed, without the provider's words: they may contain the person's number."""
        if message.way is not WayKind.SMS or message.template is None:
            raise SendFailed(REFUSED)
        answer = await self._asked(
            "SendSms",
            {
                "PhoneNumbers": national(message.to),
                "SignName": self._account.templates.signature,
                "TemplateCode": message.template,
                "TemplateParam": json.dumps(dict(message.params), ensure_ascii=False),
                "OutId": message.id,
            },
        )
        return Sent(str(answer.get("BizId") or f"aliyun-{message.id}"), "sent")

    async def probe(self) -> None:
        """Whether it answers to us: by asking for our signature, which costs nothing. Raises SendFailed."""
        try:
            await self._asked("GetSmsSign", {"SignName": self._account.templates.signature})
        except SendFailed as failed:
            unasked = failed.code in ("isp.RAM_PERMISSION_DENY", "Forbidden.RAM")  # may send, and may not ask
            if failed.outcome.reason.key in OUTAGES and not unasked:
                raise

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _asked(self, action: str, params: Mapping[str, str]) -> dict[str, Any]:
        """The answer of a request that was accepted."""
        query = query_of(params)
        url = URL(f"{self._base.scheme}://{self._base.netloc}/?{query}", encoded=True)
        headers = signed_headers(
            key_id=self._account.key_id,
            secret=self._account.key_secret,
            method="POST",
            host=self._base.netloc,
            action=action,
            version=_VERSION,
            query=query,
            at=self._clock.now(),
            nonce=self._nonce(),
        )
        try:
            async with self._opened().post(url, headers=headers, allow_redirects=False, proxy=self._proxy) as answer:
                status, found = answer.status, json.loads(await answer.text())
        except (ClientError, TimeoutError, OSError, ValueError):
            raise SendFailed(NO_ANSWER) from None
        code = str(found.get("Code")) if isinstance(found, dict) else None
        if status != 200 or code != "OK":
            raise SendFailed(refusal(code, status), code=code, status=status)
        return dict(found)

    def _opened(self) -> ClientSession:
        if self._session is None:
            secure = self._base.scheme == "https"
            self._session = ClientSession(
                connector=TCPConnector(
                    limit=self._account.in_flight, keepalive_timeout=_KEPT_S, ssl=authorities() if secure else True
                ),
                timeout=ClientTimeout(total=self._account.timeout_s),
                cookie_jar=DummyCookieJar(),
            )
        return self._session
