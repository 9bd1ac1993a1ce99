"""Rosters in the terminal: who is on duty, the month, gaps, how it is shared, calendar files."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from incident.cli.data import _house
from incident.cli.plans import Json, _show, _table
from incident.cli.run import Data
from incident.cli.say import BAD, complain_at_length, out, words
from incident.errors import BadInput, Fault, Refused, Unknown, why
from incident.ical.taking import Taken, put_on, take
from incident.organisation import Organisation
from incident.record.fairness import Burden, burdens
from incident.record.month import Month
from incident.record.naming import sentence
from incident.record.row import name_of
from incident.roster import Roster, gaps, shifts

roster_app = typer.Typer(help="Rosters.", no_args_is_help=True)
MonthOption = Annotated[str | None, typer.Option("--month", help="Such as 2026-11, in the roster's own zone.")]
RosterOption = Annotated[str | None, typer.Option("--roster", help="Only this one, by its id.")]


class TakeAs(StrEnum):
    """What the events of a calendar become."""

    SHIFTS = "shifts"
    TIME_OFF = "time-off"


def add_to(app: typer.Typer) -> None:
    app.add_typer(roster_app, name="roster")


@roster_app.command("show")
def show(
    at: Annotated[str | None, typer.Option(help="ISO time with an offset; now if left out.")] = None,
    month: MonthOption = None,
    roster: RosterOption = None,
    as_json: Json = False,
    data: Data = None,
) -> int:
    """Who is on duty and why: rotation or layer, stand-in, swap; or all shifts and gaps of a month.

    Exit 1 when a roster has nobody.
    """
    with _house(data) as house:
        organisation, now = house.directory.organisation(), house.clock.now()
    if month is None:
        return _now(organisation, _time(at) if at else now, roster, as_json)
    found = [
        line
        for one in _chosen(organisation, roster)
        for line in _month(organisation, one, Month.read(_written(month), ZoneInfo(one.timezone), now))
    ]
    if as_json:
        out(json.dumps(found))
    else:
        table = _table(*(f"cli.column.{name}" for name in ("roster", "from", "to", "who", "why")))
        for line in found:
            who = line["name"] or words().t("cli.nobody")
            table.add_row(line["roster"], line["start"], line["end"], who, line["why"] or "")
        _show(table)
    return 1 if any(line["person"] is None for line in found) else 0


@roster_app.command("gaps")
def show_gaps(
    days: Annotated[int, typer.Option(min=1, max=400, help="How far ahead.")] = 30,
    roster: RosterOption = None,
    as_json: Json = False,
    data: Data = None,
) -> int:
    """When nobody is on duty from now on. Exit 1 when there is such a time."""
    with _house(data) as house:
        organisation, now = house.directory.organisation(), house.clock.now()
    found: list[dict[str, Any]] = [
        {
            "roster": one.id,
            "start": _local(gap.start, one),
            "end": _local(gap.end, one),
            "hours": round((gap.end - gap.start) / timedelta(hours=1), 2),
            "away": list(gap.away),
        }
        for one in _chosen(organisation, roster)
        for gap in gaps(one, now, now + timedelta(days=days), organisation.absent_on(one))
    ]
    if as_json:
        out(json.dumps(found))
    elif not found:
        out(words().t("cli.roster.no_gap", days=days))
    else:
        table = _table(*(f"cli.column.{name}" for name in ("roster", "from", "to", "hours", "away")))
        for line in found:
            away = ", ".join(name_of(person, organisation) or person for person in line["away"])
            table.add_row(line["roster"], line["start"], line["end"], f"{line['hours']:g}", away)
        _show(table)
    return 1 if found else 0


@roster_app.command("fairness")
def fairness(month: MonthOption = None, roster: RosterOption = None, as_json: Json = False, data: Data = None) -> None:
    """Hours, nights (22:00 to 07:00 where the person lives) and weekend hours of each person in a month."""
    with _house(data) as house:
        organisation, now = house.directory.organisation(), house.clock.now()
    found = [
        {"roster": one.id} | _shown(burden, organisation)
        for one in _chosen(organisation, roster)
        for burden in _burdens(organisation, one, Month.read(_written(month), ZoneInfo(one.timezone), now))
    ]
    if as_json:
        out(json.dumps(found))
        return
    columns = ("hours", "nights", "night_hours", "weekend_hours")
    table = _table("cli.column.roster", "cli.column.who", *(f"cli.column.{name}" for name in columns))
    for line in found:
        table.add_row(line["roster"], line["name"], *(f"{line[name]:g}" for name in columns))
    _show(table)


@roster_app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="An iCalendar file (.ics).")],
    *,
    roster: Annotated[str, typer.Option("--roster", help="The roster whose shifts these are, by its id.")],
    take_as: Annotated[TakeAs, typer.Option("--as", help="What the events become.")] = TakeAs.SHIFTS,
    person: Annotated[str | None, typer.Option(help="Whose all of it is; else as each event says.")] = None,
    skip: Annotated[bool, typer.Option("--skip", help="Leave out the events that cannot be used.")] = False,
    save: Annotated[bool, typer.Option("--save", help="Save it; without this it is only shown.")] = False,
    data: Data = None,
) -> int:
    """Take a calendar over as shifts or time off: shown, and with --save saved; all of it or nothing."""
    with _house(data) as house:
        organisation, version = house.directory.organisation(), house.directory.version
        (chosen,) = _chosen(organisation, roster)
        body = file.read_bytes()
        taken = take(body, str(file), organisation, chosen, now=house.clock.now(), person=person)
        _show_taken(taken, chosen, organisation)
        complain_at_length(
            words().t("ical.event", n=one.number, title=one.title or "-") + ": " + words().reason(one.reason)
            for one in taken.bad
        )
        if taken.bad and not skip:
            if save:
                raise Refused(why("ical.some_refused", n=len(taken.bad)))
            return BAD
        if save:
            new = put_on(organisation, chosen.id, taken, "time_off" if take_as is TakeAs.TIME_OFF else "shifts")
            house.directory.save(new, "system", expected=version)
            out(words().n("cli.roster.taken", len(taken.found)))
        else:
            out(words().t("cli.roster.not_saved"))
    return 0


def _now(organisation: Organisation, at: datetime, only: str | None, as_json: bool) -> int:
    ids = {one.id for one in _chosen(organisation, only)}
    lines = [line for line in organisation.on_call(at) if line.roster in ids]
    because = [sentence(line.why, organisation, words()) if line.why else None for line in lines]
    if as_json:
        shown = [
            {
                "roster": line.roster,
                "primary": line.primary,
                "secondary": line.secondary,
                "until": line.until.isoformat() if line.until else None,
                "why": reason,
            }
            for line, reason in zip(lines, because, strict=True)
        ]
        out(json.dumps(shown))
        return 1 if any(line.primary is None for line in lines) else 0
    table = _table(*(f"cli.column.{name}" for name in ("unit", "tier", "function", "primary", "secondary", "why")))
    for line, reason in zip(lines, because, strict=True):
        unit = organisation.unit(line.unit)
        name = unit.name.for_locale(words().locale) if unit else line.unit
        people = [name_of(one, organisation) or words().t("cli.nobody") for one in (line.primary, line.secondary)]
        table.add_row(
            name, words().t(f"tier.{line.tier}"), str(words().say("function", line.function)), *people, reason or "-"
        )
    _show(table)
    return 1 if any(line.primary is None for line in lines) else 0


def _chosen(organisation: Organisation, only: str | None) -> tuple[Roster, ...]:
    if only is None:
        return organisation.rosters
    found = organisation.roster_named(only)
    if found is None:
        raise Unknown("roster", only[:60])
    return (found,)


def _month(organisation: Organisation, roster: Roster, month: Month) -> list[dict[str, Any]]:
    """Shifts and gaps by start, cut to the month, in the roster's own time."""
    lines: list[tuple[datetime, dict[str, Any]]] = []
    for one in shifts(roster, month.start, month.end, organisation.absent_on(roster)):
        first, last = max(one.start, month.start), min(one.end, month.end)
        about = {"person": one.person, "name": name_of(one.person, organisation) or one.person}
        reason = {"why": sentence(one.reason, organisation, words())}
        lines.append((first, _times(roster, first, last) | about | reason))
    for gap in gaps(roster, month.start, month.end, organisation.absent_on(roster)):
        nobody: dict[str, Any] = {"person": None, "name": None, "why": None}
        lines.append((gap.start, _times(roster, gap.start, gap.end) | nobody))
    return [line for _, line in sorted(lines, key=lambda line: line[0])]


def _times(roster: Roster, start: datetime, end: datetime) -> dict[str, Any]:
    return {"roster": roster.id, "start": _local(start, roster), "end": _local(end, roster)}


def _local(at: datetime, roster: Roster) -> str:
    return at.astimezone(ZoneInfo(roster.timezone)).isoformat(timespec="minutes")


def _burdens(organisation: Organisation, roster: Roster, month: Month) -> tuple[Burden, ...]:
    found = shifts(roster, month.start, month.end, organisation.absent_on(roster))
    people = dict.fromkeys((*roster.people, *(one.person for one in found)))
    zones = {p.id: ZoneInfo(p.timezone) for name in people if (p := organisation.person(name)) is not None}
    return burdens(found, zones, month.start, month.end)


def _shown(burden: Burden, organisation: Organisation) -> dict[str, Any]:
    hour = timedelta(hours=1)
    return {
        "person": burden.person,
        "name": name_of(burden.person, organisation) or burden.person,
        "hours": round(burden.duty / hour, 2),
        "nights": burden.nights,
        "night_hours": round(burden.night / hour, 2),
        "weekend_hours": round(burden.weekend / hour, 2),
    }


def _show_taken(taken: Taken, roster: Roster, organisation: Organisation) -> None:
    if not taken.found:
        out(words().n("ical.found", 0))
        return
    table = _table(*(f"cli.column.{name}" for name in ("from", "to", "who", "called")))
    for one in taken.found:
        who = name_of(one.person, organisation) or one.person
        table.add_row(_local(one.start, roster), _local(one.end, roster), who, one.note)
    _show(table)


def _written(month: str | None) -> str:
    """What `--month` says, or nothing for the present one. Raises BadInput."""
    if month is None:
        return ""
    if not Month.is_one(month):
        raise BadInput(Fault("--month", why("cli.bad_month")))
    return month


def _time(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise BadInput(Fault("--at", why("cli.bad_time"))) from None
    if found.tzinfo is None:
        raise BadInput(Fault("--at", why("cli.bad_time")))
    return found
