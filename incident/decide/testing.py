"""A test page: asks one person whether pages reach them, through the very engine that pages in earnest.

It is an incident of its own whose log is the evidence: paged, delivered or failed, answered or not. Nobody else is
asked, nothing starts, no clock runs, and it ends by itself: with any answer, when no way leads to the person, or when
the time is over.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from incident.commands import Acknowledge, Command, Decline, Moment, Note, NoteDelivery, NoteFailure, Open, Tick
from incident.decide.people import known
from incident.errors import Refused, why
from incident.events import (
    Acknowledged,
    Cadence,
    Closed,
    Declined,
    Event,
    Graded,
    Noted,
    Paged,
    PageDelivered,
    PageFailed,
    Reported,
    Rung,
    Summoned,
)
from incident.levels import Level
from incident.marks import is_test, tested
from incident.playbooks.reader import choose
from incident.posts import Tier
from incident.state import Incident

LEVEL: Final = Level.HIGH
"""So that a call follows the text as in earnest, but no real page waits behind it."""
WAIT: Final = timedelta(hours=1)
"""How long an answer is waited for. [assumed]"""
POLICY: Final = "drill"


def open_test(command: Open, moment: Moment) -> tuple[Event, ...]:
    """Reported, graded, paged: to the one whom the mark names. Raises Unknown for somebody who does not work here."""
    assert command.drill is not None
    assert is_test(command.drill)
    name = known(tested(command.drill), moment)
    person = moment.organisation.person(name)
    assert person is not None
    report, policy = command.report, moment.library.policy(POLICY)
    playbook = choose(moment.library.playbooks(), report.kind, None, report.words(), LEVEL).playbook
    reported = Reported(
        code=command.code,
        title=report.title,
        kind=report.kind,
        happened_at=moment.now,
        channel=report.channel,
        source=report.source,
        unit=person.unit,
        routed=why("test.routed", person=person.name),
        dedup_key=report.dedup_key,
        previous=command.previous,
        drill=command.drill,
    )
    every = int(WAIT.total_seconds())
    graded = Graded(
        level=LEVEL,
        reasons=(why("test.level"),),
        policy=policy.id,
        policy_version=policy.version,
        policy_digest=policy.digest,
        clocks=(),
        cadence=Cadence(every, every, every),
        playbook=playbook.id,
        playbook_version=playbook.version,
        playbook_digest=playbook.digest,
        playbook_reason=why("test.playbook"),
        ladder=(Rung(Tier.FIELD, "primary", "response", every),),
    )
    asked = Paged(1, 0, 0, Tier.FIELD, (Summoned(name, why("test.why")),), why("test.asked"), moment.now + WAIT)
    return (reported, graded, asked)


def decide(state: Incident, command: Command, moment: Moment) -> tuple[Event, ...]:
    """The answers of this chapter; see `incident.decide`. Whatever else one does to an incident is refused."""
    return tuple(_decide(state, command, moment))


def _decide(state: Incident, command: Command, moment: Moment) -> Iterator[Event]:
    match command:
        case Acknowledge():
            _own(state, command.person)
            yield Acknowledged(command.person, command.via, moment.organisation.rostered(command.person))
            yield Closed()
        case Decline():  # an answer, too: it has reached them
            _own(state, command.person)
            yield Declined(command.person, command.via, command.note)
            yield Closed()
        case NoteDelivery():
            if any(p.page == command.page and not p.delivered for p in state.alarm.paged):
                yield PageDelivered(command.page, command.person, command.way)
        case NoteFailure():
            if not state.phase.over:
                yield PageFailed(command.page, command.person, command.way, command.reason)
                yield Closed()
        case Tick():
            if not state.phase.over and state.alarm.next_at is not None and state.alarm.next_at <= moment.now:
                yield Closed()
        case Note():
            yield Noted(command.text)
        case _:
            raise Refused(why("refused.test_page"))


def _own(state: Incident, person: str) -> None:
    """Somebody else's answer would prove nothing."""
    if state.report.drill is None or tested(state.report.drill) != person:
        raise Refused(why("refused.test_of_another"))
