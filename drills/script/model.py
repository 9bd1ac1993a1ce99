"""A script: the incident that players meet, the messages that reach them, what they should do, and how it is judged.

Players never see it. Times are minutes after the start (`at_min`) or after the first message reached a player
(`within_min`). The models check shape; whether the parts agree with each other and with the playbook is the lint's.
"""

from __future__ import annotations

import json
from datetime import time
from functools import cached_property
from hashlib import sha256
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, StringConstraints

from drills.measures import Measure
from incident.levels import Degree, Kind, Level
from incident.posts import Post, Tier
from incident.report import Channel, Report, Source
from incident.text import Text

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=60)]
LONGEST_MIN: Final = 60 * 24 * 60
"""Sixty days."""
Minutes = Annotated[int, Field(ge=0, le=LONGEST_MIN)]
Limit = Annotated[int, Field(ge=1, le=LONGEST_MIN)]
Share = Annotated[float, Field(ge=0, le=1)]


def _measure(value: object) -> Measure:
    return value if isinstance(value, Measure) else Measure.parse(str(value))


Measured = Annotated[Measure, BeforeValidator(_measure), PlainSerializer(str, return_type=str)]

Target = Literal["region", "hq", "customers", "partners", "authorities", "public"]
"""To whom it is carried up or out: a tier above the field, or an audience of the updates."""

Means = Literal["phone", "sms", "mail", "chat", "radio", "in_person", "monitor", "letter", "social_media"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Opening(_Part):
    """The report that starts it, in both languages. Level or degrees may be wrong on purpose: players then regrade.

    `unit`: whose it is, whatever place and product say; left out, it falls where a real report of it would.
    """

    title: Text
    kind: Kind
    impact: Degree | None = None
    urgency: Degree | None = None
    level: Level | None = None
    place: Text | None = None
    product: Text | None = None
    symptom: Text | None = None
    scope: Text | None = None
    customer: str | None = None
    unit: Annotated[str, StringConstraints(min_length=1, max_length=60)] | None = None
    channel: Channel = Channel.PHONE
    source: Source = Source.CUSTOMER
    injury: bool = False
    major: bool = False

    def report(self, locale: str, policy: str) -> Report:
        """As it reaches the door, in the players' language."""
        texts = {
            name: text.for_locale(locale)
            for name in ("title", "place", "product", "symptom", "scope")
            if isinstance(text := getattr(self, name), Text)
        }
        names = ("kind", "impact", "urgency", "level", "customer", "unit", "channel")
        plain = {name: getattr(self, name) for name in names}
        return Report(**texts, **plain, source=self.source, injury=self.injury, major=self.major, policy=policy)


class Escalation(_Part):
    """`optional`: right if it happens, and nothing is missing if it does not."""

    to: Target
    within_min: Limit
    optional: bool = False


class PostTarget(_Part):
    post: Post
    within_min: Limit


class Steps(_Part):
    """All of these steps finished."""

    steps: Annotated[tuple[Slug, ...], Field(min_length=1)]
    within_min: Limit


class Expected(_Part):
    """What good handling looks like. `posts`, `cadence_min` and `acknowledge_min` are the playbook's and the policy's
    where they are left out. `hard_order` are pairs of steps whose order must hold whatever happens."""

    escalations: tuple[Escalation, ...]
    containment: Steps
    restore: Steps
    acknowledge_min: Limit | None = None
    command_min: Limit | None = None
    posts: tuple[PostTarget, ...] | None = None
    cadence_min: Limit | None = None
    hard_order: tuple[tuple[Slug, Slug], ...] = ()


class Habit(_Part):
    """How a person answers and works. Minutes are the median and the spread (sigma of the logarithm) of a lognormal;
    shares are chances. All of it is drawn from the drill's seed."""

    answer_min: Annotated[float, Field(gt=0)] = 2.0
    spread: Annotated[float, Field(ge=0, le=3)] = 0.6
    never: Share = 0.1
    declines: Share = 0.0
    pace: Annotated[float, Field(gt=0, le=5)] = 0.7
    forgets: Share = 0.05
    grades_wrongly: Share = 0.0
    late_word: Share = 0.1


class Actor(_Part):
    """Who takes part. A player stands for whoever holds a rung of the ladder (`tier`, `who`); others only speak."""

    id: Slug
    name: Text
    plays: Literal["player", "customer", "monitor", "partner", "authority", "press", "controller", "evaluator"]
    tier: Tier | None = None
    who: Literal["primary", "secondary"] | None = None
    habit: Habit | None = None


class Inject(_Part):
    """One message to the players. A contingency inject goes out only if its measure has not been reached by then, and
    counts as help."""

    number: Annotated[int, Field(ge=1, le=999)]
    at_min: Minutes
    sender: Annotated[Slug, Field(alias="from")]
    to: Slug
    by: Means
    text: Text
    expected: Text
    objective: Slug
    measure: Measured
    controller: Slug
    contingency: bool = False


class Task(_Part):
    """One critical task: it is judged by a measure, against its own target where it has one."""

    id: Slug
    text: Text
    measure: Measured
    must: bool = False
    within_min: Limit | None = None


class Objective(_Part):
    """What the drill is to prove, the capability that it proves, and the tasks by which one sees it."""

    id: Slug
    text: Text
    capability: Text
    must: bool = True
    tasks: Annotated[tuple[Task, ...], Field(min_length=1)]


FORMS: Final = ("simulated", "tabletop", "functional", "full")


class Script(_Part):
    """The whole script. `local_time` is when it is set, in the zone of the unit that it falls to.

    `longest_step_min`: what takes days outside is played in so many minutes; the field is simulated.
    """

    id: Slug
    version: Annotated[int, Field(ge=1)]
    name: Text
    summary: Text
    purpose: Text
    forms: tuple[Literal["simulated", "tabletop", "functional", "full"], ...] = ("simulated", "tabletop", "functional")
    playbook: Slug
    level: Level
    policy: Slug = "drill"
    local_time: time
    duration_min: Limit
    longest_step_min: Limit = 30
    opening: Opening
    expects: Expected
    actors: Annotated[tuple[Actor, ...], Field(min_length=1)]
    objectives: Annotated[tuple[Objective, ...], Field(min_length=1)]
    injects: Annotated[tuple[Inject, ...], Field(min_length=1)]
    sources: tuple[str, ...] = ()

    def actor(self, name: str) -> Actor | None:
        return next((actor for actor in self.actors if actor.id == name), None)

    def at_unit(self, unit: str | None) -> Script:
        """The same script, played by another unit; None leaves it where it is."""
        if unit is None:
            return self
        opening = self.opening.model_copy(update={"unit": unit})
        return Script(**dict(self) | {"opening": opening})  # not a copy: that would carry the digest along

    def dump(self) -> str:
        """Canonical JSON: the same script always gives the same text, whatever the order of its file's keys."""
        data: dict[str, Any] = self.model_dump(mode="json", by_alias=True)
        if self.opening.unit is None:  # scripts from before it could be named keep their digest
            del data["opening"]["unit"]
        return json.dumps(data, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))

    @classmethod
    def load(cls, text: str) -> Script:
        """What `dump` wrote. Raises pydantic's ValidationError when a field is unknown or missing."""
        return cls.model_validate_json(text)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of `dump()`, in hex: what a drill pins."""
        return sha256(self.dump().encode()).hexdigest()
