"""When each centre drills next, and what has been drilled: one a quarter for each centre, by playbook and level.

A centre is a region or headquarters; a field team's drill is its centre's. A centre that has drilled in this quarter is
due in the next one; else it is due by the end of this one, and overdue if it did not drill in the one before either.
Only drills in which people took part count towards it: dice train nobody. Pure: the day is an argument.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median
from typing import Final
from zoneinfo import ZoneInfo

from incident.levels import Level
from incident.organisation import Organisation, Unit
from incident.playbooks.model import Playbook
from incident.posts import Tier
from incident.store.drills import DrillRow

Cell = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Due:
    """One centre. `last` is its last drill, `playbook` what it has drilled least: the proposal for the next."""

    centre: Unit
    last: DrillRow | None
    due: date
    overdue: bool
    playbook: str | None


@dataclass(frozen=True, slots=True)
class Covered:
    """One cell of the heat map: how often, how it went last, and when."""

    count: int
    last: DrillRow | None
    heat: int


@dataclass(frozen=True, slots=True)
class Trend:
    """Drills of one playbook at one level, form and profile in one quarter: like with like."""

    playbook: str
    level: str
    form: str
    profile: str
    quarter: str
    n: int
    median: float
    low: float
    high: float


PEOPLE: Final = ("live", "tabletop")
"""The forms of drill in which people take part."""
SHOWN: Final = {"people": frozenset(PEOPLE), "simulated": frozenset({"simulated"})}
"""What the coverage may be counted over; anything else is all of them."""
HEATS: Final = (0, 1, 2, 4)
"""From how many drills on a cell takes the next shade."""


def quarter(day: date) -> tuple[int, int]:
    """Year and quarter, from 1 to 4."""
    return day.year, (day.month - 1) // 3 + 1


def before(day: date) -> date:
    """The first day of the quarter before this one."""
    year, number = quarter(day)
    year, number = (year, number - 1) if number > 1 else (year - 1, 4)
    return date(year, number * 3 - 2, 1)


def end_of(year: int, number: int) -> date:
    """The last day of a quarter; numbers over 4 lie in the years after."""
    months = number * 3
    first_after = date(year + months // 12, months % 12 + 1, 1)
    return first_after - timedelta(days=1)


def centre_of(organisation: Organisation, unit: str) -> str | None:
    """The unit itself, or the nearest one above it, that is a region or headquarters; None for an unknown unit."""
    for name in (unit, *organisation.ancestors(unit)):
        found = organisation.unit(name)
        if found is not None and found.tier in (Tier.REGION, Tier.HQ):
            return name
    return None


def with_people(kept: Iterable[DrillRow]) -> list[DrillRow]:
    """Without those that were only simulated."""
    return [row for row in kept if row.form in PEOPLE]


def last_by_playbook(kept: Iterable[DrillRow]) -> dict[str, DrillRow]:
    """The last drill of each playbook in which people took part: what says of a plan whether it was ever tried."""
    found: dict[str, DrillRow] = {}
    for row in sorted(with_people(kept), key=lambda row: row.started_at):
        found[row.playbook] = row
    return found


def next_of(centre: Unit, last: datetime | None, today: date) -> tuple[date, bool]:
    """By when it drills next, and whether it is overdue. `last` is when its last drill began."""
    year, number = quarter(today)
    then = quarter(last.astimezone(ZoneInfo(centre.timezone)).date()) if last else (0, 0)
    if then >= (year, number):
        return end_of(year, number + 1), False
    return end_of(year, number), then < quarter(before(today))


def dues(organisation: Organisation, last: Mapping[str, datetime], today: date) -> list[tuple[Unit, date, bool]]:
    """Centre, day and whether it is overdue, those first, then by day. `last` is by unit: when people drilled there."""
    by_centre: dict[str, datetime] = {}
    for unit, at in last.items():
        centre = centre_of(organisation, unit)
        if centre is not None:
            by_centre[centre] = max(at, by_centre.get(centre, at))
    centres = (unit for unit in organisation.units if unit.tier in (Tier.REGION, Tier.HQ))
    found = [(unit, *next_of(unit, by_centre.get(unit.id), today)) for unit in centres]
    return sorted(found, key=lambda due: (not due[2], due[1], due[0].id))


def calendar(
    organisation: Organisation, playbooks: Sequence[Playbook], kept: Iterable[DrillRow], today: date
) -> list[Due]:
    """Every centre, the overdue first, then by due day."""
    by_centre: defaultdict[str, list[DrillRow]] = defaultdict(list)
    for row in with_people(kept):
        centre = centre_of(organisation, row.unit)
        if centre is not None:
            by_centre[centre].append(row)
    found = [
        _due(unit, by_centre[unit.id], playbooks, today)
        for unit in organisation.units
        if unit.tier in (Tier.REGION, Tier.HQ)
    ]
    return sorted(found, key=lambda due: (not due.overdue, due.due, due.centre.id))


def _due(centre: Unit, own: list[DrillRow], playbooks: Sequence[Playbook], today: date) -> Due:
    last = max(own, key=lambda row: row.started_at, default=None)
    due, overdue = next_of(centre, last.started_at if last else None, today)
    times = Counter(row.playbook for row in own)
    least = min((p.id for p in playbooks), key=lambda name: (times[name], name), default=None)
    return Due(centre, last, due, overdue, least)


def coverage(
    playbooks: Iterable[Playbook],
    kept: Iterable[DrillRow],
    organisation: Organisation | None,
    centre: str | None,
    form: str = "people",
) -> Mapping[Cell, Covered]:
    """Playbook by level, of one centre or of all; `form` as in `SHOWN`."""
    forms = SHOWN.get(form)
    rows: defaultdict[Cell, list[DrillRow]] = defaultdict(list)
    for row in kept:
        if forms is not None and row.form not in forms:
            continue
        if centre is None or (organisation is not None and centre_of(organisation, row.unit) == centre):
            rows[row.playbook, row.level].append(row)
    found = {}
    for playbook in playbooks:
        for level in Level:
            own = rows[playbook.id, str(level)]
            heat = sum(len(own) >= least for least in HEATS) - 1
            found[playbook.id, str(level)] = Covered(len(own), max(own, key=lambda r: r.started_at, default=None), heat)
    return found


def trends(kept: Iterable[DrillRow]) -> list[Trend]:
    """Only drills that have a total, the newest quarter first."""
    groups: defaultdict[tuple[str, str, str, str, tuple[int, int]], list[float]] = defaultdict(list)
    for row in kept:
        if row.total is not None:
            key = (row.playbook, row.level, row.form, row.profile, quarter(row.started_at.date()))
            groups[key].append(row.total)
    found = [
        Trend(*key[:4], f"{key[4][0]} Q{key[4][1]}", len(totals), median(totals), min(totals), max(totals))
        for key, totals in groups.items()
    ]
    found.sort(key=lambda trend: (trend.playbook, trend.level, trend.form, trend.profile))
    return sorted(found, key=lambda trend: trend.quarter, reverse=True)
