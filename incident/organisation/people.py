"""People and the ways to reach them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import cached_property
from hashlib import sha256
from typing import Annotated, Final, Literal, assert_never

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationInfo, field_validator

from incident.calendars import ZoneName
from incident.levels import Level
from incident.organisation.chat_address import chat_address, masked
from incident.organisation.phone_number import phone_number
from incident.organisation.skills import Skill
from incident.roster import Slug, TimeOff

_MAILBOX: Final = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;]+")


def mailbox(text: str) -> str:
    """The address without the space around it. Raises ValueError for what no mail could be sent to."""
    address = text.strip()
    if not _MAILBOX.fullmatch(address):
        raise ValueError("this is no e-mail address: write one such as name@example.com")
    return address


Email = Annotated[str, StringConstraints(max_length=254), AfterValidator(mailbox)]
Short = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]

VOICE_DELAY_S: Final = 120
"""A call follows the text after two minutes, if that was not answered."""
CRITICAL_VOICE_DELAY_S: Final = 60
"""For a Critical after one: nobody has longer than a minute before the next way is tried."""
LONGEST_DELAY_S: Final = 3600

NEVER: Final = "never"
Delay = Annotated[int, Field(ge=0, le=LONGEST_DELAY_S)]


class Role(StrEnum):
    """What somebody may do here. Each role may do what the one before it may."""

    VIEWER = "viewer"
    RESPONDER = "responder"
    COMMANDER = "commander"
    ADMIN = "admin"

    @property
    def rank(self) -> int:
        """0 for viewer up to 3 for admin."""
        return list(Role).index(self)


class WayKind(StrEnum):
    """The means by which a message goes out."""

    SMS = "sms"
    VOICE = "voice"
    MAIL = "mail"
    CHAT = "chat"


class Way(BaseModel):
    """One way to a person. Numbers are kept in E.164. A chat's address is a secret: whatever is shown takes `shown`.

    `delay_s` is the wait in seconds after the page was ordered, at every level that `delays` does not name; None is the
    wait that is usual for the kind and the level. `delays` may say "never" for a level.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: WayKind
    address: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=1000), Field(repr=False)]
    delay_s: Delay | None = None
    delays: Mapping[Level, Delay | Literal["never"]] = Field(default_factory=dict)

    @field_validator("address")
    @classmethod
    def _normal(cls, address: str, info: ValidationInfo) -> str:
        kind: WayKind | None = info.data.get("kind")
        match kind:
            case WayKind.SMS | WayKind.VOICE:
                return phone_number(address)
            case WayKind.MAIL:
                if len(address) > 254:
                    raise ValueError("an e-mail address has at most 254 characters")
                return mailbox(address)
            case WayKind.CHAT:
                return chat_address(address)
            case None:
                return address  # the kind is wrong, which is said at the kind
            case _:
                assert_never(kind)

    @property
    def shown(self) -> str:
        """The address as it may be shown to those who may see addresses at all."""
        return masked(self.address) if self.kind is WayKind.CHAT else self.address

    @cached_property
    def digest(self) -> str:
        """Stands for the address where the address itself must not stand: in facts, in paths, in logs."""
        return sha256(self.address.encode()).hexdigest()[:16]

    @property
    def name(self) -> str:
        """Which of a person's ways it is, for as long as its address stays: `sms-0f3a...`."""
        return f"{self.kind}-{self.digest}"

    def after(self, level: Level, *, texts: bool) -> int | None:
        """Seconds from a page of that level until this way is tried, None where the level leaves it out.

        Unless somebody says otherwise a call follows the text for Critical and High, and where the person has `texts`
        nobody is called for less.
        """
        said = self.delays.get(level)
        if said is not None:
            return None if said == NEVER else said
        if self.kind is not WayKind.VOICE:
            return self.delay_s or 0
        if texts and level not in (Level.CRITICAL, Level.HIGH):
            return None
        if self.delay_s is not None:
            return self.delay_s
        return CRITICAL_VOICE_DELAY_S if level is Level.CRITICAL else VOICE_DELAY_S


class Person(BaseModel):
    """Somebody who works here. `timezone` decides what counts as night for them. While they have time off they stand on
    no roster, whatever names them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Slug
    name: Short
    locale: Literal["en", "zh_Hans", "zh_Hant"] = "en"
    timezone: ZoneName
    unit: Slug
    role: Role = Role.RESPONDER
    email: Email | None = None
    ways: tuple[Way, ...] = ()
    skills: tuple[Skill, ...] = ()
    time_off: Annotated[tuple[TimeOff, ...], Field(max_length=500)] = ()

    @property
    def numbers(self) -> frozenset[str]:
        """The phone numbers of all ways."""
        return frozenset(way.address for way in self.ways if way.kind in (WayKind.SMS, WayKind.VOICE))
