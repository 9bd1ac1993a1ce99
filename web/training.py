"""Recording a training session: the session and the skills that it renews in one transaction, or nothing at all."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from incident.errors import BadInput
from incident.organisation.training import Training, faults, renewed
from incident.store import trainings
from web import directory
from web.auth import Visitor
from web.house import House


async def record(house: House, visitor: Visitor, training: Training) -> trainings.Held:
    """Raises BadInput for what cannot be meant, Refused when somebody saved at the same time or it is there."""
    today = house.clock.now().astimezone(ZoneInfo(visitor.timezone)).date()

    def edit(document: dict[str, Any]) -> None:
        people = {one["id"]: one for one in document["people"]}
        found = tuple(faults(training, people, today))
        if found:
            raise BadInput(*found)
        if training.skill is None or training.until is None:
            return
        for name in training.attended:
            people[name]["skills"] = renewed(people[name]["skills"], training.skill, training.until)

    kept: list[trainings.Held] = []

    def keep(connection: Connection, now: datetime) -> None:
        kept.append(trainings.add(connection, training, at=now, by=visitor.by))

    await directory.change(house, visitor, edit, also=keep)
    return kept[-1]
