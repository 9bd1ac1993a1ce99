"""The alarm load of a day as a picture and three small tables. The picture is drawn here, without a script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from incident.levels import Level
from incident.organisation import Role
from incident.record.load import Slot
from incident.record.row import name_of
from incident.store.engine import reading
from web.api.load import day
from web.auth import needs
from web.house import house_of
from web.load import banner
from web.render import page, reader_of

HEIGHT: Final = 100
LEAST: Final = 20
"""So many alarms in ten minutes reach the top of the picture when there were never more."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One level in one slot, in the picture's units: a slot is one wide."""

    level: str
    x: int
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Chart:
    """`limit` is where the line stands above which it is a flood."""

    bars: tuple[Bar, ...]
    width: int
    limit: float
    top: int


def bars(columns: Sequence[Mapping[Level, int]], top: int) -> tuple[Bar, ...]:
    """Stacked: the gravest level stands at the bottom, where it is seen. `top` of them reach the top."""
    found: list[Bar] = []
    for x, counts in enumerate(columns):
        y = float(HEIGHT)
        for level in sorted(counts, key=lambda level: -level.rank):
            height = HEIGHT * counts[level] / top
            y -= height
            found.append(Bar(str(level), x, round(y, 2), round(height, 2)))
    return tuple(found)


def chart(slots: Sequence[Slot], above: int) -> Chart:
    top = max(LEAST, *(slot.total for slot in slots))
    return Chart(bars([slot.counts for slot in slots], top), len(slots), round(HEIGHT - HEIGHT * above / top, 2), top)


@needs(Role.VIEWER)
def show(request: Request) -> HTMLResponse:
    house, reader = house_of(request), reader_of(request)
    found, organisation = day(house), house.directory.organisation()
    with reading(house.engine) as connection:
        said = banner(connection, house, reader)
    most = max(found.slots, key=lambda slot: slot.total)
    rosters = {roster.id: reader.text(roster.name) for roster in organisation.rosters}
    return page(
        request,
        "load.html",
        day=found,
        load=said,
        chart=chart(found.slots, house.settings.flood_above),
        above=house.settings.flood_above,
        most=most if most.total else None,
        total=sum(slot.total for slot in found.slots),
        rosters=rosters,
        named=lambda person: name_of(person, organisation) or person,
    )


ROUTES: Final = [Route("/load", show)]
