"""PagerDuty's Events API v2, so that whatever speaks to PagerDuty can speak to us.

The integration's key is in the body (`routing_key`), and the sender gets its `dedup_key` back as it gave it, or a new
one for a trigger that had none: both are in `Enqueue`, beside the signal. Strict where PagerDuty is strict: action,
severity, summary and source, and a key for acknowledge and resolve. `custom_details` may set what a monitor's
labels may (kind, place, product, impact, ...).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints, ValidationError
from pydantic_core import to_json

from incident.errors import BadInput, Fault, why
from incident.intake.drafting import compose, from_labels, moment, recovery
from incident.intake.reading import read, refusal
from incident.intake.wording import dedup_key
from incident.levels import Level
from incident.report import RemoteAck, Report, Signal

Given = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]

_LEVELS = {"critical": Level.CRITICAL, "error": Level.HIGH, "warning": Level.MEDIUM, "info": Level.LOW}


@dataclass(frozen=True, slots=True)
class Enqueue:
    """One event. `dedup_key` is the sender's own, to be returned; the signal's begins with `pagerduty:`."""

    routing_key: str
    dedup_key: str
    signal: Signal


class Payload(BaseModel):
    """The body of a trigger; of other events it is not read and may be anything. A timestamp without an offset
    counts as UTC, as PagerDuty's clients mean it."""

    model_config = ConfigDict(extra="ignore")

    summary: Given
    source: Given
    severity: Literal["critical", "error", "warning", "info"]
    timestamp: datetime | None = None
    component: str | None = None
    group: str | None = None
    class_: str | None = Field(default=None, alias="class")
    custom_details: JsonValue = None


class Link(BaseModel):
    """A link, or an image with where it leads."""

    model_config = ConfigDict(extra="ignore")

    href: str | None = None
    src: str | None = None


class Event(BaseModel):
    """The envelope. PagerDuty's own routing keys have 32 characters, ours are longer, so the length is not checked."""

    model_config = ConfigDict(extra="ignore")

    routing_key: Annotated[Given, Field(max_length=255)]
    event_action: Literal["trigger", "acknowledge", "resolve"]
    dedup_key: Annotated[str, StringConstraints(strip_whitespace=True, max_length=255)] | None = None
    payload: JsonValue = None
    client: str | None = None
    client_url: str | None = None
    links: list[Link] | None = None
    images: list[Link] | None = None


def enqueue(body: bytes, new_key: Callable[[], str]) -> Enqueue:
    """Translate an event; `new_key` names a trigger that came without a key. Raises BadInput."""
    event = read(Event, body)
    given = event.dedup_key or ""
    if not given and event.event_action != "trigger":
        raise BadInput(Fault("/dedup_key", why("intake.missing")))
    key = given or new_key()
    return Enqueue(event.routing_key, key, _signal(event, dedup_key("pagerduty", key)))


def _signal(event: Event, key: str) -> Signal:
    match event.event_action:
        case "trigger":
            return _report(event, key)
        case "acknowledge":
            return RemoteAck(dedup_key=key)
        case "resolve":
            return recovery(key, None)


def _report(event: Event, key: str) -> Report:
    if event.payload is None:
        raise BadInput(Fault("/payload", why("intake.missing")))
    try:
        payload = Payload.model_validate(event.payload)
    except ValidationError as error:
        raise refusal(error, "/payload") from None
    details = _details(payload.custom_details)
    own = {
        "source": payload.source,
        "severity": payload.severity,
        "component": payload.component,
        "group": payload.group,
        "class": payload.class_,
        "client": event.client,
    }
    found = from_labels(details) | {"level": _LEVELS[payload.severity]}
    return compose(
        pointer="/payload/summary",
        title=payload.summary,
        symptom=payload.custom_details if isinstance(payload.custom_details, str) else "",
        hint=payload.class_ or "",
        labels={**{name: value for name, value in own.items() if value}, **details},
        links=_links(event),
        dedup_key=key,
        at=_time(payload.timestamp),
        **found,
    )


def _details(details: JsonValue) -> dict[str, str]:
    """The details as labels; what is nested is kept as JSON text."""
    if not isinstance(details, dict):
        return {}
    return {name: value if isinstance(value, str) else _json(value) for name, value in details.items()}


def _json(value: Any) -> str:
    return to_json(value).decode()


def _links(event: Event) -> list[str]:
    links = [link.href for link in event.links or ()] + [image.href or image.src for image in event.images or ()]
    return [link for link in (event.client_url, *links) if link]


def _time(at: datetime | None) -> datetime | None:
    return moment(at if at is None or at.tzinfo is not None else at.replace(tzinfo=UTC))
