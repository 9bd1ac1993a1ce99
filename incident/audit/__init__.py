"""Whether the pager keeps its own laws: pure rules on what was read, each breach with its place, its age and the cure.

The auditor (`incident.desk.auditor`) reads and asks these each minute; so does `incident audit`, once.
"""

from __future__ import annotations

from incident.audit.model import CAUSES, Finding, Limits, Rule, Trouble
from incident.audit.rules import judge
from incident.audit.seen import Head, House, Leased, Unsent, Untold, Watched

__all__ = [
    "CAUSES",
    "Finding",
    "Head",
    "House",
    "Leased",
    "Limits",
    "Rule",
    "Trouble",
    "Unsent",
    "Untold",
    "Watched",
    "judge",
]
