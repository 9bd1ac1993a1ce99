"""Drills that are planned ahead, as requests: planning, changing, cancelling and starting one. API and page come here.

Nothing here pages anybody but `start`, which is the start of any drill.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field
from starlette.requests import Request

from drills import ahead, briefing, live, sitting
from drills.ahead import Asking, Plan, Says
from drills.briefing import Briefed
from drills.placing import placed
from drills.room import Room
from drills.script.model import Script
from incident.errors import BadInput, Fault, Refused, why
from incident.ids import new_id
from incident.organisation import Organisation, Role
from incident.store import drill_plans
from incident.store import live as live_table
from incident.store.drill_plans import PLANNED, STARTED, PlanRow
from incident.store.engine import changing, reading
from incident.words import words_for
from web.auth import who
from web.bodies import Body, Nothing, Short
from web.drilling import room_of
from web.house import House, house_of
from web.problems import Forbidden

LIVE_FORM = "live"


class Cancelled(Body):
    """It will not take place, and why."""

    reason: Short


class Read(Body):
    """`seen` is how many changes of the plan you have read: another number is refused."""

    seen: Annotated[int, Field(ge=0)] | None = None


class Go(Body):
    """`real_phones`: a live drill may ring people's own phones. Else only the simulated ones do."""

    real_phones: bool = False


def add(request: Request, wanted: Plan) -> PlanRow:
    """Blocks. Raises BadInput at the field."""
    asking = _asking(request)
    with changing(house_of(request).engine) as connection:
        return ahead.add(connection, new_id()[:8], wanted, asking)


def change(request: Request, wanted: Plan) -> PlanRow:
    """Blocks. Raises Unknown, BadInput at the field, or Refused."""
    asking = _asking(request)
    with changing(house_of(request).engine) as connection:
        return ahead.change(connection, _name(request), wanted, asking)[1]


def cancel(request: Request, wanted: Cancelled) -> PlanRow:
    """Blocks. Raises Unknown or Refused."""
    with changing(house_of(request).engine) as connection:
        return ahead.cancel(connection, _name(request), wanted.reason, _asking(request))


def send(request: Request, _: Nothing) -> PlanRow:
    """The briefing, to whoever has not been told of the plan as it is. Blocks. Raises Unknown or Refused."""
    asking = _asking(request)
    with changing(house_of(request).engine) as connection:
        return ahead.send(connection, _name(request), asking)


def acknowledge(request: Request, wanted: Read) -> PlanRow:
    """By whoever asks, for themselves. Blocks. Raises Unknown or Refused."""
    house, person = house_of(request), who(request).person
    with changing(house.engine) as connection:
        return ahead.acknowledge(connection, _name(request), person, wanted.seen, house.clock.now())


def briefed(request: Request, row: PlanRow) -> list[Briefed]:
    """Everybody who takes part, with whether they were told and have acknowledged."""
    with reading(house_of(request).engine) as connection:
        return briefing.standing(connection, row)


def start(request: Request, wanted: Go) -> PlanRow:
    """With all that was chosen. The same again changes nothing. Blocks. Raises Unknown, BadInput or Refused, Forbidden
    for who plays: whoever starts a drill sees its script."""
    house = house_of(request)
    row = found(request)
    if row.state == STARTED:
        return row
    if who(request).person in row.players:
        raise Forbidden(why("ahead.player_starts"))
    with changing(house.engine) as connection:
        row = ahead.held(connection, row.id)
        script = ahead.script_of(connection, row.script)
    outside = room_of(house).outside()
    outside.plans.playbook(script.playbook)
    if row.form == LIVE_FORM and wanted.real_phones and house.simulated:
        raise BadInput(Fault("/real_phones", why("drill.live.no_provider")))
    script = placed(script, row.unit, outside.organisation, "/unit")
    _begin(request, row, script, real_phones=wanted.real_phones)
    with changing(house.engine) as connection:
        ahead.begun(connection, row.id, _drill(row))
    return found(request)


def _drill(row: PlanRow) -> str:
    """The name of the drill that is started from it: always the same, so that it is started once."""
    return f"{row.script}-{row.id}"


def _begin(request: Request, row: PlanRow, script: Script, *, real_phones: bool) -> None:
    """Whoever died after it leaves a drill of this name, and it is not begun twice."""
    visitor, room, drill = who(request), room_of(house_of(request)), _drill(row)
    if row.form != LIVE_FORM:
        sitting.start(room, script, drill, by=visitor.by, locale=visitor.locale, judge=row.profile, present=row.players)
    elif not _runs(room, drill):
        try:
            live.start(
                room, script, drill, by=visitor.by, locale=visitor.locale, judge=row.profile, real_phones=real_phones
            )
        except Refused:
            if not _runs(room, drill):
                raise


def _runs(room: Room, drill: str) -> bool:
    with reading(room.engine) as connection:
        return live_table.find(connection, drill) is not None


def console_of(row: PlanRow) -> str | None:
    """Where its control sits, once it was started."""
    return f"/drills/{row.drill}/{'console' if row.form == LIVE_FORM else 'tabletop'}" if row.drill else None


def found(request: Request) -> PlanRow:
    """The plan of this request. Raises Unknown."""
    with reading(house_of(request).engine) as connection:
        return ahead.find(connection, _name(request))


def said_of(house: House, row: PlanRow, locale: str) -> tuple[Says, Script | None]:
    """Its words in this language, and its script, if that is still there."""
    with reading(house.engine) as connection:
        try:
            script = ahead.script_of(connection, row.script)
        except BadInput:
            script = None
    return ahead.says(row, script, words_for(locale)), script


def as_json(request: Request, row: PlanRow) -> dict[str, Any]:
    """What a program reads of it: nothing that its players may not."""
    said, _ = said_of(house_of(request), row, who(request).locale)
    return ahead.brief(row) | {
        "name": said.name,
        "aim": said.aim,
        "flow": said.flow,
        "expected": said.expected,
        "profile": row.profile,
        "players": row.players,
        "controllers": row.controllers,
        "evaluators": row.evaluators,
        "reason": row.reason,
        "briefing": [one.as_dict() for one in briefed(request, row)],
    }


def listed(request: Request) -> list[dict[str, Any]]:
    """What is planned, the next one first."""
    with reading(house_of(request).engine) as connection:
        return [ahead.brief(row) for row in drill_plans.coming(connection)]


def names_of(organisation: Organisation, people: tuple[str, ...]) -> list[str]:
    """Their names; the id of somebody who is gone."""
    known = {person.id: person.name for person in organisation.people}
    return [known.get(person, person) for person in people]


def may_change(request: Request, row: PlanRow) -> bool:
    """Whether the forms are shown."""
    return row.state == PLANNED and who(request).may(Role.COMMANDER)


def _asking(request: Request) -> Asking:
    house, visitor = house_of(request), who(request)
    return Asking(visitor.by, words_for(visitor.locale), house.clock.now(), house.directory.organisation())


def _name(request: Request) -> str:
    name: str = request.path_params["plan"]
    return name
