"""Whether somebody may stand on a roster that asks for skills, asked of a document before they are put there."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from incident.errors import BadInput, Fault
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
