"""The alarm load of the last 24 hours: alarms in ten minutes, levels beside what is wanted, whom it rang and when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from incident.levels import Level
from incident.notify.load import load
from incident.organisation import Organisation, Role
from incident.record.load import SLOT, PersonLoad, Share, ShiftLoad, Slot, day_of, of_people, of_shifts, shares, slots
from incident.record.shapes import Instant
from incident.roster import Shift, shifts
from incident.store import alarms, holding
from incident.store.engine import reading
from web.api.statistics import read_on
from web.endpoint import Endpoint
from web.house import House, house_of
from web.wire import shown

SHOWN: Final = 20
"""People and shifts that are listed, the fullest first."""


@dataclass(frozen=True, slots=True)
class SlotView:
    """Ten minutes: how many alarms, by level."""

    at: Instant
    alarms: int
    levels: dict[Level, int]


@dataclass(frozen=True, slots=True)
class ShiftView:
    roster: str
    person: str
    start: Instant
    end: Instant
    messages: int


@dataclass(frozen=True, slots=True)
class LoadView:
    """Alarms are incidents that were reported, without drills and maintenance; messages are pages that went out.

    `flood` is now; `above` how many alarms in ten minutes are more than an operator takes in. `held` waits now to be
    bundled. `unread` entries of the log the figures do not know of yet.
    """

    since: Instant
    until: Instant
    flood: bool
    above: int
    held: int
    slots: list[SlotView]
    levels: list[Share]
    people: list[PersonLoad]
    shifts: list[ShiftView]
    unread: int


@dataclass(frozen=True, slots=True)
class Day:
    """The same as it is drawn."""

    slots: list[Slot]
    levels: list[Share]
    people: list[PersonLoad]
    shifts: list[ShiftLoad]
    flood: bool
    held: int
    unread: int


def day(house: House) -> Day:
    """Blocks: a few indexed reads, and the shifts of a day."""
    now, organisation, unread = house.clock.now(), house.directory.organisation(), read_on(house)
    since, until = day_of(now)
    with reading(house.engine) as connection:
        found = slots(alarms.slots(connection, since, until, SLOT), since)
        rings = alarms.rings(connection, since)
        flood = load(connection, now, above=house.settings.flood_above).flood
        held = holding.standing(connection).messages
    zones = {person.id: ZoneInfo(person.timezone) for person in organisation.people}
    duties = of_shifts(rings, _shifts(organisation, house)) if rings else []
    return Day(found, shares(found), of_people(rings, zones)[:SHOWN], duties[:SHOWN], flood, held, unread)


def _shifts(organisation: Organisation, house: House) -> list[tuple[str, Shift]]:
    since, until = day_of(house.clock.now())
    return [
        (roster.id, shift)
        for roster in organisation.rosters
        for shift in shifts(roster, since, until, organisation.absent_on(roster))
    ]


def get(request: Request) -> Response:
    house = house_of(request)
    found = day(house)
    since, until = day_of(house.clock.now())
    view = LoadView(
        since,
        until,
        flood=found.flood,
        above=house.settings.flood_above,
        held=found.held,
        slots=[SlotView(one.at, one.total, dict(one.counts)) for one in found.slots],
        levels=found.levels,
        people=found.people,
        shifts=[ShiftView(one.roster, one.person, one.start, one.end, one.messages) for one in found.shifts],
        unread=found.unread,
    )
    return shown(LoadView, view)


ENDPOINTS: Final = (
    Endpoint(
        "GET",
        "/api/statistics/load",
        get,
        Role.VIEWER,
        "statistics",
        "The alarm load of the last 24 hours: alarms in ten minutes, levels, pages by person, shift and night.",
        answer=LoadView,
    ),
)
