"""Reports that fall into planned maintenance: kept and shown, and paged when the window ends and nobody has them.

Held is what maintenance is expected to bring about. A Critical by its floor (danger to people, a major fault) is never
held, and neither is a Critical that a person reports: they see it, the window only foresaw it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from incident.commands import Library, Moment
from incident.decide import ladder
from incident.decide.pinning import clocks, grading, told
from incident.errors import Reason, why
from incident.events import (
    Acknowledged,
    Event,
    Graded,
    Paged,
    PagingHeld,
    PagingReleased,
    Regraded,
    Reported,
)
from incident.levels import Level
from incident.maintenance import About, Occurrence
from incident.report import Report
from incident.state import Incident

FLOOR: Final = "grade.floor"


def hold(reported: Reported, graded: Graded, moment: Moment) -> PagingHeld | None:
    """What keeps a new report from paging anybody; None when it pages. A drill is no part of any maintenance."""
    if reported.drill is not None or pages_anyway(graded.level, graded.reasons, moment.by):
        return None
    found = _covering(reported, moment)
    return _held(found) if found else None


def pages_anyway(level: Level, reasons: tuple[Reason, ...], by: str) -> bool:
    """Whether it is too grave to be held. `reasons` are those of the level alone."""
    floor = any(reason.key == FLOOR for reason in reasons)
    return level is Level.CRITICAL and (floor or by.startswith("person:"))


def is_grave(report: Report, library: Library, by: str) -> bool:
    """Whether a repeat of something held is too grave to be held itself: then the incident pages."""
    found = grading(report, library.policy(report.policy))
    return pages_anyway(found.level, found.reasons, by)


def look_again(state: Incident, moment: Moment) -> Iterator[Event]:
    """Whether the windows of now still hold it back: until when, or no longer."""
    held = state.maintenance
    assert held is not None
    found = _covering(state.report, moment)
    if found is None:
        early = moment.now < held.until
        yield from release(state, why("maintenance.early" if early else "maintenance.over", name=held.name), moment)
    elif (found.window.id, found.end) != (held.window, held.until):
        yield _held(found)


def amended(state: Incident, fields: Mapping[str, str], moment: Moment) -> Iterator[Event]:
    """A report that says something else by now may be none of the window's."""
    if state.held and _covering(state.report, moment, fields) is None:
        yield from release(state, why("maintenance.amended"), moment)


def release(state: Incident, reason: Reason, moment: Moment) -> Iterator[Event]:
    """Let it go, and page whoever the ladder says. What somebody has taken meanwhile is no longer held."""
    assert state.pinned is not None
    yield _released(state, reason, state.level, moment)
    page, unit = state.alarm.page + 1, state.report.unit
    yield from ladder.ring(
        ladder=state.pinned.ladder, unit=unit, rung=0, page=page, round_=0, reason=reason, moment=moment, state=state
    )
    playbook = moment.library.pinned_playbook(state.pinned.playbook_digest)
    yield from told(playbook, state.level, unit, why("notice.activated"), moment)


def let_go(state: Incident, events: tuple[Event, ...], moment: Moment) -> tuple[Event, ...]:
    """Whoever answers, and whatever pages, ends the hold: the clocks begin then and not before."""
    if not state.holds_back or any(isinstance(event, PagingReleased) for event in events):
        return events
    cause = next((event for event in events if isinstance(event, Acknowledged | Paged)), None)
    if cause is None:
        return events
    graded = [n for n, event in enumerate(events) if isinstance(event, Regraded)]
    level = next((event.level for event in events if isinstance(event, Regraded)), state.level)
    place = graded[0] + 1 if graded else 0
    reason = why("maintenance.taken" if isinstance(cause, Acknowledged) else "maintenance.paged")
    return (*events[:place], _released(state, reason, level, moment), *events[place:])


def _released(state: Incident, reason: Reason, level: Level, moment: Moment) -> PagingReleased:
    assert state.pinned is not None
    policy = moment.library.pinned_policy(state.pinned.policy_digest)
    return PagingReleased(reason, clocks(policy, level, moment.now))


def _held(found: Occurrence) -> PagingHeld:
    window = found.window
    return PagingHeld(window.id, window.name, window.reason, window.owner, found.end)


def _covering(report: Reported, moment: Moment, fields: Mapping[str, str] | None = None) -> Occurrence | None:
    if not moment.windows.windows:
        return None
    said = fields or {}
    units = (report.unit, *moment.organisation.ancestors(report.unit))
    about = About(said.get("product", report.product), said.get("place", report.place), units, report.labels)
    return moment.windows.covering(about, moment.now)
