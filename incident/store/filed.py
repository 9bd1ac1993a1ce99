"""The organisation as a file: which version a dump was made from, what the last file said, and loading one over what
was changed on the site since."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import Connection, func, select

from incident.errors import Refused, why
from incident.organisation import Organisation
from incident.organisation.merging import Document, Merged, Part, merge
from incident.organisation.reader import unmasked
from incident.store import directory
from incident.store.tables import directory_history

FILED: Final = "organisation-file"
"""The register of what the last loaded file said, beside the version that came of it."""
_HEAD: Final = re.compile(r"^# organisation, version (\d+) ([0-9a-f]{12})$", re.MULTILINE)
_SHOWN: Final = 8

Save = Callable[[Organisation, int], int]
"""Saves an organisation over the version that stands; the answer is the new one."""


def head(saved: directory.Saved) -> str:
    """The first line of a dump: by it the file knows what it was made from."""
    return f"# organisation, version {saved.version} {_digest(saved.body)}\n"


def load(
    connection: Connection, file: Organisation, text: str, save: Save, *, at: datetime, by: str, replace: bool = False
) -> tuple[Part, ...]:
    """Load a file, whose words are `text`, and keep what was changed on the site since it was made or last loaded; the
    answer is what was kept. With `replace` the file alone counts, and the answer is what was lost by it.

    Raises Refused when file and site have changed the same thing, each in its own way.
    """
    saved = directory.get(connection, directory.ORGANISATION)
    if saved is None:
        _filed(connection, file, save(file, 0), at, by)
        return ()
    standing = Organisation.model_validate_json(saved.body)
    file = unmasked(file, lambda: standing)
    found = merge(_before(connection, saved, text), _document(standing), _document(file))
    if replace:
        _filed(connection, file, save(file, saved.version), at, by)
        return (*found.kept, *found.conflicts)
    if found.conflicts:
        raise Refused(why("load.conflict", parts=listed(tuple(found.conflicts))))
    _filed(connection, file, save(_both(found, file), saved.version), at, by)
    return tuple(found.kept)


def listed(parts: tuple[Part, ...]) -> str:
    """The parts by sort, id and fields; of many the first few and how many more."""
    more = f", +{len(parts) - _SHOWN}" if len(parts) > _SHOWN else ""
    return ", ".join(map(str, parts[:_SHOWN])) + more


def _both(found: Merged, file: Organisation) -> Organisation:
    return Organisation.model_validate(found.document) if found.kept else file


def _before(connection: Connection, saved: directory.Saved, text: str) -> Document:
    """What the file comes from: the dump that it names, unless a file was loaded since; else what the last file said.
    An installation that has loaded none yet compares with what the command line saved last."""
    last = directory.get(connection, FILED)
    filed: dict[str, Any] = json.loads(last.body) if last else {}
    named = _HEAD.search(text)
    if named is not None and int(named[1]) > filed.get("version", 0):
        body = _body(connection, int(named[1]))
        if body is not None and _digest(body) == named[2]:
            return _document(Organisation.model_validate_json(body))
    if filed:
        document: Document = filed["document"]
        return document
    by_command = directory_history.c.name == directory.ORGANISATION, directory_history.c.by == "system"
    number = connection.scalar(select(func.max(directory_history.c.version)).where(*by_command))
    return _document(directory.organisation_at(connection, number)) if number else {}


def _body(connection: Connection, number: int) -> str | None:
    one = directory_history.c.name == directory.ORGANISATION, directory_history.c.version == number
    return connection.scalar(select(directory_history.c.body).where(*one))


def _filed(connection: Connection, file: Organisation, version: int, at: datetime, by: str) -> None:
    body = json.dumps({"version": version, "document": _document(file)}, ensure_ascii=False)
    directory.put(connection, FILED, body, expected=None, at=at, by=by)


def _document(organisation: Organisation) -> dict[str, Any]:
    return organisation.model_dump(mode="json", exclude_defaults=True)


def _digest(body: str) -> str:
    return sha256(body.encode()).hexdigest()[:12]
