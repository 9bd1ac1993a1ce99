"""A month of a roster, or of all rosters of a unit: who is on duty on each day, what is not covered, how it is shared.

Times are those of the roster's zone, or of the reader's own when asked for; which one is said once on the page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from incident.errors import Reason, Unknown
from incident.organisation import Organisation, Role
from incident.record.fairness import Burden, burdens
from incident.record.month import Day, Month, Piece, days, weeks
from incident.record.naming import sentence
from incident.roster import Gap, Roster, Shift, gaps, shifts
from web.auth import needs, who
from web.house import house_of
from web.render import page, reader_of
from web.say import Reader

TONES: Final = 4
"""Shades of grey that tell neighbours apart in the strip over a day; the names say who it is."""


COLUMNS: Final = ("duty", "night", "weekend")


@dataclass(frozen=True, slots=True)
class Line:
    """A piece of a day as it is written: from, to (empty at midnight), who, and the sentence why."""

    start: str
    end: str
    who: str | None
    why: str
    function: str
    mine: bool


@dataclass(frozen=True, slots=True)
class Bar:
    """A piece in the strip over a day of one roster: thousandths of the day, and the class that draws it."""

    row: int
    x: float
    width: float
    look: str


@dataclass(frozen=True, slots=True)
class Cell:
    """A day of the calendar. `hours` is None unless the clocks change."""

    day: Day
    label: str
    hours: float | None
    today: bool
    lines: tuple[Line, ...]
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A whole shift of the month, for the list and the print; `shift` None is a gap."""

    roster: Roster
    start: datetime
    end: datetime
    shift: Shift | None
    who: str | None
    why: str


@dataclass(frozen=True, slots=True)
class Share:
    """One line of the fairness table, each bar in hundredths of the largest."""

    name: str
    burden: Burden
    bars: tuple[tuple[str, float, float], ...]
    nights: int


@needs(Role.VIEWER)
def show_unit(request: Request) -> HTMLResponse:
    organisation = house_of(request).directory.organisation()
    name = request.path_params["unit"]
    unit = organisation.unit(name)
    if unit is None:
        raise Unknown("unit", name[:60])
    rosters = tuple(one for one in organisation.rosters if one.unit == name)
    return page(request, "unit_month.html", **month_of(request, rosters, unit.timezone), unit=unit, rosters=rosters)


def roster_of(request: Request) -> Roster:
    name: str = request.path_params["roster"]
    found = house_of(request).directory.organisation().roster_named(name)
    if found is None:
        raise Unknown("roster", name[:60])
    return found


def month_of(
    request: Request, rosters: tuple[Roster, ...], zone_name: str, *, path: str = "", shown: str = ""
) -> dict[str, Any]:
    """What the templates of a month need, read in the zone that was asked for. `path` is the page's own, where a form
    was answered under another; `shown` is the month (2026-12) where the address names none."""
    organisation, plain = house_of(request).directory.organisation(), reader_of(request)
    own = request.query_params.get("zone") == "own"
    zone = plain.zone if own else ZoneInfo(zone_name)
    reader = Reader(plain.words, zone, plain.now)
    month = Month.read(request.query_params.get("month") or shown, zone, plain.now)
    drawn = _Drawing(organisation, reader, rosters, who(request).person)
    rows = drawn.rows(month)
    final = [row.shift for row in rows if row.shift is not None]
    return {
        "reader": reader,
        "month": month,
        "title": month_title(month, reader),
        "weeks": weeks_of(drawn.cells(month, rows)),
        "rows": rows,
        "gaps": [row for row in rows if row.shift is None],
        "shares": shares(final, organisation, rosters, month.start, month.end),
        "several": len(rosters) > 1,
        "at": partial(_address, path or request.url.path, {"month": month.written, "zone": "own" if own else ""}),
        "own": own,
        "other_zone": zone_name if own else plain.zone.key if plain.zone.key != zone_name else None,
        "people": {person.id: person.name for person in organisation.people},
    }


def month_title(month: Month, reader: Reader) -> str:
    return reader.words.t("rota.month", month=reader.words.t(f"month.{month.number}"), year=str(month.year))


def weeks_of(cells: tuple[Cell, ...]) -> list[list[Cell | None]]:
    by_date = {cell.day.date: cell for cell in cells}
    return [[by_date[day.date] if day else None for day in week] for week in weeks(tuple(cell.day for cell in cells))]


class _Drawing:
    """Shifts and gaps of some rosters as somebody reads them."""

    def __init__(self, organisation: Organisation, reader: Reader, rosters: tuple[Roster, ...], me: str | None) -> None:
        self._organisation, self._reader, self._rosters, self._me = organisation, reader, rosters, me
        people = dict.fromkeys(person for roster in rosters for person in roster.people)
        self._tone = {person: place % TONES for place, person in enumerate(people)}
        self._said: dict[Reason, str] = {}

    def rows(self, month: Month) -> tuple[Row, ...]:
        """Everything that touches the month, cut to it, by time."""
        found: list[Row] = []
        start, end = month.start, month.end
        for roster in self._rosters:
            absent = self._organisation.absent_on(roster)
            for shift in shifts(roster, start, end, absent):
                first, last = max(shift.start, start), min(shift.end, end)
                found.append(Row(roster, first, last, shift, self._name(shift.person), self._why(shift)))
            for gap in gaps(roster, start, end, absent):
                found.append(Row(roster, gap.start, gap.end, None, None, self._gap(roster, gap)))
        return tuple(sorted(found, key=lambda row: row.start))

    def cells(self, month: Month, rows: tuple[Row, ...]) -> tuple[Cell, ...]:
        by_roster = [
            days(
                month,
                [row.shift for row in rows if row.roster is roster and row.shift],
                [(row.start, row.end) for row in rows if row.roster is roster and row.shift is None],
            )
            for roster in self._rosters
        ]
        empty = [days(month, (), ())] if not by_roster else []
        return tuple(self._cell(together) for together in zip(*(by_roster or empty), strict=True))

    def _cell(self, together: tuple[Day, ...]) -> Cell:
        day = together[0]
        lines, bars = [], []
        for row, (one, roster) in enumerate(zip(together, self._rosters, strict=False)):
            lines += [self._line(one, piece, roster) for piece in one.stretches]
            bars += [self._bar(row, one, piece) for piece in one.pieces]
        today = self._reader.now.astimezone(self._reader.zone).date() == day.date
        hours = day.length / timedelta(hours=1) if day.odd else None
        return Cell(day, self._reader.day(day.start), hours, today, tuple(lines), tuple(bars))

    def _line(self, day: Day, piece: Piece, roster: Roster) -> Line:
        words, zone = self._reader.words, self._reader.zone
        start = f"{piece.start.astimezone(zone):%H:%M}" if piece.start > day.start else ""
        end = f"{piece.end.astimezone(zone):%H:%M}" if piece.end < day.end else ""
        function = str(words.say("function", roster.function)) if len(self._rosters) > 1 else ""
        if piece.shift is None:
            return Line(start, end, None, words.t("rota.gap.why"), function, False)
        mine = piece.shift.person == self._me
        return Line(start, end, self._name(piece.shift.person), self._why(piece.shift), function, mine)

    def _bar(self, row: int, day: Day, piece: Piece) -> Bar:
        x, width = day.share(piece)
        person = piece.shift.person if piece.shift else None
        look = "gap" if person is None else "me" if person == self._me else f"tone{self._tone.get(person, 0)}"
        return Bar(row, round(x * 1000, 1), round(width * 1000, 1), look)

    def _why(self, shift: Shift) -> str:
        """The sentence stands in the day and in the list; a month of short shifts has thousands."""
        said = self._said.get(shift.reason)
        if said is None:
            said = self._said[shift.reason] = sentence(shift.reason, self._organisation, self._reader.words)
        return said

    def _gap(self, roster: Roster, gap: Gap) -> str:
        comma = self._reader.words.t("list.comma")
        names = comma.join(map(self._name, gap.away))
        if not names:
            return self._reader.words.t("rota.gap.why")
        if roster.requires:
            return self._reader.words.t("rota.gap.skill", names=names, skill=comma.join(roster.requires))
        return self._reader.words.t("rota.gap.away", names=names)

    def _name(self, person: str) -> str:
        found = self._organisation.person(person)
        return found.name if found else person


def shares(
    final: Iterable[Shift], organisation: Organisation, rosters: tuple[Roster, ...], start: datetime, end: datetime
) -> list[Share]:
    """How the period is shared among everybody on these rosters."""
    on_it = dict.fromkeys(person for roster in rosters for person in roster.people)
    zones = {
        person.id: ZoneInfo(person.timezone) for name in on_it if (person := organisation.person(name)) is not None
    }
    for shift in (final := list(final)):
        person = organisation.person(shift.person)
        zones.setdefault(shift.person, ZoneInfo(person.timezone if person else "UTC"))
    found = burdens(final, zones, start, end)
    most = {name: max([timedelta(hours=1), *(getattr(one, name) for one in found)]) for name in COLUMNS}
    return [_share(one, organisation, most) for one in found]


def _share(one: Burden, organisation: Organisation, most: Mapping[str, timedelta]) -> Share:
    lengths: dict[str, timedelta] = {name: getattr(one, name) for name in COLUMNS}
    bars = tuple((name, _hours(length), round(100 * (length / most[name]), 1)) for name, length in lengths.items())
    person = organisation.person(one.person)
    return Share(person.name if person else one.person, one, bars, one.nights)


def _hours(length: timedelta) -> float:
    return round(length / timedelta(hours=1), 1)


def _address(path: str, standing: Mapping[str, str], **changes: str) -> str:
    """This page with some of what it was asked for changed; what is empty is left out."""
    return f"{path}?{urlencode({name: value for name, value in {**standing, **changes}.items() if value})}"


ROUTES: Final = [
    Route("/on-call/unit/{unit}", show_unit),
]
