"""What a provider can do in a country: whether it carries a way at all, a reply comes back, a link gets through.

The words of a page follow from it: nobody is told to reply where replies go nowhere. Sources: Twilio's SMS
guidelines for CN, IN and SG (two-way: no; CN wants registered templates, IN replaces the sender) and its calling
rules for CN, where voice needs an account that Twilio has vetted; Alibaba Cloud's rules for mainland texts (every text
is an approved template with its parameters under an approved signature; links and replies need approvals of their own,
which are not assumed).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import phonenumbers

from incident.organisation.people import WayKind


@dataclass(frozen=True, slots=True)
class Capabilities:
    """`cost` is relative: 1 is the cheapest text of the table, so that ways can be put in order."""

    sms: bool = True
    voice: bool = True
    two_way: bool = True
    url_ok: bool = True
    template_required: bool = False
    voice_keys: bool = True
    cost: int = 1

    def carries(self, way: WayKind) -> bool:
        """Whether messages of that way go there at all; what is no phone has no country."""
        return {WayKind.SMS: self.sms, WayKind.VOICE: self.voice}.get(way, True)


EVERYTHING: Final = Capabilities()

ELSEWHERE: Final = "*"

TABLE: Final[Mapping[str, Mapping[str, Capabilities]]] = {
    "simulated": {ELSEWHERE: Capabilities(cost=0)},
    "twilio": {
        "US": Capabilities(cost=1),
        "CA": Capabilities(cost=1),
        "CN": Capabilities(two_way=False, url_ok=False, template_required=True, cost=5),
        "IN": Capabilities(two_way=False, cost=8),
        "SG": Capabilities(two_way=False, cost=5),
        ELSEWHERE: Capabilities(cost=6),
    },
    "aliyun": {
        "CN": Capabilities(voice=False, two_way=False, url_ok=False, template_required=True, cost=1),
        ELSEWHERE: Capabilities(sms=False, voice=False),
    },
    "smtp": {ELSEWHERE: Capabilities(two_way=False, voice_keys=False, cost=0)},
    "chat": {ELSEWHERE: Capabilities(two_way=False, voice_keys=False, cost=0)},
}
"""A mail and a chat answer nothing by themselves: their link is the way back."""


@lru_cache(maxsize=4096)
def region(number: str) -> str | None:
    """The country of an E.164 number (`CN`), None if it belongs to none or is no number."""
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        return None


def country(address: str) -> str:
    """The country of a number as the table names it: `CN`, or `*` for every other and for what is no number."""
    return region(address) or ELSEWHERE


def capabilities(provider: str, number: str) -> Capabilities:
    """What `provider` can do for this number. Raises KeyError for a provider that the table lacks."""
    return in_country(provider, country(number))


def in_country(provider: str, land: str) -> Capabilities:
    rows = TABLE[provider]
    return rows.get(land, rows[ELSEWHERE])
