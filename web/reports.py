"""Reports come in: checked at the door, opened or folded by the desk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from incident.desk.requests import Idempotency, OpenReport, Outcome
from incident.errors import BadInput, Fault, Unknown, why
from incident.levels import Level, grade
from incident.organisation import Role
from incident.report import MACHINES, Report
from web.acts import idempotency
from web.asking import asked
from web.auth import Visitor, check
from web.house import House
from web.wire import parse

MOST: Final = 1000
"""Reports in one batch."""


async def report(house: House, visitor: Visitor, body: object, *, idempotency_key: str | None = None) -> Outcome:
    """Open an incident from a report, or fold it into the open one with its dedup key. Raises BadInput."""
    check(visitor, Role.RESPONDER, reports=True)
    found = checked(house, visitor, body, "")
    once = idempotency(visitor, idempotency_key, "report", body)
    [outcome] = await asked(house.desk, [_opening(visitor, found, once)])
    return outcome


async def batch(
    house: House, visitor: Visitor, items: Sequence[object], *, idempotency_key: str | None = None
) -> list[Outcome]:
    """Many reports, all good or none taken. They go to the desk at once and are written together."""
    check(visitor, Role.RESPONDER, reports=True)
    if not items or len(items) > MOST:
        raise BadInput(Fault("", why("api.batch_size", limit=MOST)))
    good: list[Report] = []
    faults: list[Fault] = []
    for number, item in enumerate(items):
        try:
            good.append(checked(house, visitor, item, f"/{number}"))
        except BadInput as bad:
            faults += bad.faults
    if faults:
        raise BadInput(*faults[:20])
    wanted = []
    for number, one in enumerate(good):
        key = f"{idempotency_key}#{number}" if idempotency_key else None
        wanted.append(_opening(visitor, one, idempotency(visitor, key, "report", items[number])))
    return await asked(house.desk, wanted)


def _opening(visitor: Visitor, found: Report, once: Idempotency | None) -> OpenReport:
    return OpenReport(found, visitor.by, scope=visitor.key or "", idempotency=once)


def checked(house: House, visitor: Visitor, body: object, under: str) -> Report:
    """The report, with the key's own unit where it names none. Raises BadInput."""
    found = parse(Report, body, under)
    faults = [Fault(under + f.pointer, f.reason) for f in faults_of(house, found)]
    if faults:
        raise BadInput(*faults)
    if found.unit is None and visitor.unit is not None:
        return found.model_copy(update={"unit": visitor.unit})
    return found


def faults_of(house: House, found: Report) -> list[Fault]:
    """What only the house can tell: a policy that it has not, elements that somebody at a desk could have asked for."""
    try:
        level = level_of(house, found)
    except Unknown:
        return [Fault("/policy", why("api.no_such_policy"))]
    faults = []
    if found.unit is not None and house.directory.organisation().unit(found.unit) is None:
        faults.append(Fault("/unit", why("api.no_such_unit")))
    if found.channel not in MACHINES and level is not Level.CRITICAL:
        faults += [Fault(f"/{name}", why("api.element_missing", channel=found.channel)) for name in found.missing()]
    return faults


def level_of(house: House, found: Report) -> Level:
    """The level at which the report will be graded. Raises Unknown for its policy."""
    policy = house.library.policy(found.policy)
    grading = grade(
        matrix=policy.matrix,
        floors=policy.floors,
        kind=found.kind,
        impact=found.impact,
        urgency=found.urgency,
        stated=found.level,
        injury=found.injury,
        major=found.major,
    )
    return grading.level
