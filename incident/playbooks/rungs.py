"""A rung of a playbook's ladder as it is written down: whom to page, in which way, at which hours."""

from __future__ import annotations

from datetime import time
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from incident.calendars import ZoneName
from incident.levels import Level
from incident.posts import Post, Tier

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=60)]
Minutes = Annotated[int, Field(ge=1, le=60 * 24 * 60)]
Levels = Annotated[tuple[Level, ...], Field(min_length=1)]

EVERY_LEVEL: Final = tuple(Level)


class Hours(BaseModel):
    """When a rung is used: inside or only outside these hours of a country's working days, or of Monday to Friday.

    Without a zone they are local hours of the unit that the incident belongs to.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    when: Literal["inside", "outside"]
    opens: time = time(9)
    closes: time = time(18)
    timezone: ZoneName | None = None
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] | None = None

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if self.opens.tzinfo is not None or self.closes.tzinfo is not None:
            raise ValueError("hours are local times: leave the offset out and set the time zone")
        if self.opens >= self.closes:
            raise ValueError("working hours must open before they close")
        return self


class Rung(BaseModel):
    """One step of the ladder. primary is who is on duty, secondary the next in line, all the whole roster; people are
    named, skilled is everybody of the tier's unit with the skill, post is who holds it in the incident.

    `function` names the tier's roster (response, management, service, ...); `wait_min` is how long this rung has
    before the next is paged, None for the policy's step. A `skill` beside people or a roster must be valid, or the
    person is passed over. `in_turn` pages one after the other, each with the wait; `repeat` pages the rung so often.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    tier: Tier
    who: Literal["primary", "secondary", "all", "people", "skilled", "post"]
    function: Slug = "response"
    wait_min: Minutes | None = None
    levels: Levels = EVERY_LEVEL
    people: Annotated[tuple[Slug, ...], Field(max_length=50)] = ()
    skill: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)] | None = None
    post: Post | None = None
    mode: Literal["together", "in_turn"] = "together"
    repeat: Annotated[int, Field(ge=1, le=10)] = 1
    hours: Hours | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.who == "people") is not bool(self.people):
            raise ValueError("'people' goes with who: people, and that needs some: name them, or choose another who")
        if (self.who == "post") is not (self.post is not None):
            raise ValueError("'post' goes with who: post, and that needs one: name it, or choose another who")
        if self.who == "skilled" and self.skill is None:
            raise ValueError("who: skilled needs a skill: name it")
        return self

    @property
    def waits(self) -> int:
        """How many waits pass before the rung is left. On a roster or skill asked in turn three people are counted:
        how many there will be is not known beforehand."""
        people = 1 if self.mode == "together" or self.who == "post" else len(self.people) or 3
        return people * self.repeat


LATER: Final[dict[str, Any]] = {
    name: Rung.model_fields[name].get_default() for name in ("people", "skill", "post", "mode", "repeat", "hours")
}
"""What rungs did not have at first: left out of a dump where it says nothing, so that playbooks keep their digest."""


def lean(rung: dict[str, Any]) -> dict[str, Any]:
    """A dumped rung without what says nothing."""
    return {name: value for name, value in rung.items() if name not in LATER or value not in (LATER[name], [])}
