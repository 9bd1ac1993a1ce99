"""Who commands and who holds which post."""

from __future__ import annotations

from dataclasses import dataclass

from incident.posts import Post


@dataclass(frozen=True, slots=True)
class CommandOffered:
    to: str
    briefing: str | None = None


@dataclass(frozen=True, slots=True)
class CommandTaken:
    """`person` commands from now on; `of` had the command until now."""

    person: str
    of: str | None = None


@dataclass(frozen=True, slots=True)
class PostFilled:
    post: Post
    person: str


@dataclass(frozen=True, slots=True)
class PostVacated:
    post: Post
    person: str


@dataclass(frozen=True, slots=True)
class SpanExceeded:
    """Eight or more people report to one: sub-teams are proposed."""

    people: int


CommandEvent = CommandOffered | CommandTaken | PostFilled | PostVacated | SpanExceeded
