"""Rosters with gaps or with people who never come on, and playbooks that nobody has looked at for too long."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from incident.errors import why
from incident.organisation import Organisation
from incident.organisation.skills import unskilled
from incident.playbooks.model import Playbook
from incident.readiness.finding import About, Finding, Weight
from incident.roster import Gap, Roster, gaps, idle

AHEAD: Final = timedelta(days=30)


def of_rosters(organisation: Organisation, now: datetime) -> Iterator[Finding]:
    for roster in organisation.rosters:
        found = gaps(roster, now, now + AHEAD, organisation.absent_on(roster))
        if found:
            yield _gap(roster, found, now)
        yield from _unqualified(organisation, roster, now)
        for _, reason in idle(roster, now):
            yield Finding("idle", Weight.WEAK, About.ROSTER, roster.id, reason, why("doctor.do.idle"))


def _gap(roster: Roster, found: tuple[Gap, ...], now: datetime) -> Finding:
    first, zone = found[0], ZoneInfo(roster.timezone)
    hours = sum(((gap.end - gap.start) for gap in found), timedelta(0)) / timedelta(hours=1)
    said = why(
        "doctor.gaps",
        count=len(found),
        hours=round(hours, 1) if hours < 10 else round(hours),
        start=f"{first.start.astimezone(zone):%Y-%m-%d %H:%M}",
        end=f"{first.end.astimezone(zone):%Y-%m-%d %H:%M}",
        zone=roster.timezone,
    )
    weight = Weight.WEAK if first.start <= now else Weight.SOON
    return Finding("gap", weight, About.ROSTER, roster.id, said, why("doctor.do.gap"))


def _unqualified(organisation: Organisation, roster: Roster, now: datetime) -> Iterator[Finding]:
    """Who stands in a rotation and may not do the duty."""
    for name in roster.people if roster.requires else ():
        person = organisation.person(name)
        lacks = (unskilled(person, skill, now) for skill in roster.requires) if person else ()
        for reason in (one for one in lacks if one is not None):
            said, do = why("doctor.unqualified", person=name), why("doctor.do.unqualified")
            yield Finding("unqualified", Weight.WEAK, About.ROSTER, roster.id, said, do, reason)


def of_playbooks(playbooks: Iterable[Playbook], now: datetime) -> Iterator[Finding]:
    for playbook in playbooks:
        due = playbook.review_due()
        if due < now.date():
            said = why("doctor.review", due=due)
            yield Finding("old_playbook", Weight.SOON, About.PLAYBOOK, playbook.id, said, why("doctor.do.review"))
