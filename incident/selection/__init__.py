"""What speaks for somebody who is to be chosen: exams, drills, duty, from 0 to 100 each, weighed by a profile. Pure.

What is not known is not zero: it is named, and the others weigh for it. A decision about somebody changes no roster.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from importlib.resources import files
from statistics import mean, median
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from incident.errors import Reason, Unknown
from incident.organisation import Person
from incident.organisation.skills import unskilled, waived
from incident.roster import Slug
from incident.source import parse
from incident.text import Text

DEFAULT: Final = "standard"
OWN: Final = "own"
_OWN: Final = Text(en="Our own", zh="本单位自定")
_OWN_PURPOSE: Final = Text(en="Set by this house.", zh="由本单位设定。")
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Long = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]
Weight = Annotated[float, Field(ge=0, le=1)]
Months = Annotated[int, Field(ge=1, le=120)]
Points = Annotated[float, Field(ge=0, le=100)]


class Part(StrEnum):
    """What a score is made of."""

    EXAMS = "exams"
    DRILLS = "drills"
    APPRAISAL = "appraisal"


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _whole(weights: Mapping[Part, float]) -> Mapping[Part, float]:
    if set(weights) != set(Part):
        raise ValueError(f"weigh each of {', '.join(Part)}")
    if abs(sum(weights.values()) - 1) > 1e-9:
        raise ValueError(f"the weights come to {sum(weights.values()):g}: make them 1")
    return weights


class Weighing(_Model):
    """A profile: how much each part weighs, and what counts. `months` is how far back drills and duty count."""

    id: Slug
    version: Annotated[int, Field(ge=1)]
    name: Text
    purpose: Text
    weights: Annotated[Mapping[Part, Weight], AfterValidator(_whole)]
    drill_profile: Slug
    months: Months


@cache
def weighings() -> dict[str, Weighing]:
    """The profiles that come with the product, by id."""
    folder = files(__package__) / "profiles"
    found = (path for path in folder.iterdir() if path.name.endswith(".yaml"))
    read = [parse(Weighing, path.read_text("utf-8"), path.name) for path in found]
    return {one.id: one for one in sorted(read, key=lambda one: one.id)}


def weighing(name: str = DEFAULT) -> Weighing:
    """Raises Unknown."""
    found = weighings().get(name)
    if found is None:
        raise Unknown("weighing", name[:60])
    return found


class Weights(_Model):
    """A house's own: how much each part weighs, 1 in all, and how far back drills and duty count."""

    exams: Weight
    drills: Weight
    appraisal: Weight
    months: Months

    @model_validator(mode="after")
    def _come_to_one(self) -> Weights:
        _whole(self.parts)
        return self

    @property
    def parts(self) -> dict[Part, float]:
        return {part: getattr(self, part) for part in Part}

    def profile(self, version: int) -> Weighing:
        """As a profile: in all else the one that comes with the product."""
        fields = {"id": OWN, "version": version, "name": _OWN, "purpose": _OWN_PURPOSE}
        return weighing().model_copy(update=fields | {"weights": self.parts, "months": self.months})


class Exam(_Model):
    """The result of an exam: points of 100, and from how many on it is passed. `examiner` is a name as written."""

    person: Slug
    subject: Words
    held_on: date
    score: Points
    pass_mark: Points
    examiner: Words


class Decision(_Model):
    """A manager's word on somebody for what is to be filled. `in_spite` says why who lacks what is asked for is
    approved all the same. `seen` is the score that was looked at: when it has changed since, nothing is decided."""

    kind: Literal["roster", "unit", "skill"]
    target: Words
    person: Slug
    decision: Literal["approved", "declined"]
    reason: Long
    in_spite: Long | None = None
    seen: float | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """What is to be filled: a roster with what it requires, a unit with what its team must hold, or a skill."""

    kind: str
    id: str
    skills: tuple[str, ...]
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Sat:
    """A result as far as it counts."""

    subject: str
    held_on: date
    score: float
    pass_mark: float


@dataclass(frozen=True, slots=True)
class Duty:
    """Of the pages that asked somebody for an answer, how many they acknowledged in time; over how many incidents."""

    in_time: int
    asked: int
    incidents: int


@dataclass(frozen=True, slots=True)
class Known:
    """One part: points of 100 out of `n` results; None where nothing is known."""

    points: float | None
    n: int


@dataclass(frozen=True, slots=True)
class Standing:
    """What speaks for somebody. `known` of three parts made the score; `lacks` is why they may not be asked for it,
    `waived` what counts although it ran out, `failed` the subjects whose latest exam was not passed."""

    person: str
    parts: Mapping[Part, Known]
    score: float | None
    known: int
    lacks: tuple[Reason, ...]
    waived: tuple[Reason, ...]
    failed: tuple[str, ...]

    @property
    def missing(self) -> tuple[Part, ...]:
        return tuple(part for part, known in self.parts.items() if known.points is None)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is recorded of everybody: exams, the totals of the live drills in which they acted, and their duty."""

    exams: Mapping[str, Sequence[Sat]]
    drills: Mapping[str, Sequence[float]]
    duty: Mapping[str, Duty]


def standing(person: Person, skills: Collection[str], found: Evidence, profile: Weighing, now: datetime) -> Standing:
    """Exams in the subjects that are asked for, in any where none is asked for; the mean of the latest of each. The
    median of the drills. The share of pages acknowledged in time."""
    latest = _latest(found.exams.get(person.id, ()), skills)
    totals, duty = found.drills.get(person.id, ()), found.duty.get(person.id)
    parts = {
        Part.EXAMS: Known(_round(mean(one.score for one in latest)) if latest else None, len(latest)),
        Part.DRILLS: Known(_round(median(totals)) if totals else None, len(totals)),
        Part.APPRAISAL: Known(
            _round(100 * duty.in_time / duty.asked) if duty and duty.asked else None, duty.asked if duty else 0
        ),
    }
    return Standing(
        person.id,
        parts,
        weighed(parts, profile),
        sum(one.points is not None for one in parts.values()),
        tuple(reason for skill in skills if (reason := unskilled(person, skill, now))),
        tuple(reason for skill in skills if (reason := waived(person, skill, now))),
        tuple(one.subject for one in latest if one.score < one.pass_mark),
    )


def weighed(parts: Mapping[Part, Known], profile: Weighing) -> float | None:
    """Over what is known; None where nothing is, or what is known weighs nothing."""
    known = [(profile.weights[part], one.points) for part, one in parts.items() if one.points is not None]
    whole = sum(weight for weight, _ in known)
    return _round(sum(weight * points for weight, points in known) / whole) if whole else None


def ranked(several: Iterable[Standing]) -> list[Standing]:
    """Who has all that is asked for first, then the higher score, then more known; who has none last."""
    return sorted(several, key=lambda one: (bool(one.lacks), -(one.score if one.score is not None else -1), -one.known))


def _latest(exams: Iterable[Sat], skills: Collection[str]) -> list[Sat]:
    """Capitals make no difference in a subject; of two on one day the later record counts."""
    wanted = {skill.casefold() for skill in skills}
    last: dict[str, Sat] = {}
    for one in exams:
        name = one.subject.casefold()
        if (not wanted or name in wanted) and (name not in last or one.held_on >= last[name].held_on):
            last[name] = one
    return [last[name] for name in sorted(last)]


def _round(points: float) -> float:
    return round(points, 1)
