"""Putting a drill that is over into the installation's database, and reading it again."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from sqlalchemy import Connection

from drills import saved
from drills.actions import Sheet, measured
from drills.calendar import PEOPLE
from drills.score import Profile
from drills.score import profile as profile_of
from drills.score.observations import Added, Plan
from drills.score.seal import seal
from drills.simulate.play import Played
from incident.errors import Unknown
from incident.events import Reported
from incident.policy import Policy
from incident.store import drill_actions
from incident.store import drills as table
from incident.store.drill_actions import Planned
from incident.store.drills import DrillRow

SIMULATED = "simulated"


def row_of(played: Played, profile: Profile, form: str = SIMULATED) -> DrillRow:
    """What a list shows of it."""
    score = played.score(profile)
    first = played.entries[0]
    unit = first.event.unit if isinstance(first.event, Reported) else ""
    return DrillRow(
        id=played.observations.sealed or seal(played.entries),
        form=form,
        script=played.script.id,
        playbook=played.playbook.id,
        level=str(played.script.level),
        unit=unit,
        started_at=played.started_at,
        ended_at=played.observations.ended_at or played.entries[-1].at,
        profile=profile.id,
        total=score.total,
        rating=score.stands,
    )


def keep(connection: Connection, played: Played, policy: Policy, profile: Profile, form: str = SIMULATED) -> DrillRow:
    """Keep it; the same drill again changes nothing."""
    row = row_of(played, profile, form)
    if table.keep(connection, row, saved.dump(played, policy), measured(played.score(profile))):
        drill_actions.add(connection, row.id, map(_planned, played.observations.plan))
    return row


def find(connection: Connection, name: str, profile: Profile) -> Played:
    """By its seal, or the beginning of it. Raises Unknown for none, or for several that begin so."""
    body = table.body_of(connection, name) if name else None
    if body is None:
        raise Unknown("drill", name[:80])
    return saved.read(body, name, profile)


def observe(connection: Connection, name: str, more: Added, profile: Profile) -> Played:
    """Add observations to a kept drill; what its list shows is computed anew, actions are tracked. Raises Unknown."""
    body = table.body_of(connection, name, lock=True) if name else None
    if body is None:
        raise Unknown("drill", name[:80])
    fresh = saved.observed(body, more)
    played = saved.read(fresh, name, profile)
    score = played.score(profile)
    row = table.head_of(connection, played.observations.sealed or "")
    if row is None:
        raise Unknown("drill", name[:80])
    again = replace(row, total=score.total, rating=score.stands)
    table.judged_anew(connection, again, fresh, measured(score))
    drill_actions.add(connection, row.id, map(_planned, more.plan))
    return played


def sheets(connection: Connection, playbooks: Collection[str]) -> list[Sheet]:
    """What people's drills of these playbooks measured: what can prove an action."""
    found = []
    for row, kept in table.sheets(connection, playbooks, PEOPLE):
        held = profile_of(row.profile) if kept is None else None
        known = kept if held is None else measured(find(connection, row.id, held).score(held))
        found.append(Sheet(row.id, row.playbook, row.started_at, known or {}))
    return found


def _planned(plan: Plan) -> Planned:
    measure = str(plan.measure) if plan.measure else None
    return Planned(plan.area, plan.action, plan.owner, plan.start, plan.due, plan.element, measure)
