"""Which incident comes first: on the wall, on the board, in a snapshot. Read from the board row, so that everybody who
has the row finds the same order.

`static/wall_view.js` is its twin in the browser; a test in a real browser holds the two together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from incident.levels import Level

Row = Mapping[str, Any]

AFTER: Final = ("verifying", "reviewing")
_OVER: Final = ("closed", "merged")
_NEVER_MS: Final = (1 << 45) - 1
"""Far past any deadline: milliseconds since 1970 fit below it until the year 3084."""
DUE_SPAN: Final = 1 << 47
"""What deadline and level take up in a turn: the rest of it is the class, which comes first."""


@dataclass(frozen=True, slots=True)
class Due:
    """The moment that counts. `since` is when it began to run, None where the row does not tell."""

    what: str
    at: datetime
    since: datetime | None = None
    name: str = ""


def is_open(row: Row) -> bool:
    """Whether nobody has it and somebody should; or nothing is heard of who has it, which comes to the same. Nobody
    should while a drill is paused."""
    if is_held(row) or row.get("paused"):
        return False
    return (not row["commander"] or bool(row.get("expired"))) and row["phase"] not in (*AFTER, *_OVER)


def is_held(row: Row) -> bool:
    """Whether planned maintenance keeps it from paging anybody."""
    return bool((row.get("maintenance") or {}).get("held"))


def is_loud(row: Row) -> bool:
    """A Critical that nobody has: it is never left out of anything."""
    return row["level"] == Level.CRITICAL and is_open(row)


def due_of(row: Row) -> Due | None:
    """For an incident that nobody has, its limit to answer, or when the answer expired; else what runs out first."""
    opened = datetime.fromisoformat(row["opened_at"])
    if is_held(row):
        return Due("hold", datetime.fromisoformat(row["maintenance"]["until"]), opened)
    if row.get("expired") and row["quiet"]:
        return Due(
            "quiet", datetime.fromisoformat(row["quiet"]["until"]), datetime.fromisoformat(row["quiet"]["since"])
        )
    if row["answer_due"] and is_open(row):
        return Due("answer", datetime.fromisoformat(row["answer_due"]), opened)
    found = []
    if row["update_due"]:
        found.append(Due("update", datetime.fromisoformat(row.get("update_owed_since") or row["update_due"])))
    if row["deadline"]:
        found.append(Due("clock", datetime.fromisoformat(row["deadline"]["at"]), opened, row["deadline"]["name"]))
    return min(found, key=lambda due: due.at, default=None)


def turn(row: Row) -> int:
    """The incident's place in the line, the lowest first: unanswered Criticals, real ones before a drill's, then by
    what runs out next, then by level. Never 0, which stands for a row that an older release wrote."""
    due = due_of(row)
    at = _NEVER_MS if due is None else min(max(round(due.at.timestamp() * 1000), 0), _NEVER_MS)
    apart = (0 if is_loud(row) else 2) + bool(row["drill"])
    return apart * DUE_SPAN + at * 4 + (3 - Level(row["level"]).rank) + 1
