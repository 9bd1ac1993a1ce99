"""Events to JSON and back, for ever: what was once written can be read by every later release.

Each kind has a version. To change a shape: raise the version in `VERSIONS`, add the step from the old one to
`UPCASTERS` (a field with a default needs only the identity), keep the old golden file in tests/store/golden and add
the new one.
A field that an older release does not know is ignored by it, so that two releases can run side by side.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from pydantic import TypeAdapter, ValidationError

from incident.errors import IncidentError
from incident.events import EVENTS, KINDS, Event, PlaybookStarted

Upcaster = Callable[[dict[str, Any]], dict[str, Any]]

VERSIONS: Final[Mapping[str, int]] = {"graded": 3, "regraded": 3, "paged": 2, "escalated": 2}
"""The version in which a kind is written today; a kind that is not named here is written in version 1."""


def _as_it_is(fields: dict[str, Any]) -> dict[str, Any]:
    """A field came with a default."""
    return fields


UPCASTERS: Final[Mapping[tuple[str, int], Upcaster]] = {
    ("graded", 1): _as_it_is,  # cadence.quiet_s: what was graded before never expires
    ("regraded", 1): _as_it_is,
    ("graded", 2): _as_it_is,  # the terms of a rung: what was pinned before has plain rungs
    ("regraded", 2): _as_it_is,
    ("paged", 1): _as_it_is,  # turns, repeats and remarks
    ("escalated", 1): _as_it_is,
}
"""From (kind, version) to the next version of that kind."""

_ADAPTERS: Final[dict[type[Event], TypeAdapter[Event]]] = {}
_WRITERS: Final[dict[type[Event], tuple[str, Callable[[Event], bytes]]]] = {}
_STARTED: Final[list[tuple[Event, Encoded]]] = []
"""The last start of a playbook, the longest text of all: incidents that start the same way share the event itself."""
_BY_KIND: Final[Mapping[str, type[Event]]] = {kind: event for event, kind in KINDS.items()}


class UnreadableEntry(IncidentError):
    """An entry that this release cannot read. Run the release that wrote it, or a newer one."""


class Encoded(NamedTuple):
    kind: str
    version: int
    body: str


def encode(event: Event) -> Encoded:
    """The event as its kind, version and JSON body. Equal events give equal text."""
    cls = type(event)
    writer = _WRITERS.get(cls)
    if writer is None:
        writer = _WRITERS[cls] = KINDS[cls], _adapter(cls).serializer.to_json
    kind, to_json = writer
    version = VERSIONS.get(kind, 1)
    if cls is not PlaybookStarted:
        return Encoded(kind, version, to_json(event).decode())
    if _STARTED and _STARTED[0][0] is event:
        return _STARTED[0][1]
    encoded = Encoded(kind, version, to_json(event).decode())
    _STARTED[:] = [(event, encoded)]
    return encoded


def decode(kind: str, version: int, body: str) -> Event:
    """The event as it was written, brought up to today's shape. Raises UnreadableEntry, which names what it met."""
    cls = _BY_KIND.get(kind)
    if cls is None:
        raise UnreadableEntry(f"no event of kind {kind!r} is known")
    today = VERSIONS.get(kind, 1)
    if version > today:
        raise UnreadableEntry(f"{kind} version {version} was written by a newer release; this one reads up to {today}")
    try:
        if version == today:
            return _adapter(cls).validate_json(body)
        return _adapter(cls).validate_python(_upcast(kind, version, today, body))
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise UnreadableEntry(f"{kind} version {version}: {where}: {first['msg']}") from error


def _upcast(kind: str, version: int, today: int, body: str) -> dict[str, Any]:
    fields: dict[str, Any] = json.loads(body)
    for step in range(version, today):
        upcaster = UPCASTERS.get((kind, step))
        if upcaster is None:
            raise UnreadableEntry(f"no way from {kind} version {step} to version {step + 1}")
        fields = upcaster(fields)
    return fields


def _adapter(cls: type[Event]) -> TypeAdapter[Event]:
    """Built on first use: building all of them takes a good part of a second."""
    adapter = _ADAPTERS.get(cls)
    if adapter is None:
        adapter = _ADAPTERS[cls] = TypeAdapter(cls)
    return adapter


def warm() -> None:
    """Build every adapter now, so that the first incident at night does not wait for it."""
    for cls in EVENTS:
        _adapter(cls)
