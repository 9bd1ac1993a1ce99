"""Planning a drill ahead: what a plan must say, and what may become of it before it starts. It pages nobody.

Aim, flow and expected result are what the script says, in the reader's language, where nobody wrote others; no inject
is among them, for players read them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy import Connection

from drills import briefing, own
from drills.ahead_said import local
from drills.placing import falls_to, judged_by, placed
from drills.score.profile import DEFAULT
from drills.script.model import Script
from drills.script.reader import open_script, shipped
from incident.calendars import ClockTime, ZoneName
from incident.clock import iso
from incident.errors import BadInput, Fault, Refused, Unknown, why
from incident.notify.briefing_news import Post
from incident.organisation import Organisation
from incident.store import drill_plans
from incident.store.drill_plans import CANCELLED, PLANNED, STARTED, PlanRow
from incident.words import Words

_BETWEEN: Final = re.compile(r"[\n,;，、；]")
_Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
_Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
_Said = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]
_People = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]


class Plan(BaseModel):
    """`start` is the time on the clock of `timezone` (left out: that of the unit), such as 2026-12-01T09:00. People are
    names or ids, by comma or line; nobody both plays and sees the script. Aim, flow and expected result that are left
    out are what the script says. `seen`: how many changes of the plan you have read; another number is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    script: _Name
    form: Literal["live", "tabletop"]
    unit: _Name | None = None
    profile: _Name = DEFAULT
    start: ClockTime
    timezone: ZoneName | None = None
    place: _Line
    players: _People
    controllers: _People
    evaluators: _People | None = None
    aim: _Said | None = None
    flow: _Line | None = None
    expected: _Said | None = None
    seen: Annotated[int, Field(ge=0)] | None = None


@dataclass(frozen=True, slots=True)
class Asking:
    """Who plans, in which words, when, and the people there are today."""

    by: str
    say: Words
    now: datetime
    organisation: Organisation


@dataclass(frozen=True, slots=True)
class Says:
    """What a plan says of the drill itself, in one language."""

    name: str
    aim: str
    flow: str
    expected: str


def script_of(connection: Connection, name: str) -> Script:
    """One of those that come with the product, or of this installation's own. Raises BadInput."""
    if name in shipped():
        return open_script(name)
    try:
        return own.find(connection, name)
    except Unknown:
        raise BadInput(Fault("/script", why("drill.live.no_script", script=name[:60]))) from None


def usual(script: Script, say: Words) -> Says:
    """What the script itself says: its purpose, how long it takes, its objectives."""
    objectives = (one.text.for_locale(say.locale).rstrip(".。") for one in script.objectives)
    return Says(
        script.name.for_locale(say.locale),
        script.purpose.for_locale(say.locale),
        say.t("ahead.usual_flow", minutes=script.duration_min),
        say.t("ahead.between").join(objectives),
    )


def says(row: PlanRow, script: Script | None, say: Words) -> Says:
    """The same of a plan. `script` is None for one that was taken away since."""
    found = usual(script, say) if script else Says(row.script, "", "", "")
    return Says(found.name, row.aim or found.aim, row.flow or found.flow, row.expected or found.expected)


def add(connection: Connection, name: str, wanted: Plan, asking: Asking) -> PlanRow:
    """Raises BadInput at the field."""
    row = _row(connection, name, wanted, asking)
    drill_plans.add(connection, row)
    return row


def change(connection: Connection, name: str, wanted: Plan, asking: Asking) -> tuple[PlanRow, PlanRow]:
    """It before and after; who was told of it is told. Raises Unknown, BadInput at the field, or Refused for one that
    is over or was changed meanwhile."""
    old = held(connection, name)
    if wanted.seen is not None and wanted.seen != old.changes:
        raise Refused(why("ahead.changed_meanwhile"))
    fresh = _row(connection, name, wanted, asking)
    new = replace(fresh, by=old.by, planned_at=old.planned_at, changes=old.changes)
    if new != old:
        new = replace(new, changes=old.changes + 1)
        drill_plans.save(connection, new)
        briefing.changed(Post(connection, asking.organisation, asking.now), new)
    return old, new


def cancel(connection: Connection, name: str, reason: str, asking: Asking) -> PlanRow:
    """Who was told of it is told. Raises Unknown, or Refused for one that is over."""
    row = replace(held(connection, name), state=CANCELLED, reason=reason)
    briefing.cancelled(Post(connection, asking.organisation, asking.now), row)
    drill_plans.save(connection, row)
    return row


def send(connection: Connection, name: str, asking: Asking) -> PlanRow:
    """The briefing goes to whoever takes part and has not been told of the plan as it is. Raises Unknown or Refused."""
    row = held(connection, name)
    briefing.send(Post(connection, asking.organisation, asking.now), row)
    return row


def acknowledge(connection: Connection, name: str, person: str | None, seen: int | None, now: datetime) -> PlanRow:
    """They have read it as it is; once more changes nothing. Raises Unknown, or Refused for who takes no part, for what
    is over, and for a plan that has been changed since they read it."""
    row = held(connection, name)
    if person is None or person not in row.people:
        raise Refused(why("briefing.not_yours"))
    if seen is not None and seen != row.changes:
        raise Refused(why("ahead.changed_meanwhile"))
    briefing.acknowledge(connection, row, person, now)
    return row


def begun(connection: Connection, name: str, drill: str) -> None:
    """It was started as this drill. Whoever cancelled it in the same moment came too late."""
    row = find(connection, name, lock=True)
    drill_plans.save(connection, replace(row, state=STARTED, drill=drill, reason=""))


def find(connection: Connection, name: str, *, lock: bool = False) -> PlanRow:
    """Raises Unknown."""
    row = drill_plans.find(connection, name, lock=lock)
    if row is None:
        raise Unknown("drill_plan", name[:80])
    return row


def held(connection: Connection, name: str) -> PlanRow:
    """One that is still planned, held until the transaction ends. Raises Unknown or Refused."""
    row = find(connection, name, lock=True)
    if row.state != PLANNED:
        raise Refused(why(f"ahead.is_{row.state}"))
    return row


def _row(connection: Connection, name: str, wanted: Plan, asking: Asking) -> PlanRow:
    organisation = asking.organisation
    script = placed(script_of(connection, wanted.script), wanted.unit, organisation, "/unit")
    unit = falls_to(script, organisation)
    found = organisation.unit(unit)
    zone = wanted.timezone or (found.timezone if found else "UTC")
    players, controllers, evaluators = (
        people(organisation, getattr(wanted, field) or "", f"/{field}")
        for field in ("players", "controllers", "evaluators")
    )
    for field, others in (("controllers", controllers), ("evaluators", evaluators)):
        if both := [person for person in others if person in players]:
            raise BadInput(Fault(f"/{field}", why("ahead.both", name=_name(organisation, both[0]))))
    default = usual(script, asking.say)
    aim, flow, expected = (
        "" if (text := getattr(wanted, field)) == getattr(default, field) else text or ""
        for field in ("aim", "flow", "expected")
    )
    starts_at, profile = _instant(wanted.start, zone, asking.now), judged_by(wanted.profile, "/profile")
    return PlanRow(
        name, script.id, wanted.form, unit, profile, starts_at, zone, wanted.place, aim, flow, expected,
        players, controllers, evaluators, asking.by, asking.now,
    )  # fmt: skip


def _instant(start: datetime, zone: str, now: datetime) -> datetime:
    """Raises BadInput for what is past, or is on no clock there: the hour that is left out in spring."""
    at = start.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    if at.astimezone(ZoneInfo(zone)).replace(tzinfo=None) != start:
        raise BadInput(Fault("/start", why("ahead.no_such_time", zone=zone)))
    if at <= now:
        raise BadInput(Fault("/start", why("ahead.past")))
    return at


def people(organisation: Organisation, text: str, where: str) -> tuple[str, ...]:
    """Their ids, from names or ids. Raises BadInput for somebody whom nobody knows: they would not be kept from the
    script."""
    known = {key.casefold(): person.id for person in organisation.people for key in (person.id, person.name)}
    names = [name for part in _BETWEEN.split(text) if (name := part.strip())]
    for name in names:
        if name.casefold() not in known:
            raise BadInput(Fault(where, why("drill.table.nobody", name=name[:60])))
    return tuple(dict.fromkeys(known[name.casefold()] for name in names))


def _name(organisation: Organisation, person: str) -> str:
    found = organisation.person(person)
    return found.name if found else person


def brief(row: PlanRow) -> dict[str, object]:
    """One of the list."""
    return {
        "id": row.id,
        "script": row.script,
        "form": row.form,
        "unit": row.unit,
        "starts_at": iso(row.starts_at),
        "local": local(row),
        "timezone": row.zone,
        "place": row.place,
        "state": row.state,
        "drill": row.drill,
        "by": row.by,
        "planned_at": iso(row.planned_at),
        "changes": row.changes,
    }
