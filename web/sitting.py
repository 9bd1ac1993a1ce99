"""A tabletop in the browser: who may see it, what its console shows, and what the facilitator may do. API and page come
here. Participants never see the script: whoever was listed is turned away, whatever their role, but for the one who
started it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints
from starlette.requests import Request

from drills import sitting
from drills.ahead import people
from drills.measures import Measure
from drills.script.model import Inject, Script
from drills.sitting import Said, Sitting
from incident.clock import iso
from incident.errors import BadInput, Fault, why
from incident.ids import new_id
from incident.store.live import ActRow
from incident.words import words_for
from web.auth import who
from web.bodies import Body, Long, Name, Short
from web.drilling import room_of
from web.house import house_of
from web.injects import inject_as, noted
from web.problems import Forbidden
from web.starting import Planned, planned


class Sit(Planned):
    """`participants`: names or ids, by comma or line. `once` makes two of the same request one tabletop."""

    participants: Long | None = None
    once: Annotated[str, StringConstraints(pattern=r"^[0-9a-z]{6,26}$")] | None = None


class TableDeed(Body):
    """What the facilitator does. `inject` for read, skip and judge; at the end `measure` for what no inject asked for.
    `who` said so, `note` what they said."""

    act: Literal["read", "skip", "judge", "pause", "resume", "end"]
    inject: Annotated[int, Field(ge=1, le=999)] | None = None
    measure: Name | None = None
    done: Literal["done", "partly", "not"] | None = None
    note: Long | None = None
    who: Short | None = None


def start(request: Request, wanted: Sit) -> str:
    """The name of the tabletop. Blocks. Raises BadInput, Unknown or Refused."""
    house, visitor = house_of(request), who(request)
    room = room_of(house)
    outside = room.outside()
    script = planned(wanted, outside, house)
    outside.plans.playbook(script.playbook)
    name = f"{script.id}-{wanted.once or new_id()[:8]}"
    present = people(outside.organisation, wanted.participants or "", "/participants")
    sitting.start(room, script, name, by=visitor.by, locale=visitor.locale, judge=wanted.profile, present=present)
    return name


def opened(request: Request) -> Sitting:
    """The tabletop of this request, for its facilitators. Raises Unknown, or Forbidden for a participant."""
    visitor = who(request)
    found = sitting.sitting(room_of(house_of(request)), request.path_params["drill"])
    if visitor.person in found.participants and found.row.by != visitor.by:
        raise Forbidden(why("drill.table.participant"))
    return found


def do(request: Request, deed: TableDeed) -> None:
    """Blocks. Raises what `opened` does, BadInput for half a deed, or Refused."""
    found, room, by = opened(request), room_of(house_of(request)), who(request).by
    match deed.act:
        case "read" | "skip":
            if deed.inject is None:
                raise BadInput(Fault("/inject", why("intake.missing")))
            sitting.settle(room, found.name, deed.inject, by, read=deed.act == "read")
        case "judge":
            sitting.judge(room, found.name, _said(found.script, deed), by)
        case "pause" | "resume":
            sitting.stop(room, found.name, by, still=deed.act == "pause")
        case "end":
            sitting.end(room, found.name, by)


def _said(script: Script, deed: TableDeed) -> Said:
    if deed.done is None:
        raise BadInput(Fault("/done", why("intake.missing")))
    note, person = deed.note or "", deed.who or ""
    if deed.inject is not None:
        measure = next((inject.measure for inject in script.injects if inject.number == deed.inject), None)
        if measure is None:
            raise BadInput(Fault("/inject", why("drill.live.no_inject", inject=deed.inject)))
        return Said(measure, deed.done, note, person, deed.inject)
    try:
        return Said(Measure.parse(deed.measure or ""), deed.done, note, person)
    except ValueError:
        raise BadInput(Fault("/measure", why("drill.table.no_measure", measure=deed.measure or "-"))) from None


def shown_as(request: Request, found: Sitting) -> dict[str, Any]:
    """What the console shows, in the reader's language."""
    house, locale = house_of(request), who(request).locale
    script, control, now = found.script, found.control, house.clock.now()
    names = {f"person:{person.id}": person.name for person in house.directory.organisation().people}
    report = script.opening.report(locale, script.policy)
    rest = [
        {"measure": str(one), "text": _asked(script, one, locale), **_judged(found.judged.get(one), names)}
        for one in found.rest
    ]
    return {
        "name": found.name,
        "script": script.id,
        "state": found.row.state,
        "elapsed_min": int(control.elapsed(now).total_seconds() // 60),
        "duration_min": script.duration_min,
        "kept": found.row.kept,
        "participants": [names.get(f"person:{person}", person) for person in found.participants],
        "opening": [text for text in (report.title, report.place, report.symptom, report.scope) if text],
        "injects": [_inject(found, inject, names, locale) for inject in script.injects],
        "noted": noted(script, control, found.acts, names, locale),
        "rest": rest,
        "judged": bool(found.judged),
    }


def _inject(found: Sitting, inject: Inject, names: Mapping[str, str], locale: str) -> dict[str, Any]:
    objective = next((one for one in found.script.objectives if one.id == inject.objective), None)
    return {
        **inject_as(found.script, found.control, inject, locale),
        "objective": objective.text.for_locale(locale) if objective else inject.objective,
        **_judged(found.judged.get(inject.number), names),
    }


def _judged(act: ActRow | None, names: Mapping[str, str]) -> dict[str, Any]:
    if act is None:
        return {"done": None, "note": "", "who": "", "judged_at": None, "judged_by": ""}
    said = Said.of(act)
    by = names.get(act.by, act.by)
    return {"done": said.outcome, "note": said.note, "who": said.who, "judged_at": iso(act.at), "judged_by": by}


def _asked(script: Script, measure: Measure, locale: str) -> str:
    """A measure by the task that it proves, else by its line on the score sheet."""
    tasks = [task for objective in script.objectives for task in objective.tasks if task.measure == measure]
    return tasks[0].text.for_locale(locale) if tasks else words_for(locale).t(f"drill.item.{measure.item}")
