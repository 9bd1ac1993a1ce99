"""What a calendar file would put on a roster, or into people's time off: the same for the site and for the terminal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

from incident.errors import Unknown
from incident.ical.people import Theirs, match
from incident.ical.reading import BadEvent, read_calendar
from incident.organisation import Organisation, Role
from incident.roster import Override, Roster, TimeOff

AHEAD: Final = timedelta(days=366)
"""How far into the future a calendar is read; what is over is left out."""

As = Literal["shifts", "time_off"]


@dataclass(frozen=True, slots=True)
class Taken:
    """What can be taken over, and the events that cannot."""

    found: tuple[Theirs, ...]
    bad: tuple[BadEvent, ...]

    @property
    def overrides(self) -> tuple[Override, ...]:
        return tuple(Override(start=x.start, end=x.end, person=x.person, reason=x.note) for x in self.found)

    @property
    def time_off(self) -> dict[str, tuple[TimeOff, ...]]:
        """By person."""
        people = dict.fromkeys(one.person for one in self.found)
        return {
            name: tuple(TimeOff(start=x.start, end=x.end, reason=x.note) for x in self.found if x.person == name)
            for name in people
        }


def take(
    data: bytes, name: str, organisation: Organisation, roster: Roster, *, now: datetime, person: str | None
) -> Taken:
    """Read a file for a roster. `person` says whose all of it is. Raises BadInput for a file that is no calendar."""
    reading = read_calendar(data, name, ZoneInfo(roster.timezone), now, now + AHEAD)
    whose = organisation.person(person) if person else None
    if person and whose is None:
        raise Unknown("person", person[:60])
    able = [one for one in organisation.people if one.role is not Role.VIEWER]
    matched = match(reading, able, whose)
    return Taken(matched.found, matched.bad)
