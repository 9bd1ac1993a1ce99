"""Candidates, decisions about them, and exams. An admin sees everybody's, a person their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Final, Literal

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from incident.errors import Unknown
from incident.organisation import Role
from incident.record.naming import sentence
from incident.record.shapes import Instant
from incident.selection import Decision, Exam, Known, Part, Standing, Weighing, Weights
from incident.store import selection as table
from incident.store.engine import reading
from incident.words import words_for
from web import selection
from web.auth import check, who
from web.bodies import Body, Name
from web.endpoint import Endpoint
from web.house import House, house_of
from web.wire import body_of, listed, query_of, shown


@dataclass(frozen=True, slots=True)
class ExamShown:
    """A result; `by` recorded it, `at`."""

    id: int
    person: str
    subject: str
    held_on: date
    score: float
    pass_mark: float
    passed: bool
    examiner: str
    at: Instant
    by: str


@dataclass(frozen=True, slots=True)
class ChosenShown:
    """A decision. `basis` is what it rested on then: profile, weights, parts with their n, what lacked."""

    id: int
    kind: str
    target: str
    person: str
    decision: str
    reason: str
    in_spite: str | None
    score: float | None
    basis: Mapping[str, Any]
    at: Instant
    by: str


@dataclass(frozen=True, slots=True)
class CandidateShown:
    """What speaks for somebody, from 0 to 100; a part of which nothing is known is null and weighs nothing. `lacks` and
    `waived` are in the reader's language. `decision` is the last one about them for this target."""

    person: str
    score: float | None
    known: int
    missing: tuple[Part, ...]
    parts: Mapping[Part, Known]
    lacks: tuple[str, ...]
    waived: tuple[str, ...]
    failed: tuple[str, ...]
    decision: ChosenShown | None = None


@dataclass(frozen=True, slots=True)
class OwnShown:
    """What is recorded of one person: how they stand where no skill is asked for, exams, and decisions."""

    standing: CandidateShown
    exams: tuple[ExamShown, ...]
    decisions: tuple[ChosenShown, ...]


class CandidateQuery(Body):
    """For a roster, a unit or a skill; `everybody` also looks outside of the unit."""

    kind: Literal["roster", "unit", "skill"]
    target: Name
    everybody: bool = False


class PageQuery(Body):
    """Those recorded before one: the cursor of the page before."""

    after: Annotated[int, Field(ge=1)] | None = None


def exam_shown(one: table.Recorded) -> ExamShown:
    e = one.exam
    passed = e.score >= e.pass_mark
    return ExamShown(one.id, e.person, e.subject, e.held_on, e.score, e.pass_mark, passed, e.examiner, one.at, one.by)


def chosen_shown(one: table.Chosen) -> ChosenShown:
    return ChosenShown(**{name: getattr(one, name) for name in ChosenShown.__dataclass_fields__})


def _candidate(house: House, one: Standing, locale: str, decided: table.Chosen | None = None) -> CandidateShown:
    organisation, words = house.directory.organisation(), words_for(locale)
    lacks, waived = (
        tuple(sentence(reason, organisation, words) for reason in reasons) for reasons in (one.lacks, one.waived)
    )
    decision = chosen_shown(decided) if decided else None
    return CandidateShown(one.person, one.score, one.known, one.missing, one.parts, lacks, waived, one.failed, decision)


def get_candidates(request: Request) -> Response:
    house, asked = house_of(request), query_of(request, CandidateQuery)
    target = selection.target_of(house.directory.organisation(), asked.kind, asked.target)
    found = selection.candidates(house, target, everybody=asked.everybody)
    with reading(house.engine) as connection:
        decided = table.holding(connection, target.kind, target.id)
    locale = who(request).locale
    return listed(CandidateShown, [_candidate(house, one, locale, decided.get(one.person)) for one in found])


def get_decisions(request: Request) -> Response:
    after = query_of(request, PageQuery).after
    with reading(house_of(request).engine) as connection:
        found = table.latest(connection, after)
    kept = found[: table.PAGE]
    return listed(ChosenShown, [chosen_shown(one) for one in kept], kept[-1].id if len(found) > table.PAGE else None)


async def post_decision(request: Request) -> Response:
    decision = await body_of(request, Decision)
    return shown(ChosenShown, chosen_shown(await selection.decide(house_of(request), who(request), decision)), 201)


def get_exams(request: Request) -> Response:
    after = query_of(request, PageQuery).after
    with reading(house_of(request).engine) as connection:
        found = table.latest_exams(connection, after)
    kept = found[: table.PAGE]
    return listed(ExamShown, [exam_shown(one) for one in kept], kept[-1].id if len(found) > table.PAGE else None)


async def post_exam(request: Request) -> Response:
    exam = await body_of(request, Exam)
    return shown(ExamShown, exam_shown(await selection.record(house_of(request), who(request), exam)), 201)


def get_own(request: Request) -> Response:
    """One's own, or anybody's for an admin."""
    house, visitor, name = house_of(request), who(request), str(request.path_params["person"])
    if visitor.person != name:
        check(visitor, Role.ADMIN)
    return shown(OwnShown, own(house, name, visitor.locale))


def own(house: House, name: str, locale: str) -> OwnShown:
    """Blocks. Raises Unknown."""
    person = house.directory.organisation().person(name)
    if person is None:
        raise Unknown("person", name[:60])
    found = selection.of_person(house, person)
    with reading(house.engine) as connection:
        exams = table.latest_exams(connection, person=name)
        decisions = table.latest(connection, person=name)
    return OwnShown(
        _candidate(house, found, locale),
        tuple(exam_shown(one) for one in exams),
        tuple(chosen_shown(one) for one in decisions),
    )


def get_weights(request: Request) -> Response:
    return shown(Weighing, selection.profile_of(house_of(request)))


async def put_weights(request: Request) -> Response:
    weights = await body_of(request, Weights)
    return shown(Weighing, await selection.weigh(house_of(request), who(request), weights))


_TAG: Final = "people"

ENDPOINTS: Final = (
    Endpoint(
        "GET",
        "/api/candidates",
        get_candidates,
        Role.ADMIN,
        _TAG,
        "Whom to choose for a roster, a unit or a skill: what is recorded of each, weighed.",
        query=CandidateQuery,
        answer=CandidateShown,
        many=True,
    ),
    Endpoint(
        "GET",
        "/api/selections",
        get_decisions,
        Role.ADMIN,
        _TAG,
        "Whom somebody approved or declined for what, the last first.",
        query=PageQuery,
        answer=ChosenShown,
        many=True,
    ),
    Endpoint(
        "POST",
        "/api/selections",
        post_decision,
        Role.ADMIN,
        _TAG,
        "Approve or decline somebody, with a reason; kept with what it rested on. Changes no roster.",
        body=Decision,
        answer=ChosenShown,
        status=201,
    ),
    Endpoint(
        "GET",
        "/api/selection-weights",
        get_weights,
        Role.ADMIN,
        _TAG,
        "The profile by which candidates are weighed.",
        answer=Weighing,
    ),
    Endpoint(
        "PUT",
        "/api/selection-weights",
        put_weights,
        Role.ADMIN,
        _TAG,
        "Weigh candidates by the house's own weights, which come to 1.",
        body=Weights,
        answer=Weighing,
    ),
    Endpoint(
        "GET",
        "/api/exams",
        get_exams,
        Role.ADMIN,
        _TAG,
        "Results of exams, the last recorded first.",
        query=PageQuery,
        answer=ExamShown,
        many=True,
    ),
    Endpoint(
        "POST",
        "/api/exams",
        post_exam,
        Role.ADMIN,
        _TAG,
        "Record the result of an exam.",
        body=Exam,
        answer=ExamShown,
        status=201,
    ),
    Endpoint(
        "GET",
        "/api/people/{person}/selection",
        get_own,
        Role.VIEWER,
        _TAG,
        "What speaks for somebody, and what was decided about them: one's own, or anybody's for an admin.",
        answer=OwnShown,
    ),
)
