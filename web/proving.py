"""What the drill at hand could prove, for its start and its console; and whose it is to see to what is overdue."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection
from starlette.requests import Request

from drills.actions import Tracked
from drills.improving import person_of
from drills.proving import Form, left_to_prove
from drills.script.model import Script
from incident.store import live
from incident.store.engine import reading
from web import drill_actions
from web.auth import who
from web.drilling import room_of
from web.house import house_of
from web.render import reader_of


def proving(request: Request, script: Script, form: Form) -> dict[str, Any]:
    """What the list of it asks; nothing of the script is in it but what its playbook says anyway."""
    house, reader = house_of(request), reader_of(request)
    with reading(house.engine) as connection:
        found = left_to_prove(connection, script, room_of(house).outside(), form, house.clock.now().date())
    playbooks = house.library.playbooks()
    return {
        "proving": found,
        "measure_says": lambda row: drill_actions.measure_says(row.planned.measure, playbooks, row.playbook, reader),
    }


def own_overdue(request: Request, connection: Connection, left: Sequence[Tracked]) -> list[Tracked]:
    """What is overdue and this visitor's to see to: their own actions, and those of drills that they ran."""
    visitor, late = who(request), [one for one in left if one.overdue]
    if not late or visitor.person is None:
        return []
    organisation = drill_actions.organisation_of(house_of(request))
    ran = live.kept_of(connection, visitor.by)
    owners = {one.row.id: person_of(organisation, one.row.planned.owner) for one in late}
    return [one for one in late if one.row.drill in ran or _is(owners[one.row.id], visitor.person)]


def _is(owner: Any, person: str) -> bool:
    return owner is not None and owner.id == person
