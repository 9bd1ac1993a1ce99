"""The alarm load of a day as a picture and three small tables. The picture is drawn here, without a script."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

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


def chart(slots: Sequence[Slot], above: int) -> Chart:
    """The gravest level stands at the bottom, where it is seen."""
    top = max(LEAST, *(slot.total for slot in slots))
    bars: list[Bar] = []
    for x, slot in enumerate(slots):
        y = float(HEIGHT)
        for level in sorted(slot.counts, key=lambda level: -level.rank):
            height = HEIGHT * slot.counts[level] / top
            y -= height
            bars.append(Bar(str(level), x, round(y, 2), round(height, 2)))
    return Chart(tuple(bars), len(slots), round(HEIGHT - HEIGHT * above / top, 2), top)


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
