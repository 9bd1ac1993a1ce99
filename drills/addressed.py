"""Whom an inject of a live drill reaches on the phone: whoever holds its addressee's place at the moment it is sent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from drills.script.model import Actor, Inject, Script
from incident.orders import INJECT, TO, Send, subject
from incident.organisation import Organisation, Person
from incident.organisation.people import Way, WayKind
from incident.state import Incident

NOBODY: Final = "nobody"
"""What the act says of an inject that comes by phone while nobody holds the place, or has no way."""
_MEANS: Final[Mapping[str, WayKind]] = {"sms": WayKind.SMS, "phone": WayKind.VOICE}
_LIFE: Final = timedelta(minutes=30)
"""A call that comes later than this belongs to another moment of the script."""


def addressed(
    script: Script, inject: Inject, state: Incident, organisation: Organisation, now: datetime
) -> tuple[Send | None, str, str]:
    """The message, and what the act says of it: `sms:li-wei` and the name, `nobody`, or nothing where the inject is
    only read in the log."""
    if not by_phone(script, inject):
        return None, "", ""
    call = order(script, inject, state, organisation, now)
    person = organisation.person(call.person) if call else None
    return (call, f"{call.way}:{person.id}", person.name) if call and person else (None, NOBODY, "")


def person_of(said: str) -> str:
    """Whom an act says that it told; empty for nobody."""
    return said.partition(":")[2]


def by_phone(script: Script, inject: Inject) -> bool:
    """Whether it goes to a player's phone. Who only speaks in the script, a customer or an authority, has none."""
    return inject.by in _MEANS and _player(script, inject) is not None


def order(script: Script, inject: Inject, state: Incident, organisation: Organisation, now: datetime) -> Send | None:
    """The message, in its reader's language and with the drill's mark: a text, or a call that reads it out. Who has no
    such way gets it as a text, a mail or a chat message. None when nobody holds the place, or has no way at all."""
    person = _holder(script, inject, state, organisation, now)
    way = _way(person, _MEANS[inject.by], state, organisation) if person else None
    if person is None or way is None or state.report.drill is None:
        return None
    sender = script.actor(inject.sender)
    name = sender.name.for_locale(person.locale) if sender else inject.sender
    said = {"sender": name, "text": inject.text.for_locale(person.locale)}
    return Send(
        incident=state.id,
        page=0,
        person=person.id,
        way=way.kind,
        purpose=INJECT,
        not_before=now,
        expires_at=now + _LIFE,
        urgency=min(state.level.rank, 2),
        first=False,
        drill=state.report.drill,
        facts={**subject(state), **said, TO: way.digest},
    )


def _player(script: Script, inject: Inject) -> Actor | None:
    actor = script.actor(inject.to)
    return actor if actor is not None and actor.plays == "player" and actor.tier and actor.who else None


def _holder(
    script: Script, inject: Inject, state: Incident, organisation: Organisation, now: datetime
) -> Person | None:
    """As the ladder finds its rung: a unit without that tier answers for it itself."""
    actor, own = _player(script, inject), organisation.unit(state.report.unit)
    if actor is None or actor.tier is None or actor.who is None:
        return None
    for tier in dict.fromkeys((actor.tier, own.tier if own else actor.tier)):
        for holder in organisation.holders(state.report.unit, tier, actor.who, "response", now):
            return organisation.person(holder.person)
    return None


def _way(person: Person, kind: WayKind, state: Incident, organisation: Organisation) -> Way | None:
    found = organisation.reach(person.id, state.level)
    return next((step.way for step in found.steps if step.way.kind is kind and not step.broken), found.by_text)
