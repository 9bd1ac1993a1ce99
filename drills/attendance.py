"""Who acted in which live drills, and what those came to: what a drill says of somebody who may be chosen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection

from drills import keeping, sealed
from incident.store import drills as table
from incident.store import selection


def totals(connection: Connection, profile: str, since: datetime) -> Mapping[str, list[float]]:
    """The totals by person, of drills that were scored by this profile, came to a total and are not void.

    Live ones only: a simulation is played by nobody, and at a table somebody speaks for all. Who only noted something,
    or controlled it, has not acted.
    """
    rows = [
        row
        for row in table.since(connection, since, (keeping.LIVE,))
        if row.profile == profile and row.total is not None and row.incident is not None
    ]
    void = sealed.void(connection, rows)
    of = {row.incident: row.total for row in rows if row.id not in void and row.incident and row.total is not None}
    found: defaultdict[str, list[float]] = defaultdict(list)
    for incident, people in selection.acted(connection, of).items():
        for person in sorted(people):
            found[person].append(of[incident])
    return found
