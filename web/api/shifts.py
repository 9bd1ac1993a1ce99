"""What follows from rosters (shifts, gaps, fairness), and their changes by program: rotations, swaps, time off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, Final, Literal
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from incident.errors import BadInput, Fault, Unknown, why
from incident.organisation import Organisation, Role
from incident.record.fairness import burdens
from incident.record.naming import sentence
from incident.record.row import name_of
from incident.record.shapes import Instant, Who, Why
from incident.roster import Roster, Swap, TimeOff, gaps, shifts
from incident.words import words_for
from web import rostering
from web.auth import who
from web.endpoint import Endpoint
from web.house import house_of
from web.rostering import Asked
from web.wire import body_of, listed, parse, query_of, shown

LONGEST: Final = timedelta(days=400)
"""The time that one question may be about."""
Id = Annotated[str, Field(max_length=60)]


class Period(BaseModel):
    """From `start` to `end`, at most 400 days."""

    model_config = ConfigDict(extra="forbid")

    start: AwareDatetime
    end: AwareDatetime


class SwapAsk(BaseModel):
    """`giver` asks `taker` to take the giver's shifts of that time."""

    model_config = ConfigDict(extra="forbid")

    start: AwareDatetime
    end: AwareDatetime
    giver: Id
    taker: Id
    note: Annotated[str, Field(max_length=200)] = ""


class SwapAnswer(BaseModel):
    """Which swap, and what becomes of it: the taker accepts or declines, the giver withdraws."""

    model_config = ConfigDict(extra="forbid")

    start: AwareDatetime
    giver: Id
    taker: Id
    answer: Literal["accepted", "declined", "withdrawn"]


class TimeOffQuery(BaseModel):
    """Which time off: when it starts."""

    model_config = ConfigDict(extra="forbid")

    start: AwareDatetime


@dataclass(frozen=True, slots=True)
class ShiftShown:
    """A final shift, or a gap: then `person` and `why` are null. Shifts are whole, gaps are cut to what was asked."""

    person: Who | None
    start: Instant
    end: Instant
    why: Why | None


@dataclass(frozen=True, slots=True)
class BurdenShown:
    """What somebody carries in a period, in real hours. A night is 22:00 to 07:00 where the person lives."""

    person: Who
    hours: float
    nights: int
    night_hours: float
    weekend_hours: float


def get_shifts(request: Request) -> Response:
    roster, period, organisation = _roster(request), _period(request), _organisation(request)
    words = words_for(who(request).locale)
    found = [
        ShiftShown(
            _who(one.person, organisation),
            one.start,
            one.end,
            Why(one.reason.key, sentence(one.reason, organisation, words), dict(one.reason.params)),
        )
        for one in shifts(roster, period.start, period.end, organisation.absent_on(roster))
    ]
    found += [
        ShiftShown(None, one.start, one.end, None)
        for one in gaps(roster, period.start, period.end, organisation.absent_on(roster))
    ]
    return listed(ShiftShown, sorted(found, key=lambda one: one.start))


def get_fairness(request: Request) -> Response:
    roster, period, organisation = _roster(request), _period(request), _organisation(request)
    found = shifts(roster, period.start, period.end, organisation.absent_on(roster))
    names = dict.fromkeys((*roster.people, *(one.person for one in found)))
    zones = {p.id: ZoneInfo(p.timezone) for name in names if (p := organisation.person(name)) is not None}
    hour = timedelta(hours=1)
    return listed(
        BurdenShown,
        [
            BurdenShown(
                _who(one.person, organisation), one.duty / hour, one.nights, one.night / hour, one.weekend / hour
            )
            for one in burdens(found, zones, period.start, period.end)
        ],
    )


async def put_roster(request: Request) -> Response:
    """`If-Match` as with the organisation: only if nobody has saved this roster since that version."""
    roster, visitor = await body_of(request, Roster), who(request)
    if roster.id != request.path_params["roster"]:
        raise BadInput(Fault("/id", why("api.other_id")))
    wanted = request.headers.get("if-match", "").strip('"')
    if wanted and not (wanted.isascii() and wanted.isdecimal()):
        raise BadInput(Fault("/headers/if-match", why("api.not_a_version")))
    plan = rostering.replace(roster.id, roster.model_dump(mode="json"))
    await rostering.save(house_of(request), visitor, plan, int(wanted) if wanted else None)
    return shown(Roster, roster)


async def post_swap(request: Request) -> Response:
    body, visitor = await body_of(request, SwapAsk), who(request)
    swap = parse(Swap, body.model_dump())
    plan = rostering.offer(visitor, request.path_params["roster"], swap)
    await rostering.save(house_of(request), visitor, plan, None)
    return shown(Swap, swap, 201)


async def post_answer(request: Request) -> Response:
    body, visitor = await body_of(request, SwapAnswer), who(request)
    about = Asked(request.path_params["roster"], body.start, body.giver, body.taker)
    if body.answer == "withdrawn":
        plan = rostering.withdraw(visitor, about)
    else:
        plan = rostering.answer(visitor, about, body.answer)
    await rostering.save(house_of(request), visitor, plan, None)
    return Response(status_code=204)


async def post_time_off(request: Request) -> Response:
    wanted, visitor = await body_of(request, TimeOff), who(request)
    plan = rostering.time_off(visitor, {request.path_params["person"]: (wanted,)})
    await rostering.save(house_of(request), visitor, plan, None)
    return shown(TimeOff, wanted, 201)


async def delete_time_off(request: Request) -> Response:
    wanted, visitor = query_of(request, TimeOffQuery), who(request)
    plan = rostering.drop_time_off(visitor, request.path_params["person"], wanted.start)
    await rostering.save(house_of(request), visitor, plan, None)
    return Response(status_code=204)


def _organisation(request: Request) -> Organisation:
    return house_of(request).directory.organisation()


def _roster(request: Request) -> Roster:
    name: str = request.path_params["roster"]
    found = _organisation(request).roster_named(name)
    if found is None:
        raise Unknown("roster", name[:60])
    return found


def _period(request: Request) -> Period:
    wanted = query_of(request, Period)
    if not timedelta() < wanted.end - wanted.start <= LONGEST:
        raise BadInput(Fault("/query/end", why("rota.period_limit", days=LONGEST.days)))
    return wanted


def _who(person: str, organisation: Organisation) -> Who:
    return Who(person, name_of(person, organisation) or person)


_TAG: Final = "people"
_ONE: Final = "/api/rosters/{roster}"
_AWAY: Final = "/api/people/{person}/time-off"


def _endpoint(method: str, path: str, handler: Any, role: Role, says: str, **more: Any) -> Endpoint:
    return Endpoint(method, path, handler, role, _TAG, says, **more)


ENDPOINTS: Final = (
    _endpoint(
        "GET",
        _ONE + "/shifts",
        get_shifts,
        Role.VIEWER,
        "The final shifts of a roster with their reasons, and its gaps, by start.",
        query=Period,
        answer=ShiftShown,
        many=True,
    ),
    _endpoint(
        "GET",
        _ONE + "/fairness",
        get_fairness,
        Role.VIEWER,
        "Hours, nights and weekends of each person on a roster.",
        query=Period,
        answer=BurdenShown,
        many=True,
    ),
    _endpoint(
        "PUT",
        _ONE,
        put_roster,
        Role.COMMANDER,
        "Replace a roster, or nothing of it; with If-Match only if nobody has saved it since that version.",
        body=Roster,
        answer=Roster,
    ),
    _endpoint(
        "POST",
        _ONE + "/swaps",
        post_swap,
        Role.RESPONDER,
        "Ask somebody to take shifts: one's own, or as a commander anybody's. It counts when they accept.",
        body=SwapAsk,
        answer=Swap,
        status=201,
    ),
    _endpoint(
        "POST",
        _ONE + "/swaps/answer",
        post_answer,
        Role.RESPONDER,
        "Accept or decline a swap that one was asked for, or withdraw one.",
        body=SwapAnswer,
        status=204,
    ),
    _endpoint(
        "POST",
        _AWAY,
        post_time_off,
        Role.RESPONDER,
        "Somebody is away: oneself, or as a commander anybody.",
        body=TimeOff,
        answer=TimeOff,
        status=201,
    ),
    _endpoint("DELETE", _AWAY, delete_time_off, Role.RESPONDER, "Take time off back.", query=TimeOffQuery, status=204),
)
