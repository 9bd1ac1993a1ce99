"""What a drill measures: thirteen items in five dimensions. Scripts, scores and reports name them by these words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self


class Dimension(StrEnum):
    """The five of the score sheet, in its order."""

    RESPONSE = "response"
    HANDLING = "handling"
    CONTROL = "control"
    RECOVERY = "recovery"
    SATISFACTION = "satisfaction"


class Item(StrEnum):
    """One line of the score sheet."""

    ACKNOWLEDGE = "acknowledge"
    COMMAND = "command"
    POSTS = "posts"
    STEPS = "steps"
    ORDER = "order"
    GRADING = "grading"
    REMEDY = "remedy"
    ESCALATION = "escalation"
    CONTAINMENT = "containment"
    WORD = "word"
    RESTORE = "restore"
    CLOSEOUT = "closeout"
    SATISFACTION = "satisfaction"


DIMENSION: Final = {
    Item.ACKNOWLEDGE: Dimension.RESPONSE,
    Item.COMMAND: Dimension.RESPONSE,
    Item.POSTS: Dimension.RESPONSE,
    Item.STEPS: Dimension.HANDLING,
    Item.ORDER: Dimension.HANDLING,
    Item.GRADING: Dimension.HANDLING,
    Item.REMEDY: Dimension.HANDLING,
    Item.ESCALATION: Dimension.CONTROL,
    Item.CONTAINMENT: Dimension.CONTROL,
    Item.WORD: Dimension.CONTROL,
    Item.RESTORE: Dimension.RECOVERY,
    Item.CLOSEOUT: Dimension.RECOVERY,
    Item.SATISFACTION: Dimension.SATISFACTION,
}

PARTS: Final = {"post": Item.POSTS, "step": Item.STEPS, "escalation": Item.ESCALATION}
"""Items that have parts with names: `post.scribe`, `step.open-bridge`, `escalation.hq`."""


@dataclass(frozen=True, slots=True, order=True)
class Measure:
    """An item, or one part of it: `word`, `step.find-scope`."""

    item: Item
    part: str | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises ValueError with what could be written instead."""
        head, dot, part = text.partition(".")
        if dot and head in PARTS and part:
            return cls(PARTS[head], part)
        if not dot and head in set(Item):
            return cls(Item(head))
        raise ValueError(
            f"'{text}' is no measure: write one of {', '.join(Item)}, or post.NAME, step.ID, escalation.TO"
        )

    def __str__(self) -> str:
        if self.part is None:
            return self.item
        head = next(name for name, item in PARTS.items() if item is self.item)
        return f"{head}.{self.part}"
