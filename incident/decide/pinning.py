"""What the pinned plans make of a level, for more than one chapter: the grade, the clocks, who is told at the start."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from incident.commands import Moment
from incident.errors import Reason
from incident.events import Due, Event, Notified, Summoned
from incident.levels import Grading, Level, grade
from incident.playbooks.model import Playbook
from incident.policy import Policy
from incident.report import Report


def grading(report: Report, policy: Policy) -> Grading:
    return grade(
        matrix=policy.matrix,
        floors=policy.floors,
        kind=report.kind,
        impact=report.impact,
        urgency=report.urgency,
        stated=report.level,
        injury=report.injury,
        major=report.major,
    )


def clocks(policy: Policy, level: Level, start: datetime) -> tuple[Due, ...]:
    return tuple(Due(str(d.name), d.due, d.assumed) for d in policy.dues(level, start))


def told(playbook: Playbook, level: Level, unit: str, about: Reason, moment: Moment) -> Iterator[Event]:
    """Management and service, as the playbook wants it."""
    people: dict[str, Summoned] = {}
    for notify in playbook.notify_for(level):
        for h in moment.organisation.holders(unit, notify.tier, "primary", notify.function, moment.now):
            people.setdefault(h.person, Summoned(h.person, h.reason))
    if people:
        yield Notified(tuple(people.values()), about)
