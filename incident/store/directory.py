"""The organisation and other registers that are edited as one document, each save checked against the version read."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

from sqlalchemy import Connection, insert, select, update

from incident.errors import NoOrganisation, Refused, Unknown, why
from incident.organisation import Organisation
from incident.organisation.reader import unmasked
from incident.store import ways
from incident.store.tables import directory, directory_history

ORGANISATION: Final = "organisation"


@dataclass(frozen=True, slots=True)
class Saved:
    """A register's document: JSON text in its `version`, which counts from 1."""

    name: str
    version: int
    body: str


def version(connection: Connection, name: str = ORGANISATION) -> int:
    """The version that stands now; 0 when nothing was ever saved. One cheap look-up for whoever keeps a copy."""
    return connection.scalar(select(directory.c.version).where(directory.c.name == name)) or 0


def versions(connection: Connection, names: Collection[str]) -> dict[str, int]:
    """The same of several, in one look-up."""
    query = select(directory.c.name, directory.c.version).where(directory.c.name.in_(names))
    return dict.fromkeys(names, 0) | {row.name: row.version for row in connection.execute(query)}


def get(connection: Connection, name: str) -> Saved | None:
    row = connection.execute(select(directory).where(directory.c.name == name)).first()
    return Saved(row.name, row.version, row.body) if row else None


def beginning(connection: Connection, start: str) -> list[Saved]:
    """The documents whose name begins so, by name."""
    named = directory.c.name.startswith(start, autoescape=True)
    rows = connection.execute(select(directory).where(named).order_by(directory.c.name))
    return [Saved(row.name, row.version, row.body) for row in rows]


def put(connection: Connection, name: str, body: str, *, expected: int | None, at: datetime, by: str) -> int:
    """Save a document in its next version and keep the old one; the same text again changes nothing.

    `expected` is the version that the change was made from, None to overwrite whatever stands. Raises Refused when
    somebody else has saved since.
    """
    standing = get(connection, name)
    now_at = standing.version if standing else 0
    if expected is not None and expected != now_at:
        raise Refused(why("refused.saved_since", name=name, version=now_at))
    if standing is not None and standing.body == body:
        return now_at
    if standing is None:
        connection.execute(insert(directory).values(name=name, version=1, body=body))
    else:
        changed = connection.execute(
            update(directory)
            .where(directory.c.name == name, directory.c.version == now_at)
            .values(version=now_at + 1, body=body)
        )
        if changed.rowcount != 1:
            raise Refused(why("refused.saved_since", name=name, version=now_at + 1))
    connection.execute(insert(directory_history).values(name=name, version=now_at + 1, body=body, at=at, by=by))
    return now_at + 1


def load_organisation(connection: Connection) -> tuple[Organisation, int]:
    """The organisation, which knows its people's ways, and its version. Raises NoOrganisation before the first one
    was saved."""
    saved = get(connection, ORGANISATION)
    if saved is None:
        raise NoOrganisation
    organisation = Organisation.model_validate_json(saved.body)
    return organisation.knowing(ways.facts(connection)), saved.version


def save_organisation(
    connection: Connection, organisation: Organisation, *, expected: int | None, at: datetime, by: str
) -> int:
    """Save it, see `put`. The caller's copy may go on in use: it is never changed.

    A chat's address that comes masked, as it was shown, is kept as it stands.
    """
    organisation = unmasked(organisation, partial(_standing, connection))
    body = organisation.model_dump_json(exclude_defaults=True)
    return put(connection, ORGANISATION, body, expected=expected, at=at, by=by)


def _standing(connection: Connection) -> Organisation | None:
    saved = get(connection, ORGANISATION)
    return Organisation.model_validate_json(saved.body) if saved else None


def saved_at(connection: Connection, number: int) -> datetime | None:
    """When that version of the organisation was saved."""
    return connection.scalar(
        select(directory_history.c.at).where(
            directory_history.c.name == ORGANISATION, directory_history.c.version == number
        )
    )


def organisation_at(connection: Connection, number: int) -> Organisation:
    """The organisation in an earlier version. Raises Unknown for one that was never saved."""
    body = connection.scalar(
        select(directory_history.c.body).where(
            directory_history.c.name == ORGANISATION, directory_history.c.version == number
        )
    )
    if body is None:
        raise Unknown("directory", f"{ORGANISATION} {number}")
    return Organisation.model_validate_json(body)
