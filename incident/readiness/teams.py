"""Whether the team of each unit is as large as its rule says, and enough of it hold the certificates asked for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from incident.errors import Reason, why
from incident.organisation import Organisation, Unit
from incident.organisation.team import holders, members
from incident.readiness.finding import About, Finding, Weight

AHEAD: Final = timedelta(days=30)
"""As long before as a certificate that runs out is announced to its holder."""


def findings(organisation: Organisation, now: datetime) -> Iterator[Finding]:
    """Of every unit that has a rule: what lacks now, and what will when the certificates of today run out."""
    for unit in organisation.units:
        if unit.team is None:
            continue
        team = members(unit.id, organisation.people)
        if unit.team.people is not None and len(team) < unit.team.people:
            yield _finding("team", Weight.WEAK, unit, why("doctor.team", held=len(team), asked=unit.team.people))
        for skill, asked in unit.team.skills.items():
            held, kept = holders(team, skill, now), holders(team, skill, now + AHEAD)
            if held < asked:
                said = why("doctor.team_skill", skill=skill, held=held, asked=asked)
                yield _finding("team_skill", Weight.WEAK, unit, said)
            elif kept < asked:
                said = why("doctor.team_skill_ends", skill=skill, held=kept, asked=asked)
                yield _finding("team_skill", Weight.SOON, unit, said)


def _finding(rule: str, weight: Weight, unit: Unit, said: Reason) -> Finding:
    return Finding(rule, weight, About.UNIT, unit.id, said, why(f"doctor.do.{rule}"))
