"""Names in place of ids: what a person reads of a reason. Programs get the ids, in the reason's own parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from incident.errors import Reason
from incident.organisation import Organisation
from incident.playbooks.model import Playbook
from incident.record.row import name_of
from incident.words import Words

Name = Callable[[str], str | None]
_LEFT_ALONE: Final = "route.unknown_unit"
"""Tells of a name that nobody has, so it must be read as it was written."""


def named(reason: Reason, organisation: Organisation, locale: str, playbook: Playbook | None = None) -> Reason:
    """The same reason with people, units, rosters and the playbook by name. What is not found keeps its id."""
    if reason.key == _LEFT_ALONE:
        return reason

    def unit(name: str) -> str | None:
        found = organisation.unit(name)
        return found.name.for_locale(locale) if found else None

    def roster(name: str) -> str | None:
        found = organisation.roster_named(name)
        return found.name.for_locale(locale) if found else None

    def plan(name: str) -> str | None:
        return playbook.name.for_locale(locale) if playbook and playbook.id == name else None

    def person(name: str) -> str | None:
        return name_of(name, organisation)

    sorts: dict[str, Name] = {"unit": unit, "roster": roster, "playbook": plan, "person": person, "instead": person}
    params = ((name, sorts[name](value) or value if name in sorts else value) for name, value in reason.params)
    return Reason(reason.key, tuple(params))


def sentence(reason: Reason, organisation: Organisation, words: Words, playbook: Playbook | None = None) -> str:
    """A reason as somebody reads it."""
    return words.reason(named(reason, organisation, words.locale, playbook))
