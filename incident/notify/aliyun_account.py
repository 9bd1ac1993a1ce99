"""The Alibaba Cloud account of an installation, and where its reports come in.

Apart from the channel, so that whoever only listens to it need not load what speaks to it.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from typing import Final

from incident.notify.templates import Templates

API: Final = "https://dysmsapi.aliyuncs.com"
HOOK: Final = "/hooks/aliyun/{secret}"
REPORTS_PATH: Final = HOOK + "/reports"
REPLIES_PATH: Final = HOOK + "/replies"
CHINA: Final = "+86"


@dataclass(frozen=True, slots=True)
class AliyunAccount:
    """`timeout_s` leaves time for another provider in the same breath."""

    key_id: str
    key_secret: str = field(repr=False)
    templates: Templates
    base_url: str = API
    timeout_s: float = 3.0
    in_flight: int = 128


def is_secret(given: str, secret: str) -> bool:
    """In constant time. The path is all that tells Alibaba Cloud from anybody: it signs nothing."""
    return hmac.compare_digest(given.encode(), secret.encode())


def national(number: str) -> str:
    """As Alibaba Cloud wants a mainland number: without the country."""
    return number.removeprefix(CHINA)


def e164(number: str) -> str:
    """As it comes back in a report: 138..., 86138... or with all of it."""
    digits = number.strip().lstrip("+")
    return CHINA + (digits.removeprefix("86") if len(digits) == 13 else digits)
