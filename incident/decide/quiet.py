"""Nothing was heard of an incident that somebody had taken: the commander is asked, then the ladder goes on.

The command stays with the commander until somebody else takes it. What they do in the meantime is their answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from incident.commands import Moment
from incident.decide import ladder
from incident.decide.summon import summon
from incident.errors import Reason, why
from incident.events import (
    Acknowledged,
    AcknowledgementExpired,
    AcknowledgementWarned,
    Escalated,
    Event,
    Paged,
    Summoned,
)
from incident.hearing import actor, holds_until, is_sign
from incident.orders import pageable
from incident.state import Incident

RENEWS_AFTER: Final = timedelta(minutes=1)
"""An answer by somebody who has answered before is heard anew after a minute; before it is a button pressed twice."""


def warn(state: Incident) -> Iterator[Event]:
    until = holds_until(state)
    assert state.commander is not None
    assert state.quiet.heard_at is not None
    assert until is not None
    yield AcknowledgementWarned(state.commander, state.quiet.heard_at, until)


def expire(state: Incident, moment: Moment) -> Iterator[Event]:
    """The commander first, for as long as a rung has; or at once whoever else there is, if no page reaches them."""
    assert state.pinned is not None
    assert state.commander is not None
    assert state.quiet.heard_at is not None
    page, alarm = state.alarm.page + 1, state.alarm
    yield AcknowledgementExpired(state.commander, state.quiet.heard_at, page)
    reason = why("alarm.expired", person=state.commander)
    if not pageable(moment.organisation, state.commander):
        yield from _past_commander(state, reason, moment)
        return
    rung = state.pinned.ladder[min(alarm.rung, len(state.pinned.ladder) - 1)]
    asked = (Summoned(state.commander, why("notice.you_command")),)
    yield Paged(page, alarm.rung, alarm.round, rung.tier, asked, reason, moment.now + timedelta(seconds=rung.wait_s))


def asks_commander(state: Incident) -> bool:
    """Whether the page that rings now went to the silent commander alone."""
    return state.expired and state.alarm.page == state.quiet.page


def climb(state: Incident, reason: Reason, moment: Moment, answering: str | None = None) -> Iterator[Event]:
    """Up the ladder; past the silent commander to the rung where it stood, if somebody else is on duty there now."""
    if asks_commander(state):
        yield from _past_commander(state, reason, moment)
    else:
        yield from ladder.onward(state, reason, moment, answering)


def _past_commander(state: Incident, reason: Reason, moment: Moment) -> Iterator[Event]:
    assert state.pinned is not None
    rungs, alarm, unit = state.pinned.ladder, state.alarm, state.report.unit
    page = alarm.page + 1
    others = (
        index
        for index in range(alarm.rung, len(rungs))
        if any(s.person != state.commander for s in summon(rungs[index], unit, moment, state).people)
    )
    index = next(others, None) if alarm.round == 0 else None
    if index is None:
        yield from ladder.everybody(
            ladder=rungs, unit=unit, page=page, round_=alarm.round + 1, reason=reason, moment=moment, state=state
        )
        return
    if index > alarm.rung:
        yield Escalated(index, rungs[index].tier, reason)
    yield from ladder.ring(
        ladder=rungs, unit=unit, rung=index, page=page, round_=0, reason=reason, moment=moment, state=state
    )


def renews(state: Incident, moment: Moment) -> bool:
    """Whether an answer by somebody who has answered before says something new."""
    heard_at = state.quiet.heard_at
    return holds_until(state) is not None and heard_at is not None and moment.now - heard_at >= RENEWS_AFTER


def answered(state: Incident, events: tuple[Event, ...], moment: Moment) -> tuple[Event, ...]:
    """While it rings for a commander of whom nothing was heard, whatever they do answers the page first."""
    if not state.expired or any(isinstance(event, Acknowledged) for event in events):
        return events
    commander, by = state.commander, moment.by
    signs = (event for event in events if is_sign(event, by))
    if commander is None or not any((actor(event) or by.removeprefix("person:")) == commander for event in signs):
        return events
    via = "web" if by.startswith("person:") else "api"
    return (Acknowledged(commander, via, moment.organisation.rostered(commander)), *events)
