"""A report: what somebody or something says has happened, before it is graded.

Every door (API, hooks, form, SMS) makes one of these. Machines rarely know the place or the product; what they
leave out is listed as missing and completed later. A person at a desk can be asked, so for them it is required,
except in a Critical, which may open with what there is.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from incident.levels import Degree, Kind, Level

Short = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Long = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]
Key = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=255)]


class Channel(StrEnum):
    """The door by which a report came."""

    API = "api"
    MONITOR = "monitor"
    DEVICE = "device"
    PHONE = "phone"
    EMAIL = "email"
    WEB = "web"
    APP = "app"
    WECHAT = "wechat"
    SOCIAL = "social"
    ON_SITE = "on_site"
    LETTER = "letter"
    FAX = "fax"
    SMS = "sms"


class Source(StrEnum):
    """Who noticed: a customer, a system's alarm or somebody inside."""

    CUSTOMER = "customer"
    SYSTEM = "system"
    INTERNAL = "internal"


MACHINES: Final = frozenset({Channel.API, Channel.MONITOR, Channel.DEVICE, Channel.SMS})
"""Channels that cannot be asked back: what they leave out is completed later instead of refused."""

ELEMENTS: Final = ("place", "product", "symptom", "scope")
"""The elements every report should have besides time and title (S14)."""


class Report(BaseModel):
    """One report. Times are aware; `at` is when it happened, None for now."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: Short
    kind: Kind = Kind.OTHER
    impact: Degree | None = None
    urgency: Degree | None = None
    level: Level | None = None
    at: AwareDatetime | None = None
    place: Short | None = None
    product: Short | None = None
    serial: Short | None = None
    symptom: Long | None = None
    scope: Short | None = None
    reporter: Short | None = None
    contact: Short | None = None
    customer: Short | None = None
    service: Short | None = None
    channel: Channel = Channel.API
    source: Source = Source.INTERNAL
    dedup_key: Key | None = None
    policy: Key | None = None
    unit: Key | None = None
    injury: bool = False
    major: bool = False
    labels: Annotated[dict[Key, Annotated[str, StringConstraints(max_length=1000)]], Field(max_length=64)] = {}
    links: Annotated[
        tuple[Annotated[str, StringConstraints(max_length=2000, pattern=r"^https?://")], ...], Field(max_length=10)
    ] = ()

    def missing(self) -> tuple[str, ...]:
        """The elements of a full report that this one lacks: the incident's list to complete."""
        return tuple(name for name in ELEMENTS if getattr(self, name) is None)

    def words(self) -> str:
        """All free text in lower case, for playbooks that match by words."""
        parts = (self.title, self.symptom, self.scope, self.product, *self.labels.values())
        return " ".join(part for part in parts if part).lower()


class Recovery(BaseModel):
    """A monitor says that what it reported under `dedup_key` is over. Noted; resolves what nobody has taken."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    dedup_key: Key
    at: datetime | None = None
    note: Long | None = None


class RemoteAck(BaseModel):
    """A monitor says that somebody acknowledged there (PagerDuty). Noted; it is no answer of a rostered person."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    dedup_key: Key
    note: Long | None = None


Signal = Report | Recovery | RemoteAck
"""What a translator of incoming payloads yields."""
