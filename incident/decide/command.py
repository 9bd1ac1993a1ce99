"""Who commands and who holds which post. From the first answer on there is exactly one commander."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from incident.commands import AcceptCommand, FillPost, Moment, OfferCommand, TakeCommand, VacatePost
from incident.decide.alarm import acknowledge
from incident.decide.people import known
from incident.errors import Refused, why
from incident.events import CommandOffered, CommandTaken, Event, PostFilled, PostVacated, SpanExceeded
from incident.posts import SPAN_WARNED_AT, Post
from incident.state import Incident


def decide(
    state: Incident, command: TakeCommand | OfferCommand | AcceptCommand | FillPost | VacatePost, moment: Moment
) -> tuple[Event, ...]:
    """The answers of this chapter; see `incident.decide`."""
    match command:
        case TakeCommand():
            return _take(state, known(command.person, moment), moment)
        case OfferCommand():
            if known(command.to, moment) == state.commander:
                raise Refused(why("refused.commands_already", person=command.to))
            return () if state.offered_to == command.to else (CommandOffered(command.to, command.briefing),)
        case AcceptCommand():
            if state.offered_to != command.person:
                raise Refused(why("refused.not_offered", person=command.person))
            return (CommandTaken(command.person, state.commander),)
        case FillPost():
            return tuple(_fill(state, command, moment))
        case VacatePost():
            if command.post is Post.COMMANDER:
                raise Refused(why("refused.commander_by_offer"))
            if command.person not in state.posts.get(command.post, ()):
                raise Refused(why("refused.holds_not", person=command.person, post=command.post))
            return (PostVacated(command.post, command.person),)
    assert_never(command)


def _take(state: Incident, person: str, moment: Moment) -> tuple[Event, ...]:
    """With nobody in command, or nothing heard of the commander, this is an answer to the page. Else the commander has
    to offer it: no silent coup."""
    if state.commander is None or (state.expired and person != state.commander):
        return acknowledge(state, person, "web" if moment.by.startswith("person:") else "api", moment)
    if state.commander == person:
        return ()
    if state.offered_to == person:
        return (CommandTaken(person, state.commander),)
    raise Refused(why("refused.commanded_by", person=state.commander))


def _fill(state: Incident, command: FillPost, moment: Moment) -> Iterator[Event]:
    person = known(command.person, moment)
    if command.post is Post.COMMANDER:
        raise Refused(why("refused.commander_by_offer"))
    if person in state.posts.get(command.post, ()):
        return
    yield PostFilled(command.post, person)
    led = state.led() | {person}
    if len(led) >= SPAN_WARNED_AT > len(state.led()):
        yield SpanExceeded(len(led))
