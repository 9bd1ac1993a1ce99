"""When each playbook was last drilled and how it went, for the pages and the list of playbooks (S103)."""

from __future__ import annotations

from drills import keeping
from drills.calendar import last_by_playbook
from incident.clock import iso
from incident.store.drills import DrillRow
from incident.store.engine import reading
from web.house import House


def last_drills(house: House) -> dict[str, DrillRow]:
    """By playbook; what nobody drilled is missing, and so is what is void."""
    with reading(house.engine) as connection:
        return last_by_playbook(keeping.sound(keeping.listed(connection)))


def as_json(row: DrillRow | None) -> dict[str, object] | None:
    if row is None:
        return None
    return {
        "id": row.id,
        "form": row.form,
        "started_at": iso(row.started_at),
        "total": row.total,
        "rating": row.rating,
    }
