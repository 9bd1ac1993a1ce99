"""Improvement plans of kept drills: changing an action, withdrawing it, and its owner's word that it is done.

Page, API and command come here. Nothing is overwritten: the plan stays as it was agreed, and each change stands beside
it with who made it and when. What is proved, or withdrawn, is not changed any more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection

from drills import actions, keeping
from drills.actions import Closure, Tracked
from drills.measures import Item, Measure
from drills.score import profile
from drills.score.observations import Said
from drills.simulate.play import Played
from incident.clock import iso
from incident.errors import BadInput, Fault, Refused, Unknown, why
from incident.organisation import Organisation, Person
from incident.store import drill_actions as table
from incident.store import drills
from incident.store.drill_actions import CHANGED, DONE, WITHDRAWN, ActionRow, Change
from incident.store.drills import DrillRow


class Edit(BaseModel):
    """What is to be another in an action: fields that are left out stay. `start` may be taken away with null."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    area: Said | None = None
    action: Said | None = None
    owner: Said | None = None
    start: date | None = None
    due: date | None = None
    element: Literal["planning", "organisation", "equipment", "training", "exercise"] | None = None
    measure: Said | None = None

    def fields(self) -> dict[str, str | None]:
        """Those that were named, as they are written."""
        named = {name: getattr(self, name) for name in Edit.model_fields if name in self.model_fields_set}
        return {
            name: value.isoformat() if isinstance(value, date) else value
            for name, value in named.items()
            if value is not None or name == "start"
        }


@dataclass(frozen=True, slots=True)
class Standing:
    """What is left to do, the next due first, the figures over all of it, and every action as it stands."""

    day: date
    left: list[Tracked]
    every: list[Tracked]
    closure: Closure


def standing(connection: Connection, today: date, drill: str | None = None) -> Standing:
    """Of one drill or of all. Reads other drills only where somebody says that something is done."""
    rows = table.listed(connection, drill)
    wanted = {row.playbook for row in rows if row.done_at is not None}
    sheets = keeping.sheets(connection, wanted) if wanted else []
    every = [actions.track(row, sheets, today) for row in rows]
    return Standing(today, actions.in_order(every), every, actions.closure(every, drills.count(connection)))


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


def held(connection: Connection, name: str | int, today: date, *, lock: bool = False) -> Tracked:
    """One action by its number, as it stands. Raises Unknown."""
    text = str(name)
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 18 else 0
    row = table.get(connection, number, lock=lock)
    if row is None:
        raise Unknown("drill_action", text[:20])
    sheets = keeping.sheets(connection, {row.playbook}) if row.done_at is not None else []
    return actions.track(row, sheets, today)


def change(
    connection: Connection, stands: Tracked, wanted: Edit, organisation: Organisation | None, noted: Change
) -> ActionRow:
    """Write what is another now; nothing where nothing is. `noted` says who, when and why. Hold the action's row.
    Raises Refused for what is proved or withdrawn, BadInput at the field."""
    _may_change(stands)
    now = asdict(stands.row.planned)
    fields = wanted.fields()
    if fields.get("owner") not in (None, now["owner"]):
        fields["owner"] = owner_of(organisation, fields["owner"] or "")
    fields = {name: value for name, value in fields.items() if value != now[name]}
    _check(connection, stands.row, {**now, **fields}, fields)
    if fields:
        became = Change(CHANGED, noted.by, noted.at, fields, noted.reason)
        table.became(connection, stands.row.id, became)
    return stands.row


def withdraw(connection: Connection, stands: Tracked, noted: Change) -> ActionRow:
    """It is not to be done any more; the reason is kept. Raises Refused for what is proved or withdrawn already."""
    _may_change(stands)
    table.became(connection, stands.row.id, Change(WITHDRAWN, noted.by, noted.at, {}, noted.reason))
    return stands.row


def claim(connection: Connection, stands: Tracked, by: str, at: datetime) -> ActionRow:
    """Its owner says that it is done. After a drill that showed otherwise it is said anew. Raises Refused."""
    if stands.state != "open":
        raise Refused(why(f"actions.is_{stands.state}"))
    table.became(connection, stands.row.id, Change(DONE, by, at, {}, ""))
    return stands.row


def history(row: ActionRow) -> Iterator[tuple[Change, list[tuple[str, str | None, str | None]]]]:
    """Each change in its order, with field, value before and value after."""
    now = asdict(row.first)
    for one in row.changes:
        yield one, [(name, now[name], value) for name, value in one.fields.items()]
        now |= one.fields


def plain(one: Tracked) -> dict[str, object]:
    """For programs: as it stands, as it was agreed, and each change."""
    row = one.row
    return {
        "id": row.id,
        "drill": row.drill,
        "playbook": row.playbook,
        **asdict(row.planned),
        "agreed": asdict(row.first),
        "changes": [
            {"kind": c.kind, "by": c.by, "at": iso(c.at), "fields": dict(c.fields), "reason": c.reason or None}
            for c in row.changes
        ],
        "state": one.state,
        "overdue": one.overdue,
        "done_at": iso(row.done_at) if row.done_at else None,
        "proved_by": one.by.drill if one.by and one.state == "proved" else None,
        "undone_by": one.by.drill if one.by and one.state == "open" else None,
    }


def person_of(organisation: Organisation | None, written: str) -> Person | None:
    """The one person whose id or name this is."""
    if organisation is None:
        return None
    by_id = organisation.person(written)
    named = [person for person in organisation.people if person.name == written]
    return by_id or (named[0] if len(named) == 1 else None)


def owner_of(organisation: Organisation | None, name: str) -> str:
    """As the report prints it: the name where it is one person's only, else the id. Raises BadInput for nobody."""
    person = person_of(organisation, name)
    if person is None:
        raise BadInput(Fault("/owner", why("actions.no_owner")))
    return person.name if person_of(organisation, person.name) is person else person.id


def unseen(stands: Tracked, seen: int | None) -> None:
    """Raises Refused where somebody has changed it since the one who asks has read it: `seen` changes ago."""
    if seen is not None and seen != len(stands.row.changes):
        raise Refused(why("improve.moved_on"))


def _may_change(stands: Tracked) -> None:
    if stands.state in ("proved", "withdrawn"):
        raise Refused(why(f"actions.is_{stands.state}"))


def _check(
    connection: Connection, row: ActionRow, whole: Mapping[str, str | None], fields: Mapping[str, object]
) -> None:
    start, due = (actions.day_of(whole[name] or "") for name in ("start", "due"))
    if start is not None and due is not None and start > due and {"start", "due"} & fields.keys():
        raise BadInput(Fault("/due", why("actions.due_first")))
    if "measure" in fields:
        played, drill = opened(connection, row.drill)
        if fields["measure"] not in {str(measure) for measure in choices(played, drill)}:
            raise BadInput(Fault("/measure", why("actions.no_measure")))
