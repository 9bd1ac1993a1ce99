"""Choosing people: what is recorded of everybody, gathered, and a manager's decision kept with what it rested on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from anyio import to_thread
from sqlalchemy import Connection

from drills import attendance
from incident.errors import BadInput, Fault, Refused, Unknown, why
from incident.organisation import Organisation, Person, Role
from incident.record.communication import ASKED, Outcome
from incident.selection import Decision, Duty, Evidence, Exam, Standing, Target, Weighing, Weights, ranked, standing
from incident.store import communication
from incident.store import selection as table
from incident.store.engine import changing, reading
from incident.store.sends import as_json
from web.api.statistics import read_on
from web.auth import Visitor
from web.house import House
from web.problems import Forbidden

MONTH = timedelta(days=30.4375)


def target_of(organisation: Organisation, kind: str, name: str) -> Target:
    """Raises Unknown. A skill may be any: somebody may be chosen for what nobody has yet."""
    if kind == "roster":
        roster = next((one for one in organisation.rosters if one.id == name), None)
        if roster is not None:
            return Target(kind, name, tuple(roster.requires), roster.unit)
    elif kind == "unit":
        unit = organisation.unit(name)
        if unit is not None:
            return Target(kind, name, tuple(unit.team.skills) if unit.team else (), unit.id)
    elif kind == "skill" and name.strip():
        spelled = {skill.name.casefold(): skill.name for one in organisation.people for skill in one.skills}
        known = spelled.get(name.strip().casefold(), name.strip()[:100])
        return Target(kind, known, (known,))
    raise Unknown(kind, name[:60])


def people_for(organisation: Organisation, target: Target, *, everybody: bool = False) -> list[Person]:
    """Whoever may act at all: those of the target's unit, or of the whole house."""
    return [
        one
        for one in organisation.people
        if one.role is not Role.VIEWER and (everybody or target.unit in (None, one.unit))
    ]


def candidates(house: House, target: Target, *, everybody: bool = False) -> list[Standing]:
    """The best first; who lacks something that is asked for after those who do not. Blocks."""
    profile, organisation, now = profile_of(house), house.directory.organisation(), house.clock.now()
    found = evidence(house, profile)
    people = people_for(organisation, target, everybody=everybody)
    return ranked(standing(one, target.skills, found, profile, now) for one in people)


def of_person(house: House, person: Person, skills: tuple[str, ...] = ()) -> Standing:
    """What speaks for one of them. Blocks."""
    profile = profile_of(house)
    return standing(person, skills, evidence(house, profile), profile, house.clock.now())


def profile_of(house: House) -> Weighing:
    """By which candidates are weighed now."""
    with reading(house.engine) as connection:
        return table.weighing(connection)[0]


async def weigh(house: House, visitor: Visitor, weights: Weights) -> Weighing:
    """Save the house's own weights. What was decided before keeps those of then."""

    def save() -> Weighing:
        with changing(house.engine) as connection:
            version = table.save_weights(connection, weights, expected=None, at=house.clock.now(), by=visitor.by)
        return weights.profile(version)

    return await to_thread.run_sync(save)


def evidence(house: House, profile: Weighing) -> Evidence:
    """Blocks: reads the exams, the live drills, and the logs of some hundred incidents."""
    read_on(house)
    now = house.clock.now()
    since = now - profile.months * MONTH
    with reading(house.engine) as connection:
        return Evidence(
            table.sat(connection),
            attendance.totals(connection, profile.drill_profile, since),
            _duty(connection, since, now),
        )


def _duty(connection: Connection, since: datetime, now: datetime) -> Mapping[str, Duty]:
    """Real incidents only. Who was no longer needed was not asked."""
    chosen = communication.chosen(connection, since, now, drill=False)
    asked: defaultdict[str, list[tuple[str, bool]]] = defaultdict(list)
    for incident, facts in communication.of_incidents(connection, chosen.units, now).items():
        for call in facts.calls:
            if call.outcome in ASKED:
                asked[call.person].append((incident, call.outcome is Outcome.IN_TIME))
    return {
        person: Duty(sum(in_time for _, in_time in calls), len(calls), len({incident for incident, _ in calls}))
        for person, calls in asked.items()
    }


async def decide(house: House, visitor: Visitor, decision: Decision) -> table.Chosen:
    """Raises BadInput, Unknown, Forbidden for a decision about oneself, or Refused when the score is no longer the one
    that was looked at. It changes no roster."""
    return await to_thread.run_sync(_decide, house, visitor, decision)


def _decide(house: House, visitor: Visitor, decision: Decision) -> table.Chosen:
    organisation = house.directory.organisation()
    target = target_of(organisation, decision.kind, decision.target)
    person = organisation.person(decision.person)
    if person is None:
        raise BadInput(Fault("/person", why("error.unknown", what="person", name=decision.person)))
    if visitor.person == person.id:
        raise Forbidden(why("selection.own"))
    profile = profile_of(house)
    found = standing(person, target.skills, evidence(house, profile), profile, house.clock.now())
    if decision.seen is not None and decision.seen != found.score:
        raise Refused(why("selection.changed"))
    if decision.decision == "approved" and found.lacks and decision.in_spite is None:
        raise BadInput(Fault("/in_spite", why("selection.lacks", n=len(found.lacks))))
    kept = decision.model_copy(update={"target": target.id, "in_spite": decision.in_spite if found.lacks else None})
    with changing(house.engine) as connection:
        return table.decide(
            connection,
            kept,
            score=found.score,
            basis=_basis(found, target, profile),
            at=house.clock.now(),
            by=visitor.by,
        )


def _basis(found: Standing, target: Target, profile: Weighing) -> dict[str, Any]:
    return {
        "profile": profile.id,
        "version": profile.version,
        "weights": {str(part): weight for part, weight in profile.weights.items()},
        "parts": {str(part): {"points": one.points, "n": one.n} for part, one in found.parts.items()},
        "known": found.known,
        "skills": list(target.skills),
        "lacks": [as_json(reason) for reason in found.lacks],
        "waived": [as_json(reason) for reason in found.waived],
        "failed": list(found.failed),
    }


async def record(house: House, visitor: Visitor, exam: Exam) -> table.Recorded:
    """Raises BadInput for what cannot be meant, Refused for what is there already."""
    return await to_thread.run_sync(_record, house, visitor, exam)


def _record(house: House, visitor: Visitor, exam: Exam) -> table.Recorded:
    faults = []
    if house.directory.organisation().person(exam.person) is None:
        faults.append(Fault("/person", why("error.unknown", what="person", name=exam.person)))
    if exam.held_on > (house.clock.now() + timedelta(hours=14)).date():  # it is that day somewhere
        faults.append(Fault("/held_on", why("training.not_yet")))
    if visitor.person == exam.person:
        faults.append(Fault("/person", why("exam.own")))
    if faults:
        raise BadInput(*faults)
    with changing(house.engine) as connection:
        return table.add_exam(connection, exam, at=house.clock.now(), by=visitor.by)
