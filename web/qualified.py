"""Whether somebody may stand on a roster, asked of a document before they are put there: they have the skills that it
asks for, and are not away all the time."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from incident.errors import BadInput, Fault, why
from incident.organisation import Person
from incident.organisation.skills import unskilled


def may_stand(document: dict[str, Any], roster: dict[str, Any], name: str, at: datetime, field: str) -> None:
    """Raises BadInput at the field for somebody who lacks a skill that the roster asks for: they would be passed over.

    Somebody who does not exist is found out when the document is looked at as a whole.
    """
    person = next((Person.model_validate(one) for one in document["people"] if one["id"] == name), None)
    lacks = (unskilled(person, skill, at) for skill in roster["requires"]) if person else ()
    faults = [Fault(field, reason) for reason in lacks if reason is not None]
    if faults:
        raise BadInput(*faults)


def must_be_here(document: dict[str, Any], name: str, start: datetime, end: datetime, field: str) -> None:
    """Raises BadInput at the field for somebody who has time off for all of it: saved, it would bring nobody on duty.

    Where they are away for a part only, the effect that is shown tells which."""
    person = next((Person.model_validate(one) for one in document["people"] if one["id"] == name), None)
    if person and any(off.start <= start and end <= off.end for off in person.time_off):
        raise BadInput(Fault(field, why("rota.away_then")))
