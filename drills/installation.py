"""The installation's own organisation and plans for a drill in virtual time; the demo's where there is none yet."""

from __future__ import annotations

import os
from pathlib import Path

from drills.simulate.plans import Outside, Plans, shipped_plans
from incident.organisation.reader import demo_organisation
from incident.settings import Settings


def outside(data: Path | None) -> tuple[Outside, bool]:
    """Today's organisation, and whether it is the demo's. Reads only; raises NoOrganisation for an empty database."""
    if not _installed(data):
        return Outside(demo_organisation(), shipped_plans()), True
    from incident.wiring import open_house

    house = open_house(Settings.load(data_dir=data))
    try:
        plans = Plans({policy.id: policy for policy in house.library.policies()}, house.library.playbooks())
        return Outside(house.directory.organisation(), plans), False
    finally:
        house.close()


def _installed(data: Path | None) -> bool:
    """Whether there is a database to ask. A folder that was named must have one; looking makes none."""
    if data is not None or os.environ.get("INCIDENT_DATABASE_URL"):
        return True
    return (Path(os.environ.get("INCIDENT_DATA") or "var").expanduser() / "incident.db").is_file()
