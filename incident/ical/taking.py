"""What a calendar file would put on a roster, or into people's time off: the same for the site and for the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ValidationError

from incident.errors import BadInput, Fault, Unknown, why
from incident.ical.people import Theirs, match
from incident.ical.reading import BadEvent, read_calendar
from incident.organisation import Organisation, Role
from incident.roster import Override, Roster, TimeOff
from incident.source import json_pointer

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


def put_on(organisation: Organisation, roster: str, taken: Taken, take_as: As) -> Organisation:
    """The organisation with what was taken over; what stands there already is not put twice.

    Raises BadInput when its parts do not agree any more.
    """
    document = organisation.model_dump(mode="json")
    if take_as == "shifts":
        kept = next(one for one in document["rosters"] if one["id"] == roster)["overrides"]
        _add(kept, taken.overrides)
    else:
        for person, times in taken.time_off.items():
            _add(next(one for one in document["people"] if one["id"] == person)["time_off"], times)
    try:
        return Organisation.model_validate(document)
    except ValidationError as error:
        said = error.errors(include_url=False, include_input=False)[0]
        pointer = json_pointer(tuple(said["loc"]))
        raise BadInput(Fault(pointer, why("api.rule", rule=said["msg"]))) from None


def _add(kept: list[dict[str, object]], new: Sequence[BaseModel]) -> None:
    for one in new:
        fields = one.model_dump(mode="json")
        if fields not in kept:
            kept.append(fields)


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
