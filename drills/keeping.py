"""Putting a drill that is over into the installation's database, and reading it again."""

from __future__ import annotations

from sqlalchemy import Connection

from drills import saved
from drills.score import Profile
from drills.score.observations import Added
from drills.score.seal import seal
from drills.simulate.play import Played
from incident.errors import Unknown
from incident.events import Reported
from incident.policy import Policy
from incident.store import drills as table
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
    table.keep(connection, row, saved.dump(played, policy))
    return row


def find(connection: Connection, name: str, profile: Profile) -> Played:
    """By its seal, or the beginning of it. Raises Unknown for none, or for several that begin so."""
    body = table.body_of(connection, name) if name else None
    if body is None:
        raise Unknown("drill", name[:80])
    return saved.read(body, name, profile)


def observe(connection: Connection, name: str, more: Added, profile: Profile) -> Played:
    """Add observations to a kept drill; what its list shows is computed anew. Raises Unknown."""
    body = table.body_of(connection, name) if name else None
    if body is None:
        raise Unknown("drill", name[:80])
    fresh = saved.observed(body, more)
    played = saved.read(fresh, name, profile)
    score = played.score(profile)
    table.judged_anew(connection, played.observations.sealed or "", fresh, score.total, score.stands)
    return played
