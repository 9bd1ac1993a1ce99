"""Naming people in commands: an id that the organisation does not know is an error, not an answer."""

from __future__ import annotations

from incident.commands import Moment
from incident.errors import Unknown


def known(person: str, moment: Moment) -> str:
    """The id itself. Raises Unknown for somebody who is not in the organisation."""
    if moment.organisation.person(person) is None:
        raise Unknown("person", person)
    return person
