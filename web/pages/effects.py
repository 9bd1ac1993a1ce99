"""What a loud command would do, before it is done: the same pure decision, with nobody writing it down.

So that a page can say "this pages 4 people now" and be right at that moment.
"""

from __future__ import annotations

from dataclasses import dataclass

from incident.commands import Command
from incident.decide import decide
from incident.errors import Reason, Refused, Unknown
from incident.events import Notified, Paged
from incident.organisation import as_met
from incident.record.naming import named
from incident.record.row import name_of
from incident.state import Incident
from web.auth import Visitor
from web.house import House


@dataclass(frozen=True, slots=True)
class Effect:
    """Who would be paged and who would be told, by name; or why it would be refused."""

    paged: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    refused: Reason | None = None


def effect(house: House, visitor: Visitor, state: Incident, command: Command) -> Effect:
    """Never raises for what the core refuses: the refusal is the effect."""
    organisation = as_met(house.directory.organisation(), state.report.drill)
    moment = house.outside()(max(house.clock.now(), state.at), visitor.by)
    try:
        events = decide(state, command, moment)
    except (Refused, Unknown) as error:
        return Effect(refused=named(error.reason, organisation, visitor.locale))
    paged = dict.fromkeys(s.person for event in events if isinstance(event, Paged) for s in event.people)
    told = dict.fromkeys(s.person for event in events if isinstance(event, Notified) for s in event.people)
    names = {person: name_of(person, organisation) or person for person in (*paged, *told)}
    return Effect(tuple(names[p] for p in paged), tuple(names[p] for p in told if p not in paged))
