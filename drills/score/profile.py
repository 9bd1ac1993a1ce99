"""How much each item weighs, as data. A score names the profile and its digest, so that like is compared with like."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache, cached_property
from hashlib import sha256
from importlib.resources import files
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from drills.measures import Item
from drills.script.model import Limit, Share, Slug
from incident.errors import Unknown
from incident.levels import Level
from incident.source import parse
from incident.text import Text

DEFAULT: Final = "standard"


def _whole(weights: Mapping[Item, float]) -> Mapping[Item, float]:
    lacking = [item for item in Item if item not in weights]
    if lacking:
        raise ValueError(f"items lacking: {', '.join(lacking)}")
    if abs(sum(weights.values()) - 100) > 1e-9:
        raise ValueError(f"the weights come to {sum(weights.values()):g}: make them 100")
    return weights


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Grading(_Part):
    """What a level is worth beside the expected one; a later correction earns back a share of the loss."""

    exact: Share = 1.0
    over_by_one: Share = 0.8
    over_by_more: Share = 0.5
    under_by_one: Share = 0.3
    under_by_more: Share = 0.0
    earned_back: Share = 0.5


class Profile(_Part):
    """One profile. Minutes by level stand in where neither script nor policy names a figure.

    `most_dropped`: if more of the weight than this share was not observed, there is no total. `under`: an objective
    below so many points of a hundred is at best S. `far`: a target missed by more than this share makes M.
    `late_factor`: a Critical answered later than so many times its target trips the gate.
    """

    id: Slug
    version: Annotated[int, Field(ge=1)]
    name: Text
    purpose: Text
    weights: Annotated[Mapping[Item, Annotated[float, Field(ge=0)]], AfterValidator(_whole)]
    step_weights: Mapping[Literal["critical", "major", "minor"], Annotated[float, Field(gt=0)]]
    command_min: Mapping[Level, Limit]
    headquarters_min: Mapping[Level, Limit]
    restore_min: Mapping[Level, Limit]
    grading: Grading = Grading()
    wrong_act: Share = 0.25
    fewest_answers: Annotated[int, Field(ge=1)] = 3
    most_dropped: Share = 0.2
    under: Annotated[float, Field(ge=0, le=100)] = 90
    far: Share = 0.5
    late_factor: Annotated[float, Field(ge=1)] = 2
    helped: Share = 0.5

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON."""
        data = json.dumps(self.model_dump(mode="json"), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return sha256(data.encode()).hexdigest()


@cache
def profiles() -> dict[str, Profile]:
    """The profiles that come with the product, by id."""
    folder = files("drills") / "profiles"
    read = [
        parse(Profile, path.read_text("utf-8"), path.name) for path in folder.iterdir() if path.name.endswith(".yaml")
    ]
    return {profile.id: profile for profile in sorted(read, key=lambda profile: profile.id)}


def profile(name: str = DEFAULT) -> Profile:
    """Raises Unknown."""
    found = profiles().get(name)
    if found is None:
        raise Unknown("score_profile", name)
    return found
