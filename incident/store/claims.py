"""Who holds a dedup key, and the personal data of a report: what the desk writes beside the log."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from incident.store.bulk import BulkInsert
from incident.store.prepared import Prepared, among, listed
from incident.store.tables import open_keys, particulars

_INSERT = BulkInsert(open_keys, "key", "incident")
_OWNERS: Final = Prepared(select(open_keys.c.key, open_keys.c.incident).where(among(open_keys.c.key, "keys")), "keys")


def scoped(scope: str, drill: str | None, dedup_key: str) -> str:
    """The key under which reports fold: apart for each sender, and for each drill. U+001F parts them."""
    return f"{drill or ''}\x1f{scope}\x1f{dedup_key}"


def owners(connection: Connection, keys: Collection[str]) -> dict[str, str]:
    """The incident that holds each key, or held it last."""
    return {row[0]: row[1] for row in _OWNERS.rows(connection, listed(keys))} if keys else {}


def take(connection: Connection, keys: Mapping[str, str], held: Collection[str]) -> None:
    """Give keys to incidents. `held` are those that some incident has held before."""
    _INSERT(connection, [(key, one) for key, one in keys.items() if key not in held])
    over = [{"of": key, "to": one} for key, one in keys.items() if key in held]
    if over:
        change = update(open_keys).where(open_keys.c.key == bindparam("of"))
        connection.execute(change.values(incident=bindparam("to")), over)


def inherit(connection: Connection, merged: Mapping[str, str]) -> None:
    """The keys of merged incidents go to the ones that they were merged into."""
    if merged:
        change = update(open_keys).where(open_keys.c.incident == bindparam("of"))
        connection.execute(change.values(incident=bindparam("to")), [{"of": a, "to": b} for a, b in merged.items()])


def put_particulars(connection: Connection, new: Collection[tuple[str, str, str]]) -> None:
    """Keep (incident, name, value)."""
    if new:
        connection.execute(
            insert(particulars), [{"incident": one, "name": name, "value": value} for one, name, value in new]
        )


def particulars_of(connection: Connection, incident: str) -> dict[str, str]:
    query = select(particulars.c.name, particulars.c.value).where(particulars.c.incident == incident)
    return {row.name: row.value for row in connection.execute(query)}


def erase_particulars(connection: Connection, incident: str) -> int:
    """Erase the personal data of an incident's reporter. The log never held it."""
    return connection.execute(delete(particulars).where(particulars.c.incident == incident)).rowcount
