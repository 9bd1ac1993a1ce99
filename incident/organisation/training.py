"""Training: what a session was and whom it renews a skill, and whose skills run out next (S87). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from incident.errors import Fault, why
from incident.organisation.people import Person
from incident.organisation.skills import SkillName
from incident.roster import Slug

SOON: Final = 30
"""Days before it runs out at which a skill is urgent: the doctor speaks of it, too."""
AHEAD: Final = 90
"""Days ahead of which the due list tells: a quarter, for a training is quarterly."""
MOST: Final = 500


def _once(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


class Training(BaseModel):
    """A session that took place. With `skill` it renews that skill through `until` for everybody who attended."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    held_on: date
    topic: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    attended: Annotated[tuple[Slug, ...], Field(min_length=1, max_length=MOST), AfterValidator(_once)]
    skill: SkillName | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """Whose skill runs out: `days` are left where its holder lives, fewer than 0 when it has run out."""

    skill: str
    person: str
    until: date
    days: int


def faults(training: Training, people: Iterable[str], today: date) -> Iterator[Fault]:
    """What cannot be meant. `today` is where the one lives who records it."""
    if training.held_on > today:
        yield Fault("/held_on", why("training.not_yet"))
    if training.skill is not None and training.until is None:
        yield Fault("/until", why("training.until_when"))
    if training.skill is None and training.until is not None:
        yield Fault("/skill", why("training.which_skill"))
    if training.until is not None and training.until < training.held_on:
        yield Fault("/until", why("training.before"))
    known = set(people)
    for place, name in enumerate(training.attended):
        if name not in known:
            yield Fault(f"/attended/{place}", why("error.unknown", what="person", name=name))


def renewed(skills: Sequence[Mapping[str, Any]], name: str, until: date) -> list[dict[str, Any]]:
    """Somebody's skills as JSON with one renewed, in its place and as it is spelled there, or added.

    What is valid for longer, or for good, stays as it is: no training shortens it. A waiver is not needed any more.
    """
    wanted = name.casefold()
    held = [skill for skill in skills if skill["name"].casefold() == wanted]
    new = until.isoformat()
    if any(skill["until"] is None or skill["until"] >= new for skill in held):
        return [dict(skill) for skill in skills]
    if not held:
        return [*map(dict, skills), {"name": name, "until": new, "waiver": None}]
    kept = [dict(skill) for skill in skills if skill is held[0] or skill["name"].casefold() != wanted]
    return [{**one, "until": new, "waiver": None} if one["name"].casefold() == wanted else one for one in kept]


def due(people: Iterable[Person], now: datetime, within: int = AHEAD) -> list[Due]:
    """Every skill that has run out or does so within so many days, by skill, the first to run out first.

    Also those with a waiver: that is no renewal. Of a skill that is held twice the later one counts.
    """
    spelled: dict[str, str] = {}
    found = [one for person in people for one in _of(person, now, within, spelled)]
    return sorted(found, key=lambda one: (one.skill.casefold(), one.until, one.person))


def _of(person: Person, now: datetime, within: int, spelled: dict[str, str]) -> Iterator[Due]:
    today = now.astimezone(ZoneInfo(person.timezone)).date()
    last: dict[str, date | None] = {}
    for skill in person.skills:
        name = spelled.setdefault(skill.name.casefold(), skill.name)
        before = last.get(name, date.min)
        last[name] = None if before is None or skill.until is None else max(before, skill.until)
    for name, until in last.items():
        if until is not None and (until - today).days <= within:
            yield Due(name, person.id, until, (until - today).days)
