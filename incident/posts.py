"""Command posts and tiers, as the incident command system names them."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Post(StrEnum):
    """A function in the command of one incident. An unfilled post falls to the commander."""

    COMMANDER = "commander"
    DEPUTY = "deputy"
    SCRIBE = "scribe"
    SAFETY = "safety"
    PUBLIC_INFORMATION = "public_information"
    LIAISON = "liaison"
    OPERATIONS = "operations"
    PLANNING = "planning"
    LOGISTICS = "logistics"
    FINANCE = "finance"
    EXPERT = "expert"


class Tier(StrEnum):
    """Where in the organisation a unit stands. A ladder climbs from field to headquarters."""

    FIELD = "field"
    REGION = "region"
    HQ = "hq"


SPAN_WARNED_AT: Final = 8
"""One person should lead three to seven others, best five; at eight the system proposes sub-teams."""
