"""Who is on call, rosters with their overrides, and the organisation as one document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response

from incident.errors import BadInput, Fault, Reason, why
from incident.organisation import OnCall, Organisation, Role
from incident.record.naming import sentence
from incident.record.row import name_of
from incident.record.shapes import Instant, Who, Why
from incident.roster import Override, Roster
from incident.store.directory import load_organisation
from incident.store.engine import reading
from incident.words import words_for
from web import directory, rostering
from web.auth import who
from web.endpoint import Endpoint
from web.house import house_of
from web.wire import answered, body_of, dump, json_of, listed, query_of, shown


class OnCallQuery(BaseModel):
    """`at` is now when left out."""

    model_config = ConfigDict(extra="forbid")

    at: AwareDatetime | None = None


class OverrideQuery(BaseModel):
    """Which override: when it starts and who stands in."""

    model_config = ConfigDict(extra="forbid")

    start: AwareDatetime
    person: Annotated[str, Field(max_length=60)]


@dataclass(frozen=True, slots=True)
class Duty:
    """A line of the on-call table: who holds one roster, until when and why. Nobody is null."""

    unit: str
    unit_name: str
    tier: str
    function: str
    roster: str
    primary: Who | None
    secondary: Who | None
    until: Instant | None
    why: Why | None
    why_second: Why | None


def get_on_call(request: Request) -> Response:
    wanted, house = query_of(request, OnCallQuery), house_of(request)
    organisation = house.directory.organisation()
    lines = organisation.on_call(wanted.at or house.clock.now())
    return listed(Duty, [duty(line, organisation, who(request).locale) for line in lines])


def get_rosters(request: Request) -> Response:
    known = house_of(request).directory
    version = known.version  # read first: an answer that is newer than its tag only costs a look
    answer = listed(Roster, list(known.organisation().rosters))
    answer.headers["etag"] = f'"{version}"'
    return answer


async def post_override(request: Request) -> Response:
    override, visitor = await body_of(request, Override), who(request)
    plan = rostering.override(visitor, request.path_params["roster"], override)
    await rostering.save(house_of(request), visitor, plan, None)
    return shown(Override, override, 201)


async def delete_override(request: Request) -> Response:
    wanted, visitor = query_of(request, OverrideQuery), who(request)
    plan = rostering.drop_override(visitor, request.path_params["roster"], wanted.start, wanted.person)
    await rostering.save(house_of(request), visitor, plan, None)
    return Response(status_code=204)


def get_organisation(request: Request) -> Response:
    with reading(house_of(request).engine) as connection:
        organisation, version = load_organisation(connection)
    return answered(dump(Organisation, organisation), headers={"etag": f'"{version}"'})


async def put_organisation(request: Request) -> Response:
    wanted = request.headers.get("if-match", "").strip('"')
    if wanted and not (wanted.isascii() and wanted.isdecimal()):
        raise BadInput(Fault("/headers/if-match", why("api.not_a_version")))
    document, expected = await json_of(request), int(wanted) if wanted else None
    version = await directory.replace(house_of(request), who(request), document, expected)
    return answered(to_json({"version": version}), headers={"etag": f'"{version}"'})


def duty(line: OnCall, organisation: Organisation, locale: str) -> Duty:
    unit, words = organisation.unit(line.unit), words_for(locale)

    def named(person: str | None) -> Who | None:
        return Who(person, name_of(person, organisation) or person) if person else None

    def said(reason: Reason | None) -> Why | None:
        return Why(reason.key, sentence(reason, organisation, words), dict(reason.params)) if reason else None

    return Duty(
        unit=line.unit,
        unit_name=unit.name.for_locale(locale) if unit else line.unit,
        tier=str(line.tier),
        function=line.function,
        roster=line.roster,
        primary=named(line.primary),
        secondary=named(line.secondary),
        until=line.until,
        why=said(line.why),
        why_second=said(line.why_second),
    )


_TAG: Final = "people"
_OVERRIDES: Final = "/api/rosters/{roster}/overrides"

ENDPOINTS: Final = (
    Endpoint(
        "GET",
        "/api/on-call",
        get_on_call,
        Role.VIEWER,
        _TAG,
        "Who is on call, now or at a time: every roster with its holders.",
        query=OnCallQuery,
        answer=Duty,
        many=True,
    ),
    Endpoint(
        "GET",
        "/api/rosters",
        get_rosters,
        Role.VIEWER,
        _TAG,
        "All rosters with their overrides and swaps; the ETag is the version, for a change of one with If-Match.",
        answer=Roster,
        many=True,
    ),
    Endpoint(
        "POST",
        _OVERRIDES,
        post_override,
        Role.RESPONDER,
        _TAG,
        "Somebody stands in on a roster: oneself, or as a commander anybody. The same override again changes nothing.",
        body=Override,
        answer=Override,
        status=201,
    ),
    Endpoint(
        "DELETE",
        _OVERRIDES,
        delete_override,
        Role.RESPONDER,
        _TAG,
        "Take a stand-in back: one's own, or as a commander anybody's.",
        query=OverrideQuery,
        status=204,
    ),
    Endpoint(
        "GET",
        "/api/organisation",
        get_organisation,
        Role.ADMIN,
        _TAG,
        "The whole organisation; the ETag is its version.",
        answer=Organisation,
    ),
    Endpoint(
        "PUT",
        "/api/organisation",
        put_organisation,
        Role.ADMIN,
        _TAG,
        "Replace the whole organisation, or nothing of it; with If-Match only if nobody has saved since.",
        body=Organisation,
        answer=dict[str, int],
    ),
)
