"""Which unit plays a drill, and by which profile it is scored: what whoever starts it chooses beside the script."""

from __future__ import annotations

from drills.score import profiles
from drills.script.model import Script
from incident.errors import BadInput, Fault, why
from incident.organisation import Organisation


def placed(script: Script, unit: str | None, organisation: Organisation, where: str) -> Script:
    """The script as this unit plays it; None leaves it where its report would fall. Raises BadInput, at `where`, for a
    unit that nobody knows: the report would fall somewhere else in silence."""
    if unit is not None and organisation.unit(unit) is None:
        units = ", ".join(one.id for one in organisation.units)
        raise BadInput(Fault(where, why("drill.place.no_unit", unit=unit[:60], units=units)))
    return script.at_unit(unit)


def falls_to(script: Script, organisation: Organisation) -> str:
    """The unit that plays it."""
    return organisation.route(script.opening.report("en", script.policy)).unit


def judged_by(name: str, where: str) -> str:
    """The same name, of a profile that there is. Raises BadInput at `where`."""
    if name not in profiles():
        raise BadInput(Fault(where, why("drill.place.no_profile", profile=name[:60], profiles=", ".join(profiles()))))
    return name
