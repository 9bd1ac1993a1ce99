"""Critical, High, Medium, Low: how a report is graded, and why.

The level is the higher of what was stated, what the impact x urgency matrix says and the floors of the kind.
In doubt the higher one wins: grading down later is cheap, answering late is not. Every lift leaves its reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from incident.errors import Reason, why


class Level(StrEnum):
    """The internal level. The statutory grade that an authority wants is another field and never derived from it."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @property
    def rank(self) -> int:
        """3 for Critical down to 0 for Low; larger is graver."""
        return _RANK[self]

    @property
    def numeral(self) -> str:
        """I to IV, as the Chinese four grades and the wall write them."""
        return ("IV", "III", "II", "I")[_RANK[self]]


_RANK = {Level.CRITICAL: 3, Level.HIGH: 2, Level.MEDIUM: 1, Level.LOW: 0}


class Degree(StrEnum):
    """How large the impact is, how urgent the matter."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Kind(StrEnum):
    """What happened. Playbooks and floors go by it."""

    SYSTEM_OUTAGE = "system_outage"
    DATA_LOSS = "data_loss"
    NETWORK_CUT = "network_cut"
    SOFTWARE_FAULT = "software_fault"
    PLATFORM_DOWN = "platform_down"
    FIRE_OR_SHOCK = "fire_or_shock"
    GAS_LEAK = "gas_leak"
    BATCH_DEFECT = "batch_defect"
    INFORMATION_SECURITY = "information_security"
    SPARE_SHORTAGE = "spare_shortage"
    NATURAL_DISASTER = "natural_disaster"
    MASS_COMPLAINT = "mass_complaint"
    OTHER = "other"


Matrix = Mapping[Degree, Mapping[Degree, Level]]


@dataclass(frozen=True, slots=True)
class Grading:
    """A level with the rules that led to it, the deciding one first."""

    level: Level
    reasons: tuple[Reason, ...]


def grade(
    *,
    matrix: Matrix,
    floors: Mapping[str, Level],
    kind: Kind,
    impact: Degree | None,
    urgency: Degree | None,
    stated: Level | None,
    injury: bool = False,
    major: bool = False,
) -> Grading:
    """Grade a report: the highest of the stated level, the matrix and the floors.

    `floors` maps a kind, or `injury` or `major_fault`, to the level that it is never under. With neither a stated
    level nor both degrees the missing degree counts as medium: a report is never left ungraded.
    """
    found: list[tuple[Level, Reason]] = []
    if stated is not None:
        found.append((stated, why("grade.stated", level=stated)))
    if stated is None or impact is not None or urgency is not None:
        i, u = impact or Degree.MEDIUM, urgency or Degree.MEDIUM
        found.append((matrix[i][u], why("grade.matrix", impact=i, urgency=u, level=matrix[i][u])))
    marks = [str(kind), *(["injury"] if injury else []), *(["major_fault"] if major else [])]
    found += [(floors[m], why("grade.floor", mark=m, level=floors[m])) for m in marks if m in floors]
    top = max(level.rank for level, _ in found)
    ordered = sorted(found, key=lambda pair: -pair[0].rank)
    return Grading(ordered[0][0], tuple(reason for level, reason in ordered if level.rank == top))
