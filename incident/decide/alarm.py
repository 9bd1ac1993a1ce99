"""The alarm: silence climbs, an answer stops it, a clock that runs out is written down and told upward."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final, assert_never

from incident.commands import Acknowledge, Decline, Moment, NoteDelivery, NoteFailure, Tick
from incident.deadlines import Deadline, What, due
from incident.decide import holding, ladder, quiet
from incident.decide.people import known
from incident.errors import Refused, why
from incident.events import (
    Acknowledged,
    ClockBreached,
    CommandTaken,
    Declined,
    Event,
    Notified,
    PageDelivered,
    PageFailed,
    StepOverdue,
    Summoned,
    UpdateMissed,
)
from incident.posts import Tier
from incident.state import Incident

_MESSAGES: Final = frozenset({"sms", "voice", "link"})
"""Answers to a page. When it is resolved there is none to answer: whoever is woken late must not be put in command of
it. Whoever wants a part in what is left, the test and the close, takes it on the site."""

_ABOVE = {Tier.FIELD: Tier.REGION, Tier.REGION: Tier.HQ, Tier.HQ: Tier.HQ}


def decide(
    state: Incident, command: Tick | Acknowledge | Decline | NoteDelivery | NoteFailure, moment: Moment
) -> tuple[Event, ...]:
    """The answers of this chapter; see `incident.decide`."""
    match command:
        case Tick():
            return tuple(_come_due(state, moment))
        case Acknowledge():
            if state.resolved_at is not None and command.via in _MESSAGES:
                raise Refused(why("refused.resolved_already"))
            return acknowledge(state, command.person, command.via, moment)
        case Decline():
            return tuple(_decline(state, command, moment))
        case NoteDelivery():
            part = _part(state, command.person, command.page)
            return (PageDelivered(command.page, command.person, command.way),) if part == "open" else ()
        case NoteFailure():
            return tuple(_failed(state, command, moment))
    assert_never(command)


def acknowledge(state: Incident, person: str, via: str, moment: Moment) -> tuple[Event, ...]:
    """The first answer also takes command, and so does one while nothing is heard of the commander. A second one by the
    same person says nothing new, unless it rings again or a while has passed in which nothing was heard."""
    known(person, moment)
    if person in state.responders and not state.alarm.ringing and not quiet.renews(state, moment):
        return ()
    stands = moment.organisation.rostered(person) or any(
        one.person == person and one.reason.key.startswith("ladder.") for one in state.alarm.paged
    )
    answer = Acknowledged(person, via, stands)
    free = state.commander is None or (state.expired and person != state.commander)
    return (answer, CommandTaken(person, state.commander)) if free else (answer,)


def _decline(state: Incident, command: Decline, moment: Moment) -> Iterator[Event]:
    """Climbs at once when nobody on the rung is left who could still answer, or when a paused drill goes on."""
    person = known(command.person, moment)
    if person == state.commander and not state.expired:
        raise Refused(why("refused.commander_declines"))
    yield Declined(person, command.via, command.note)
    if state.paused_at is None and _rung_is_spent(state, person) and _can_climb(state):
        yield from quiet.climb(state, why("alarm.declined", person=person), moment, person)


def _failed(state: Incident, command: NoteFailure, moment: Moment) -> Iterator[Event]:
    if _part(state, command.person, command.page) != "open":
        return
    yield PageFailed(command.page, command.person, command.way, command.reason)
    current = command.page == state.alarm.page and state.paused_at is None
    if current and _rung_is_spent(state, command.person) and _can_climb(state):
        yield from quiet.climb(state, why("alarm.undeliverable", person=command.person), moment, command.person)


def climb_if_spent(state: Incident, moment: Moment) -> Iterator[Event]:
    """For a drill that goes on: what became of its pages, or was answered to them, while it was paused made nothing
    climb."""
    rung = state.alarm.on_rung()
    if state.alarm.ringing and rung and all(p.answer for p in rung) and _can_climb(state):
        said = "alarm.declined" if rung[-1].answer == "declined" else "alarm.undeliverable"
        yield from quiet.climb(state, why(said, person=rung[-1].person), moment)


def _can_climb(state: Incident) -> bool:
    """Below the top. At the top the next round waits for its time: who declined is not asked again at once."""
    return quiet.asks_commander(state) or ladder.goes_on(state)


def _rung_is_spent(state: Incident, person: str) -> bool:
    """Whether all of those paged last have declined or cannot be reached, counting `person` in."""
    rung = state.alarm.on_rung()
    return any(p.person == person for p in rung) and all(p.answer or p.person == person for p in rung)


def _part(state: Incident, person: str, page: int) -> str | None:
    """`open` for a page that was neither delivered nor failed yet, `answered` else; None for no such page."""
    for p in state.alarm.paged:
        if p.person == person and p.page == page:
            return "answered" if p.delivered or p.answer == "unreachable" else "open"
    return None


def _come_due(state: Incident, moment: Moment) -> Iterator[Event]:
    if state.held:
        yield from holding.look_again(state, moment)
        return
    found = due(state, moment.now)
    expires = any(deadline.what is What.EXPIRY for deadline in found)
    for deadline in found:
        if deadline.what is What.QUIET and expires:  # nobody looked for a while: too late to ask first
            continue
        yield from _one_due(state, deadline, moment)


def _one_due(state: Incident, deadline: Deadline, moment: Moment) -> Iterator[Event]:
    match deadline.what:
        case What.RUNG:
            yield from quiet.climb(state, why("alarm.silence"), moment)
        case What.CLOCK:
            yield ClockBreached(deadline.name, state.clocks[deadline.name].due)
            yield from _told_upward(state, deadline.name, moment)
        case What.UPDATE:
            assert state.pinned is not None
            assert state.word.due is not None
            every = timedelta(seconds=state.pinned.cadence.every_s)
            yield UpdateMissed(state.word.due, moment.now + every)
        case What.STEP:
            step = state.steps[deadline.name]
            assert step.due is not None
            yield StepOverdue(deadline.name, step.due)
        case What.HOLD:
            raise AssertionError("looked at before")
        case What.QUIET:
            yield from quiet.warn(state)
        case What.EXPIRY:
            yield from quiet.expire(state, moment)
        case _:
            assert_never(deadline.what)


def _told_upward(state: Incident, clock: str, moment: Moment) -> Iterator[Event]:
    """A breached clock is reported to the commander and to whoever is on duty one tier up."""
    unit = moment.organisation.unit(state.report.unit)
    tier = _ABOVE[unit.tier] if unit else Tier.HQ
    holders = moment.organisation.holders(state.report.unit, tier, "primary", "response", moment.now)
    people = {h.person: Summoned(h.person, h.reason) for h in holders}
    if state.commander:
        people.setdefault(state.commander, Summoned(state.commander, why("notice.you_command")))
    if people:
        yield Notified(tuple(people.values()), why("notice.clock_breached", clock=clock))
