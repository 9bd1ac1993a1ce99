"""The log, line by line, as people and programs read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Any, Final

from incident.clock import iso
from incident.errors import Reason
from incident.events import Entry
from incident.record.row import name_of
from incident.record.shapes import EntryView
from incident.record.view import Reader

ACTS: Final = frozenset(
    {"reported", "regraded", "report_amended", "merged", "acknowledged", "declined", "command_offered", "step_started"}
    | {"step_finished", "step_failed", "step_skipped", "step_added", "updated", "noted", "risk_assessed", "resolved"}
    | {"resource_requested", "findings_recorded", "verified", "closeout_ticked", "followed_up", "closed", "reopened"}
    | {"communication_judged"}
)
"""Kinds whose sentence goes on from the name of who did it; the others are statements of their own."""


def entry_view(entry: Entry, drill: str | None, reader: Reader) -> EntryView:
    """One entry with its own fields; people in them get their names beside them (`person` and `person_name`)."""
    return EntryView(
        position=entry.position,
        incident=entry.incident,
        seq=entry.seq,
        at=entry.at,
        by=entry.by,
        by_name=speaker(entry.by, reader),
        kind=entry.kind,
        drill=drill,
        fields=_fields(entry.event, reader),
    )


def speaker(by: str, reader: Reader) -> str | None:
    """Who wrote an entry, by name: a person's, or the key's own; who runs a drill or is played in it by what they are.
    None for the clock."""
    sort, _, name = by.partition(":")
    if sort == "drill":
        return str(reader.words.say("drill_by", name))
    if sort == "person":
        return name_of(name, reader.organisation)
    return name or None


def _fields(event: object, reader: Reader) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for field in fields(event):  # type: ignore[arg-type]  # every event is a dataclass
        value = getattr(event, field.name)
        found[field.name] = _plain(value, reader)
        if field.name in ("person", "to", "of") and isinstance(value, str):
            found[f"{field.name}_name"] = name_of(value, reader.organisation)
        if field.name == "playbook" and reader.playbook and reader.playbook.id == value:
            found["playbook_name"] = reader.playbook.name.for_locale(reader.words.locale)
    return found


def _plain(value: object, reader: Reader) -> Any:
    """JSON-ready. A reason becomes its key, parameters and sentence."""
    if isinstance(value, Reason):
        return {"key": value.key, "params": dict(value.params), "text": reader.sentence(value)}
    if isinstance(value, datetime):
        return iso(value)
    if is_dataclass(value):
        return _fields(value, reader)
    if isinstance(value, Mapping):
        return {str(k): _plain(v, reader) for k, v in value.items()}
    if isinstance(value, tuple | list | frozenset):
        return [_plain(v, reader) for v in value]
    return str(value) if isinstance(value, str) else value
