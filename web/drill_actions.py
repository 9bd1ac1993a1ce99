"""Improvement plans of kept drills as requests: writing an action, changing it, its owner's word, what is left.

What each of them may do is said in `drills.improving`; what proves an action is no request: `drills.actions`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Literal

from sqlalchemy import Connection
from starlette.requests import Request

from drills import improving, keeping
from drills.actions import Tracked
from drills.improving import Edit, Standing, choices, opened, person_of, standing
from drills.measures import Measure
from drills.score.observations import Added, Plan, Said
from drills.story import measure_says as in_words
from incident.errors import BadInput, Fault, NoOrganisation, why
from incident.organisation import Organisation, Role
from incident.playbooks.model import Playbook
from incident.store.drill_actions import ActionRow, Change
from incident.store.engine import changing, reading
from web.auth import who
from web.bodies import Body, Name, Short
from web.house import House, house_of
from web.problems import Forbidden
from web.say import Reader


class NewAction(Body):
    """One action. `owner` is a person of the organisation, `measure` an item of the drill's score sheet or a part of
    one; a later drill that reaches it proves the action."""

    area: Name
    action: Said
    owner: Name
    start: date | None = None
    due: date
    element: Literal["planning", "organisation", "equipment", "training", "exercise"]
    measure: Name


class ChangedAction(Edit):
    """What is to be another; fields that are left out stay, a `start` of null is taken away. What is done and gets
    other words or another measure is open again. `seen` is how many changes of it you have read: another number is
    refused, so that nobody undoes what somebody else has just written."""

    reason: Short | None = None
    seen: int | None = None


class Withdrawal(Body):
    """It is not to be done any more, and why."""

    reason: Short
    seen: int | None = None


def add(request: Request, wanted: NewAction) -> str:
    """The id of the drill. Blocks. Raises Unknown, or BadInput at the field."""
    house = house_of(request)
    owner = improving.owner_of(organisation_of(house), wanted.owner)
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
        keeping.observe(connection, row.id, Added(plan=(plan,)))
    return row.id


def change(request: Request, wanted: ChangedAction) -> ActionRow:
    """Blocks. Raises Unknown, BadInput at the field, or Refused for what is proved, withdrawn or changed meanwhile."""
    house = house_of(request)
    with changing(house.engine) as connection:
        stands = _held(request, connection)
        improving.unseen(stands, wanted.seen)
        noted = _noted(request, wanted.reason or "")
        return improving.change(connection, stands, wanted, organisation_of(house), noted)


def withdraw(request: Request, wanted: Withdrawal) -> ActionRow:
    """Blocks. Raises Unknown, or Refused for what is proved, withdrawn or changed meanwhile."""
    with changing(house_of(request).engine) as connection:
        stands = _held(request, connection)
        improving.unseen(stands, wanted.seen)
        return improving.withdraw(connection, stands, _noted(request, wanted.reason))


def claim(request: Request) -> ActionRow:
    """Its owner says that it is done; where the owner is nobody here, a commander does. Blocks. Raises Unknown,
    Forbidden for anybody else, or Refused for what is done, proved or withdrawn."""
    house = house_of(request)
    with changing(house.engine) as connection:
        stands = _held(request, connection)
        if not may_claim(request, stands.row, organisation_of(house)):
            raise Forbidden(why("actions.not_owner", name=stands.row.planned.owner))
        return improving.claim(connection, stands, who(request).by, house.clock.now())


def one(request: Request) -> Tracked:
    """The action that is asked for, as it stands now. Raises Unknown."""
    with reading(house_of(request).engine) as connection:
        return _held(request, connection, lock=False)


def _held(request: Request, connection: Connection, *, lock: bool = True) -> Tracked:
    today = house_of(request).clock.now().date()
    return improving.held(connection, request.path_params["action"], today, lock=lock)


def _noted(request: Request, reason: str) -> Change:
    return Change("", who(request).by, house_of(request).clock.now(), {}, reason)


def may_claim(request: Request, row: ActionRow, organisation: Organisation | None) -> bool:
    """Whether this visitor may say that it is done."""
    owner = person_of(organisation, row.planned.owner)
    visitor = who(request)
    return visitor.person == owner.id if owner else visitor.may(Role.COMMANDER)


def organisation_of(house: House) -> Organisation | None:
    try:
        return house.directory.organisation()
    except NoOrganisation:
        return None


def measure_says(measure: str | None, playbooks: Sequence[Playbook], playbook: str, reader: Reader) -> str:
    """A measure in words, by the playbook of that id."""
    if measure is None:
        return reader.words.t("actions.no_proof")
    known = next((one for one in playbooks if one.id == playbook), None)
    return in_words(Measure.parse(measure), known, reader.words)


def listed(request: Request, drill: str | None = None) -> Standing:
    """The standing now, in a transaction of its own."""
    house = house_of(request)
    with reading(house.engine) as connection:
        return standing(connection, house.clock.now().date(), drill)
