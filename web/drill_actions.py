"""Improvement plans of kept drills: writing an action, its owner's word that it is done, and the list of what is left.

API and page come here. What proves an action is no request: `drills.actions` reads it from later drills.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from sqlalchemy import Connection
from starlette.requests import Request

from drills import actions, keeping
from drills.actions import Closure, Tracked
from drills.measures import PARTS, Item, Measure
from drills.score import profile
from drills.score.observations import Added, Plan
from drills.simulate.play import Played
from incident.errors import BadInput, Fault, NoOrganisation, Refused, Unknown, why
from incident.organisation import Organisation, Person, Role
from incident.playbooks.model import Playbook
from incident.store import drill_actions as table
from incident.store import drills
from incident.store.drill_actions import ActionRow
from incident.store.drills import DrillRow
from incident.store.engine import changing, reading
from web.auth import who
from web.bodies import Body, Long, Name
from web.house import House, house_of
from web.problems import Forbidden
from web.say import Reader


class NewAction(Body):
    """One action. `owner` is a person of the organisation, `measure` an item of the drill's score sheet or a part of
    one; a later drill that reaches it proves the action."""

    area: Name
    action: Long
    owner: Name
    start: date | None = None
    due: date
    element: Literal["planning", "organisation", "equipment", "training", "exercise"]
    measure: Name


@dataclass(frozen=True, slots=True)
class Standing:
    """What is left to do, the next due first, the figures over all of it, and every action as it stands."""

    left: list[Tracked]
    every: list[Tracked]
    closure: Closure


def standing(connection: Connection, today: date, drill: str | None = None) -> Standing:
    """Of one drill or of all. Reads other drills only where somebody says that something is done."""
    rows = table.listed(connection, drill)
    wanted = {row.playbook for row in rows if row.done_at is not None}
    sheets = keeping.sheets(connection, wanted) if wanted else []
    every = [actions.track(row, sheets, today) for row in rows]
    return Standing(actions.in_order(every), every, actions.closure(every, drills.count(connection)))


def opened(connection: Connection, name: str) -> tuple[Played, DrillRow]:
    """A kept drill by its id or the beginning of it. Raises Unknown."""
    row = drills.head_of(connection, name)
    if row is None:
        raise Unknown("drill", name[:80])
    return keeping.find(connection, row.id, profile(row.profile)), row


def choices(played: Played, row: DrillRow) -> list[Measure]:
    """The measures that an action of this drill can name: what was observed or asked for, those not reached first."""
    found = actions.measured(played.score(profile(row.profile)))
    asked = {task.measure for objective in played.script.objectives for task in objective.tasks}
    every = {*asked, *(Measure.parse(name) for name in found)}
    order = list(Item)
    return sorted(every, key=lambda m: (found.get(str(m), False), order.index(m.item), m.part or ""))


def add(request: Request, wanted: NewAction) -> str:
    """The id of the drill. Blocks. Raises Unknown, or BadInput at the field."""
    house = house_of(request)
    owner = _owner(house, wanted.owner)
    if wanted.start is not None and wanted.start > wanted.due:
        raise BadInput(Fault("/due", why("actions.due_first")))
    with changing(house.engine) as connection:
        played, row = opened(connection, request.path_params["drill"])
        if wanted.measure not in {str(measure) for measure in choices(played, row)}:
            raise BadInput(Fault("/measure", why("actions.no_measure")))
        plan = Plan(
            area=wanted.area,
            action=wanted.action,
            owner=owner,
            start=wanted.start.isoformat() if wanted.start else None,
            due=wanted.due.isoformat(),
            element=wanted.element,
            measure=Measure.parse(wanted.measure),
        )
        keeping.observe(connection, row.id, Added(plan=(plan,)), profile(row.profile))
    return row.id


def claim(request: Request) -> ActionRow:
    """Its owner says that it is done; where the owner is nobody here, a commander does. Blocks. Raises Unknown,
    Forbidden for anybody else, or Refused for what is done or proved."""
    house, visitor, name = house_of(request), who(request), request.path_params["action"]
    with changing(house.engine) as connection:
        number = int(name) if name.isascii() and name.isdecimal() and len(name) < 18 else 0
        row = table.get(connection, number, lock=True)
        if row is None:
            raise Unknown("drill_action", name[:20])
        if not may_claim(request, row, organisation_of(house)):
            raise Forbidden(why("actions.not_owner", name=row.planned.owner))
        now = house.clock.now()
        stands = actions.track(row, keeping.sheets(connection, {row.playbook}), now.date())
        if stands.state != "open":
            raise Refused(why(f"actions.is_{stands.state}"))
        table.claim(connection, row.id, visitor.by, now)
    return row


def may_claim(request: Request, row: ActionRow, organisation: Organisation | None) -> bool:
    """Whether this visitor may say that it is done."""
    owner = person_of(organisation, row.planned.owner)
    visitor = who(request)
    return visitor.person == owner.id if owner else visitor.may(Role.COMMANDER)


def person_of(organisation: Organisation | None, written: str) -> Person | None:
    """The one person whose id or name this is."""
    if organisation is None:
        return None
    by_id = organisation.person(written)
    named = [person for person in organisation.people if person.name == written]
    return by_id or (named[0] if len(named) == 1 else None)


def organisation_of(house: House) -> Organisation | None:
    try:
        return house.directory.organisation()
    except NoOrganisation:
        return None


def _owner(house: House, name: str) -> str:
    """As the report prints it: the name where it is one person's only, else the id."""
    organisation = organisation_of(house)
    person = organisation.person(name) if organisation else None
    if person is None:
        raise BadInput(Fault("/owner", why("actions.no_owner")))
    return person.name if person_of(organisation, person.name) is person else person.id


def measure_says(measure: str | None, playbooks: Sequence[Playbook], playbook: str, reader: Reader) -> str:
    """A measure in words: the item, and the part of it that is meant."""
    if measure is None:
        return reader.words.t("actions.no_proof")
    found = Measure.parse(measure)
    item = reader.words.t(f"drill.item.{found.item}")
    if found.part is None:
        return item
    part = found.part
    if found.item is PARTS["step"]:
        steps = (s for p in playbooks if p.id == playbook for s in p.steps if s.id == part)
        step = next(steps, None)
        part = reader.text(step.text).rstrip(".。") if step else part
    elif found.item is PARTS["post"]:
        part = reader.words.t(f"post.{part}")
    else:
        part = reader.words.t(f"drill_to.{part}")
    return reader.words.t("actions.measure", item=item, part=part)


def listed(request: Request, drill: str | None = None) -> Standing:
    """The standing now, in a transaction of its own."""
    house = house_of(request)
    with reading(house.engine) as connection:
        return standing(connection, house.clock.now().date(), drill)
