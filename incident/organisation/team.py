"""How large the team of a unit has to be and how many in it must hold which certificate (S85)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Annotated, Protocol

from pydantic import BaseModel, ConfigDict, Field

from incident.errors import Reason, why
from incident.organisation.people import Person, Role
from incident.organisation.skills import SkillName, valid
from incident.source import Pointer

Count = Annotated[int, Field(strict=True, ge=1, le=1000)]


class TeamRule(BaseModel):
    """`people` is the least number of people, `skills` the least number of holders of each. Capitals make no
    difference in the name of a skill."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    people: Count | None = None
    skills: Mapping[SkillName, Count] = Field(default_factory=dict)


class Ruled(Protocol):
    """A unit, as far as its team goes."""

    @property
    def id(self) -> str: ...

    @property
    def team(self) -> TeamRule | None: ...


def members(unit: str, people: Iterable[Person]) -> tuple[Person, ...]:
    """Who counts: those of the unit itself, not of units below it, and nobody who may only look on."""
    return tuple(one for one in people if one.unit == unit and one.role is not Role.VIEWER)


def holders(team: Iterable[Person], skill: str, at: datetime) -> int:
    """How many hold it, valid then. A waiver lets somebody stay on duty; it is no certificate and does not count."""
    wanted = skill.casefold()
    return sum(
        any(one.name.casefold() == wanted and valid(one, person.timezone, at) for one in person.skills)
        for person in team
    )


def rule_faults(units: Iterable[Ruled]) -> Iterator[tuple[Pointer, Reason]]:
    """A rule that asks for nothing, for one skill twice, or for more holders than people."""
    for index, unit in enumerate(units):
        if unit.team is None:
            continue
        here: Pointer = ("units", index, "team")
        if unit.team.people is None and not unit.team.skills:
            yield here, why("organisation.team_empty", unit=unit.id)
        seen: set[str] = set()
        for name, count in unit.team.skills.items():
            if name.casefold() in seen:
                yield (*here, "skills", name), why("organisation.team_skill_twice", unit=unit.id, skill=name)
            seen.add(name.casefold())
            if unit.team.people is not None and count > unit.team.people:
                said = why("organisation.team_too_small", unit=unit.id, skill=name, count=count, team=unit.team.people)
                yield (*here, "skills", name), said
