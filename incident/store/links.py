"""The links in pages: a token for each person in an incident. Who has it may look and answer as that person."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, select

from incident.store.bulk import BulkInsert
from incident.store.prepared import Prepared, among, listed
from incident.store.tables import links
from incident.store.types import micros


@dataclass(frozen=True, slots=True)
class Link:
    """`page` is the page that the link was made for; later pages to the same person carry the same link."""

    token: str
    incident: str
    person: str
    page: int
    created_at: datetime


_COLUMNS = (links.c.token, links.c.incident, links.c.person, links.c.page, links.c.created_at)
_LAST = "z" * 12
"""Comes after every letter of a token, in whatever order a database sorts text."""
_INSERT = BulkInsert(links, "token", "incident", "person", "page", "created_at")
_OF: Final = Prepared(
    select(links.c.incident, links.c.person, links.c.token).where(among(links.c.incident, "incidents")), "incidents"
)


def add(connection: Connection, new: Sequence[Link]) -> None:
    _INSERT(connection, [(one.token, one.incident, one.person, one.page, micros(one.created_at)) for one in new])


def of(connection: Connection, incidents: Collection[str]) -> dict[tuple[str, str], str]:
    """The tokens of these incidents by (incident, person)."""
    if not incidents:
        return {}
    return {(incident, person): token for incident, person, token in _OF.rows(connection, listed(incidents))}


def by_answer_code(connection: Connection, code: str) -> list[Link]:
    """The links whose tokens begin with a code that somebody typed: one, or by the rarest chance two."""
    query = select(*_COLUMNS).where(links.c.token >= code, links.c.token <= code + _LAST).limit(2)
    return [_link(row) for row in connection.execute(query)]


def get(connection: Connection, token: str) -> Link | None:
    row = connection.execute(select(*_COLUMNS).where(links.c.token == token)).first()
    return _link(row) if row else None


def _link(row: Any) -> Link:
    return Link(row.token, row.incident, row.person, row.page, row.created_at)
