"""A playbook: whom to page, which posts to fill, what to do in which order, what must be true before closing.

It is data that people write in YAML and that an incident pins by digest when it starts, so a later edit never changes
what somebody was told to do. The models check shape only; what would hurt at 3 a.m. is the lint's (`playbooks.lint`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import cached_property
from hashlib import sha256
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from incident.levels import Kind, Level
from incident.playbooks.rungs import EVERY_LEVEL, Levels, Minutes, Rung, Slug, lean
from incident.posts import Post, Tier
from incident.text import Text

Fragment = Annotated[str, StringConstraints(strip_whitespace=True, to_lower=True, min_length=2, max_length=60)]

FALLBACK: Final = "general-emergency"
"""The id of the playbook for what no other one matches. A set without it is refused by the lint."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Match(_Part):
    """What a playbook is for. One of `kinds` or one of `words` must fit; `products`, if there are any, must fit too."""

    kinds: tuple[Kind, ...] = ()
    products: tuple[Fragment, ...] = ()
    words: tuple[Fragment, ...] = ()
    levels: Levels = EVERY_LEVEL


class Notify(_Part):
    """Who is told at activation. No answer is asked, so nothing waits for it."""

    tier: Tier
    function: Slug
    levels: Levels = EVERY_LEVEL


class PostNeed(_Part):
    """A post that must be held so long after the playbook's start; until it is, the commander holds it."""

    post: Post
    within_min: Minutes
    levels: Levels = EVERY_LEVEL


class Step(_Part):
    """One thing to do. `after` names the steps that must be finished before this one may start.

    `limit_min` is its time box: how long it may take once somebody has started it.
    """

    id: Slug
    text: Text
    detail: Text | None = None
    owner: Post
    action: Literal["task", "checklist", "notify", "decision"] = "task"
    limit_min: Minutes | None = None
    weight: Literal["critical", "major", "minor"] = "major"
    after: tuple[Slug, ...] = ()
    life_safety: bool = False
    expect: Text | None = None
    fallback: Text | None = None
    levels: Levels = EVERY_LEVEL

    def due(self, started: datetime) -> datetime | None:
        """When it must be finished, for a step that was started then; None without a limit."""
        return None if self.limit_min is None else started + timedelta(minutes=self.limit_min)


class CloseItem(_Part):
    """Something that must be confirmed before the incident may be closed."""

    id: Slug
    text: Text


class KitItem(_Part):
    """Material to reserve when the playbook starts; `item` is the store's code for it."""

    item: Slug
    quantity: Annotated[int, Field(ge=1)]


class Playbook(_Part):
    """The whole plan for one kind of incident. `owner` is the department that reviews it."""

    id: Slug
    version: Annotated[int, Field(ge=1)]
    name: Text
    summary: Text
    owner: Text
    reviewed: date
    review_every_days: Annotated[int, Field(ge=1, le=1100)]
    matches: Match
    ladder: tuple[Rung, ...]
    notify: tuple[Notify, ...] = ()
    posts: tuple[PostNeed, ...] = ()
    cadence: dict[Level, Minutes] = {}
    kit: tuple[KitItem, ...] = ()
    steps: tuple[Step, ...]
    closeout: tuple[CloseItem, ...] = ()
    sources: tuple[str, ...] = ()

    def ladder_for(self, level: Level) -> tuple[Rung, ...]:
        """The rungs to climb at a level, in order."""
        return tuple(rung for rung in self.ladder if level in rung.levels)

    def notify_for(self, level: Level) -> tuple[Notify, ...]:
        """Who is told at a level."""
        return tuple(notify for notify in self.notify if level in notify.levels)

    def posts_for(self, level: Level) -> tuple[PostNeed, ...]:
        """The posts to fill at a level."""
        return tuple(need for need in self.posts if level in need.levels)

    def steps_for(self, level: Level) -> tuple[Step, ...]:
        """The steps at a level, in order. Edges to steps that this level lacks are dropped: nobody can finish those."""
        here = [step for step in self.steps if level in step.levels]
        ids = {step.id for step in here}
        return tuple(
            step
            if ids.issuperset(step.after)
            else step.model_copy(update={"after": tuple(i for i in step.after if i in ids)})
            for step in here
        )

    def review_due(self) -> date:
        """The day from which the plan counts as overdue for review."""
        return self.reviewed + timedelta(days=self.review_every_days)

    def dump(self) -> str:
        """Canonical JSON: the same playbook always gives the same text, whatever the order of its file's keys."""
        fields = self.model_dump(mode="json")
        fields["ladder"] = [lean(rung) for rung in fields["ladder"]]
        return json.dumps(fields, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))

    @classmethod
    def load(cls, text: str) -> Self:
        """What `dump` wrote. Raises pydantic's ValidationError when a field is unknown or missing."""
        return cls.model_validate_json(text)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of `dump()`, in hex: what an incident pins. Every opening asks for it, and dumping takes 0.5 ms."""
        return sha256(self.dump().encode()).hexdigest()

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        copied = super().model_copy(update=update, deep=deep)
        copied.__dict__.pop("digest", None)  # pydantic copies cached properties, changed or not
        return copied
