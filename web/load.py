"""A flood of alarms and chattering sources, for walls and pages: the heartbeat's part, and the line in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from incident.errors import NoOrganisation
from incident.notify.limits import FLOOD_SPAN
from incident.notify.load import SHOWN, load
from incident.store import alarms, holding
from incident.store.alarms import Chatter
from incident.store.holding import Standing
from web.house import House
from web.say import Reader


def told(connection: Connection, house: House) -> dict[str, Any] | None:
    """What a wall needs, whatever language it speaks; None while there is neither flood nor chatter.

    `n` is text: `200+` where there are more than were looked at.
    """
    found = load(connection, house.clock.now(), above=house.settings.flood_above)
    if not (found.flood or found.sources):
        return None
    try:
        organisation = house.directory.organisation()
    except NoOrganisation:
        organisation = None
    names = {name: unit.name for name, _ in found.units if organisation and (unit := organisation.unit(name))}
    return {
        "flood": found.flood,
        "n": f"{found.alarms}+" if found.more else str(found.alarms),
        "units": [
            {"id": unit, "name": names[unit].as_dict() if unit in names else {"en": unit, "zh": unit}, "n": n}
            for unit, n in found.units
        ],
        "sources": [[source.code, source.times] for source in found.sources],
    }


def flood_line(told: Mapping[str, Any] | None, reader: Reader) -> str:
    """The wall's line, empty while there is nothing to say. Twin of `flooded` in static/wall_flood.js."""
    if told is None:
        return ""
    t, parts = reader.words.t, []
    if told["flood"]:
        units = [f"{reader.text(unit['name'])} {unit['n']}" for unit in told["units"]]
        parts += [t("wall.flood", n=told["n"]), *units, t("wall.flood.bundled")]
    if told["sources"]:
        codes = t("wall.list").join(f"{code} ×{times}" for code, times in told["sources"])
        parts.append(t("wall.chatter", codes=codes))
    return " · ".join(parts)


@dataclass(frozen=True, slots=True)
class Banner:
    """What the board says of it: the line in words, what the limits hold, and into what the most was folded lately."""

    line: str
    held: Standing
    folded: tuple[Chatter, ...]


def banner(connection: Connection, house: House, reader: Reader) -> Banner | None:
    """None while there is no flood, nothing chatters and nothing is held."""
    said, held = told(connection, house), holding.standing(connection)
    if said is None and not held.messages:
        return None
    since = house.clock.now() - FLOOD_SPAN
    folded = tuple(alarms.folded(connection, since, SHOWN)) if said else ()
    return Banner(flood_line(said, reader), held, folded)
