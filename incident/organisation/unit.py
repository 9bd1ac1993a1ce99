"""A unit of the organisation, and what it answers for."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, StringConstraints

from incident.calendars import ZoneName
from incident.levels import Kind
from incident.organisation.team import TeamRule
from incident.posts import Tier
from incident.roster import Slug
from incident.text import Name

Fragment = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=100)]

HEIGHT: Final = {Tier.FIELD: 0, Tier.REGION: 1, Tier.HQ: 2}
"""A unit never stands above its parent. Units of one tier may be nested as deep as one likes."""


class Unit(BaseModel):
    """`functions` are those it may keep a roster for. `products` and `places` are parts of names, in any case.
    `team` says how large the team must be and what must be held in it; without one nothing is asked.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Slug
    name: Name
    tier: Tier
    parent: Slug | None = None
    functions: tuple[Slug, ...] = ("response",)
    products: tuple[Fragment, ...] = ()
    places: tuple[Fragment, ...] = ()
    kinds: tuple[Kind, ...] = ()
    timezone: ZoneName
    team: TeamRule | None = None
