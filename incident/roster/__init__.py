"""Who is on duty at an instant, the final shifts with their reasons, and the gaps: a pure calculator."""

from incident.roster.calculate import Duty, Gap, Shift, coming, duty, gaps, shifts
from incident.roster.lint import idle, inner_faults, named_in
from incident.roster.model import Layer, Override, Restriction, Roster, Slug, Swap, TimeOff, Weekday, short_form
from incident.roster.standing import NOBODY_AWAY, Absent, is_away

__all__ = [
    "NOBODY_AWAY",
    "Absent",
    "Duty",
    "Gap",
    "Layer",
    "Override",
    "Restriction",
    "Roster",
    "Shift",
    "Slug",
    "Swap",
    "TimeOff",
    "Weekday",
    "coming",
    "duty",
    "gaps",
    "idle",
    "inner_faults",
    "is_away",
    "named_in",
    "shifts",
    "short_form",
]
