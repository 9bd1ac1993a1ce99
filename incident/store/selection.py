"""Exams as they were recorded, whom a manager chose, and who acted in which drill."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Connection, insert, select

from incident.errors import Refused, why
from incident.events import EVENTS, KINDS
from incident.hearing import BY_NAME, actor
from incident.selection import Decision, Exam, Sat, Weighing, Weights
from incident.selection import weighing as default_weighing
from incident.store import directory
from incident.store.log import Stored
from incident.store.selection_tables import exams, selections
from incident.store.tables import log
from incident.store.trainings import ONE_AT_A_TIME

PAGE: Final = 50
WEIGHTS: Final = "selection"
"""The document of a house's own weights."""
_ACTS: Final = sorted(KINDS[kind] for kind in EVENTS if kind in BY_NAME)
_LINE: Final = [log.c[name] for name in Stored._fields]


@dataclass(frozen=True, slots=True)
class Recorded:
    """An exam with its number; `by` recorded it, `at`."""

    id: int
    exam: Exam
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """A decision with its number. `basis` is what it rested on then: profile, parts, what lacked."""

    id: int
    kind: str
    target: str
    person: str
    decision: str
    reason: str
    in_spite: str | None
    score: float | None
    basis: Mapping[str, Any]
    at: datetime
    by: str


def add_exam(connection: Connection, exam: Exam, *, at: datetime, by: str) -> Recorded:
    """Raises Refused for one that is there: a form that is sent twice is recorded once."""
    values = exam.model_dump() | {"held_on": exam.held_on.isoformat()}
    connection.execute(ONE_AT_A_TIME)
    there = select(exams.c.id).where(*(exams.c[name] == value for name, value in values.items()))
    if connection.scalar(there.limit(1)) is not None:
        raise Refused(why("exam.twice"))
    return _recorded(connection.execute(insert(exams).values(**values, at=at, by=by).returning(exams)).one())


def latest_exams(connection: Connection, before: int | None = None, *, person: str | None = None) -> list[Recorded]:
    """The last recorded, the newest first, one more than a page holds; those before one of them."""
    query = select(exams).order_by(exams.c.id.desc()).limit(PAGE + 1)
    if before is not None:
        query = query.where(exams.c.id < before)
    if person is not None:
        query = query.where(exams.c.person == person)
    return [_recorded(row) for row in connection.execute(query)]


def sat(connection: Connection, person: str | None = None) -> dict[str, list[Sat]]:
    """The results of everybody or of one, in the order in which they were recorded."""
    query = select(exams).order_by(exams.c.id)
    found: defaultdict[str, list[Sat]] = defaultdict(list)
    for row in connection.execute(query if person is None else query.where(exams.c.person == person)):
        found[row.person].append(Sat(row.subject, date.fromisoformat(row.held_on), row.score, row.pass_mark))
    return found


def acted(connection: Connection, incidents: Collection[str]) -> dict[str, set[str]]:
    """Who took, commanded or worked on each of these incidents, by name: neither a note nor a control's act counts."""
    found: dict[str, set[str]] = {name: set() for name in incidents}
    wanted = select(*_LINE).where(log.c.incident.in_(list(incidents)), log.c.kind.in_(_ACTS))
    for row in connection.execute(wanted):
        person = actor(Stored(*row).entry().event)
        if person is not None:
            found[row.incident].add(person)
    return found


def decide(
    connection: Connection,
    decision: Decision,
    *,
    score: float | None,
    basis: Mapping[str, Any],
    at: datetime,
    by: str,
) -> Chosen:
    """Written down. The very same by the same person once more is the one that is there."""
    c = selections.c
    connection.execute(ONE_AT_A_TIME)
    here = select(selections).where(c.kind == decision.kind, c.target == decision.target, c.person == decision.person)
    last = connection.execute(here.order_by(c.id.desc()).limit(1)).first()
    said = (decision.decision, decision.reason, decision.in_spite, by)
    if last is not None and (last.decision, last.reason, last.in_spite, last.by) == said and last.score == score:
        return _chosen(last)
    values = decision.model_dump(exclude={"seen"})
    new = insert(selections).values(**values, score=score, basis=dict(basis), at=at, by=by).returning(selections)
    return _chosen(connection.execute(new).one())


def latest(connection: Connection, before: int | None = None, *, person: str | None = None) -> list[Chosen]:
    """The last decisions, the newest first, one more than a page holds; those before one of them."""
    query = select(selections).order_by(selections.c.id.desc()).limit(PAGE + 1)
    if before is not None:
        query = query.where(selections.c.id < before)
    if person is not None:
        query = query.where(selections.c.person == person)
    return [_chosen(row) for row in connection.execute(query)]


def holding(connection: Connection, kind: str, target: str) -> dict[str, Chosen]:
    """The last decision about each person for one target."""
    query = select(selections).where(selections.c.kind == kind, selections.c.target == target)
    return {row.person: _chosen(row) for row in connection.execute(query.order_by(selections.c.id))}


def weighing(connection: Connection) -> tuple[Weighing, int]:
    """By which profile candidates are weighed, and its version: that of the product, 0, before the house saved one."""
    saved = directory.get(connection, WEIGHTS)
    if saved is None:
        return default_weighing(), 0
    return Weights.model_validate_json(saved.body).profile(saved.version), saved.version


def save_weights(connection: Connection, weights: Weights, *, expected: int | None, at: datetime, by: str) -> int:
    """In their next version; every one before is kept. Raises Refused when somebody has saved since `expected`."""
    return directory.put(connection, WEIGHTS, weights.model_dump_json(), expected=expected, at=at, by=by)


def _recorded(row: Any) -> Recorded:
    day = date.fromisoformat(row.held_on)
    exam = Exam(
        person=row.person,
        subject=row.subject,
        held_on=day,
        score=row.score,
        pass_mark=row.pass_mark,
        examiner=row.examiner,
    )
    return Recorded(row.id, exam, row.at, row.by)


def _chosen(row: Any) -> Chosen:
    return Chosen(**row._mapping)
