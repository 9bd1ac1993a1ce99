"""The Twilio account of an installation: who sends, where Twilio reaches us, and which webhooks are truly Twilio's.

Apart from the channel, so that whoever only listens to Twilio need not load what speaks to it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote_plus

from twilio.request_validator import RequestValidator

ACCOUNT_SID: Final = re.compile(r"AC[0-9a-fA-F]{32}")
SERVICE_SID: Final = re.compile(r"MG[0-9a-fA-F]{32}")
NUMBER: Final = re.compile(r"\+[1-9]\d{6,14}")

STATUS_PATH: Final = "/hooks/twilio/status"
VOICE_PATH: Final = "/hooks/twilio/voice"
SMS_PATH: Final = "/hooks/twilio/sms"


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
        asked = "&".join([f"{name}={quote_plus(value)}" for name, value in query.items()])
        return self.public_url.rstrip("/") + path + (f"?{asked}" if asked else "")


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
