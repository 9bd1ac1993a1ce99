"""Putting a drill that is over into the installation's database, and reading it again."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from drills import saved, sealed
from drills.actions import Sheet, measured
from drills.calendar import PEOPLE
from drills.score import Profile
from drills.score import profile as profile_of
from drills.score.observations import Added, Plan
from drills.score.seal import Altered, Copy, seal
from drills.simulate.play import Played
from incident.errors import Unknown
from incident.policy import Policy
from incident.store import drill_actions
from incident.store import drills as table
from incident.store.drill_actions import Planned
from incident.store.drills import DrillRow

SIMULATED = "simulated"
LIVE = "live"
LOGGED = (LIVE, table.ALONE)
"""The forms whose log lies in the installation's own log too."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A drill as a list shows it; `altered` is why it is void, where it is."""

    row: DrillRow
    altered: Altered | None


def row_of(played: Played, profile: Profile, form: str = SIMULATED) -> DrillRow:
    """What a list shows of it."""
    score = played.score(profile)
    first = played.entries[0]
    return DrillRow(
        id=played.observations.sealed or seal(played.entries),
        form=form,
        script=played.script.id,
        playbook=played.playbook.id,
        level=str(played.script.level),
        unit=played.unit,
        started_at=played.started_at,
        ended_at=played.observations.ended_at or played.entries[-1].at,
        profile=profile.id,
        total=score.total,
        rating=score.stands,
        incident=first.incident if form in LOGGED else None,
        upto=max(entry.position for entry in played.entries) if form in LOGGED else None,
    )


def keep(connection: Connection, played: Played, policy: Policy, profile: Profile, form: str = SIMULATED) -> DrillRow:
    """Keep it; the same drill again changes nothing."""
    row = row_of(played, profile, form)
    if table.keep(connection, row, saved.dump(played, policy, profile.id), measured(played.score(profile))):
        drill_actions.add(connection, row.id, map(_planned, played.observations.plan))
    return row


def find(connection: Connection, name: str, profile: Profile, *, practice: bool = False) -> Played:
    """By its seal, or the beginning of it, held against the log as it is now. Raises Unknown for none, or for several
    that begin so."""
    row = table.head_of(connection, name, practice=practice) if name else None
    body = table.body_of(connection, row.id) if row else None
    if row is None or body is None:
        raise Unknown("drill", name[:80])
    return _held(connection, row, saved.read(body, name, profile))


def listed(connection: Connection) -> list[Kept]:
    """The newest first, each held against the log as it is now."""
    rows = table.listed(connection)
    altered = sealed.void(connection, rows)
    return [Kept(row, altered.get(row.id)) for row in rows]


def sound(kept: Collection[Kept]) -> list[DrillRow]:
    """Those that count."""
    return [one.row for one in kept if one.altered is None]


def observe(connection: Connection, name: str, more: Added) -> Played:
    """Add observations to a kept drill; what its list shows is computed anew, by its own profile, and actions are
    tracked. Raises Unknown."""
    row = table.head_of(connection, name) if name else None
    body = table.body_of(connection, row.id, lock=True) if row else None
    if row is None or body is None:
        raise Unknown("drill", name[:80])
    fresh, held = saved.observed(body, more), profile_of(row.profile)
    played = saved.read(fresh, name, held)
    score = played.score(held)
    again = replace(row, total=score.total, rating=score.stands)
    table.judged_anew(connection, again, fresh, measured(score))
    drill_actions.add(connection, row.id, map(_planned, more.plan))
    return _held(connection, row, played)


def _held(connection: Connection, row: DrillRow, played: Played) -> Played:
    """With what the log says today: kept figures do not know of it, so that a log that is repaired counts again."""
    altered = sealed.altered(connection, [row]).get(row.id)
    copy = Copy(played.copy.digest if played.copy else row.id, altered)
    return replace(played, copy=copy, form=row.form)


def sheets(connection: Connection, playbooks: Collection[str]) -> list[Sheet]:
    """What people's drills of these playbooks measured: what can prove an action. A void one measures nothing."""
    found = []
    known_of = table.sheets(connection, playbooks, PEOPLE)
    altered = sealed.void(connection, [row for row, _ in known_of])
    for row, kept in known_of:
        if row.id in altered:
            continue
        held = profile_of(row.profile) if kept is None else None
        known = kept if held is None else measured(find(connection, row.id, held).score(held))
        found.append(Sheet(row.id, row.playbook, row.started_at, known or {}))
    return found


def _planned(plan: Plan) -> Planned:
    measure = str(plan.measure) if plan.measure else None
    return Planned(plan.area, plan.action, plan.owner, plan.start, plan.due, plan.element, measure)
