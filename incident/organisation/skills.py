"""What somebody can do and until when that is certified, and whether it may be asked of them now (S84, S85, S87)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any, Protocol
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, StringConstraints, model_validator

from incident.errors import Reason, why
from incident.roster import TimeOff
from incident.roster.turns import BEGINNING, END

SkillName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


class Skill(BaseModel):
    """A skill, valid through the day `until` where its holder lives; without one, for good. Plain text is one too.

    `waiver` says why it counts although it has run out. Whoever writes it answers for it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: SkillName
    until: date | None = None
    waiver: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)] | None = None

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, data: Any) -> Any:
        return {"name": data} if isinstance(data, str) else data


class Skilled(Protocol):
    """Somebody with skills and a place to live."""

    @property
    def skills(self) -> tuple[Skill, ...]: ...

    @property
    def timezone(self) -> str: ...


def skilled(person: Skilled, name: str, at: datetime) -> bool:
    """Whether somebody may be asked for what needs the skill: it is valid, or its lapse is waived."""
    return unskilled(person, name, at) is None


def unskilled(person: Skilled, name: str, at: datetime) -> Reason | None:
    """Why somebody may not be asked for it; None if they may. Capitals make no difference."""
    held = [skill for skill in person.skills if skill.name.casefold() == name.strip().casefold()]
    if not held:
        return why("skill.lacks", skill=name)
    if any(valid(skill, person.timezone, at) or skill.waiver for skill in held):
        return None
    latest = max(skill.until for skill in held if skill.until is not None)
    return why("skill.expired", skill=name, until=latest)


def waived(person: Skilled, name: str, at: datetime) -> Reason | None:
    """Why a skill that has run out counts; None for one that is valid or not held."""
    held = [skill for skill in person.skills if skill.name.casefold() == name.strip().casefold()]
    if any(valid(skill, person.timezone, at) for skill in held):
        return None
    return next((why("skill.waived", skill=name, note=skill.waiver) for skill in held if skill.waiver), None)


def lapse(person: Skilled, names: Iterable[str]) -> TimeOff | None:
    """From when on somebody lacks one of the skills, as the roster's calculator counts absence: for ever, from the day
    after the first one runs out, or from the beginning of time. None while all of them are for good or waived."""
    starts = [start for name in names if (start := _lapse(person, name)) is not None]
    return TimeOff.model_construct(start=min(starts), end=END, reason="") if starts else None


def _lapse(person: Skilled, name: str) -> datetime | None:
    held = [skill for skill in person.skills if skill.name.casefold() == name.strip().casefold()]
    if any(skill.until is None or skill.waiver for skill in held):
        return None
    last = max((skill.until for skill in held if skill.until is not None), default=None)
    if last is None or last == date.max:
        return BEGINNING if last is None else None
    return datetime.combine(last + timedelta(days=1), time(), ZoneInfo(person.timezone)).astimezone(UTC)


def valid(skill: Skill, zone: str, at: datetime) -> bool:
    """Whether it has not run out; the last day counts."""
    return skill.until is None or at.astimezone(ZoneInfo(zone)).date() <= skill.until
