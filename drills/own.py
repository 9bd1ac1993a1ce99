"""Scripts of one's own, beside those that come with the product: kept in the directory, each save in its own version.

What is kept is what `drill lint` finds clean, so that whoever starts one is not the first to find out. Taking one away
leaves an empty version: drills that were played by it carry their script with them.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from drills.script.lint import Finding, Shelf, lint
from drills.script.model import Script
from drills.script.reader import Written, read_script, shipped
from drills.script.writing import as_yaml
from incident.errors import BadInput, Fault, Refused, Unknown, why
from incident.store import directory

_NAMED: Final = "script:"


def listed(connection: Connection) -> list[Script]:
    """By name."""
    return [Script.load(one.body) for one in directory.beginning(connection, _NAMED) if one.body]


def find(connection: Connection, name: str) -> Script:
    """Raises Unknown."""
    saved = directory.get(connection, _NAMED + name)
    if saved is None or not saved.body:
        raise Unknown("script", name[:60])
    return Script.load(saved.body)


def keep(connection: Connection, written: Written, shelf: Shelf, at: datetime, by: str) -> int:
    """Its version; the same text again changes nothing. Raises Refused for the name of a shipped one, BadInput with
    what the lint finds."""
    script = written.script
    if script.id in shipped():
        raise Refused(why("drill.own.shipped", script=script.id))
    if findings := lint([written], shelf):
        raise BadInput(*(Fault(_place(finding), finding.reason) for finding in findings))
    return directory.put(connection, _NAMED + script.id, script.dump(), expected=None, at=at, by=by)


def keep_made(connection: Connection, script: Script, shelf: Shelf, at: datetime, by: str) -> int:
    """One that was not read from a file: lines are those of the file that it would be."""
    return keep(connection, read_script(as_yaml(script), f"{script.id}.yaml"), shelf, at, by)


def take_away(connection: Connection, name: str, at: datetime, by: str) -> None:
    """Raises Unknown."""
    find(connection, name)
    directory.put(connection, _NAMED + name, "", expected=None, at=at, by=by)


def _place(finding: Finding) -> str:
    return f"{finding.file}:{finding.line}:{finding.column}"
