"""Training sessions as they were recorded."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Connection, insert, select

from incident.errors import Refused, why
from incident.organisation.training import Training
from incident.store.directory import ORGANISATION
from incident.store.tables import directory
from incident.store.training_table import trainings

PAGE: Final = 50
ONE_AT_A_TIME: Final = select(directory.c.version).where(directory.c.name == ORGANISATION).with_for_update()
"""The row that a renewal writes too: of two forms that are sent at once the later one sees the session of the other."""


@dataclass(frozen=True, slots=True)
class Held:
    """A session with its number; `by` recorded it, `at`."""

    id: int
    held_on: date
    topic: str
    skill: str | None
    until: date | None
    attended: tuple[str, ...]
    at: datetime
    by: str


def add(connection: Connection, training: Training, *, at: datetime, by: str) -> Held:
    """Keep a session. Raises Refused for one that is there: a form that is sent twice is recorded once."""
    c = trainings.c
    day = training.held_on.isoformat()
    connection.execute(ONE_AT_A_TIME)
    same = select(trainings).where(c.held_on == day, c.topic == training.topic)
    for held in map(_held, connection.execute(same)):
        if (set(held.attended), held.skill, held.until) == (set(training.attended), training.skill, training.until):
            raise Refused(why("training.twice"))
    values = {"held_on": day, "topic": training.topic, "skill": training.skill, "at": at, "by": by}
    values["until"] = training.until.isoformat() if training.until else None
    new = insert(trainings).values(**values, attended=json.dumps(training.attended)).returning(trainings)
    return _held(connection.execute(new).one())


def latest(connection: Connection, before: int | None = None, limit: int = PAGE) -> list[Held]:
    """The sessions recorded last, the newest first; those before one of them."""
    query = select(trainings).order_by(trainings.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(trainings.c.id < before)
    return [_held(row) for row in connection.execute(query)]


def _held(row: Any) -> Held:
    until = date.fromisoformat(row.until) if row.until else None
    day, attended = date.fromisoformat(row.held_on), tuple(json.loads(row.attended))
    return Held(row.id, day, row.topic, row.skill, until, attended, row.at, row.by)
