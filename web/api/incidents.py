"""Incidents: report, list, read, act."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

from anyio import to_thread
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError, to_json
from starlette.requests import Request
from starlette.responses import Response

from incident.desk.requests import Outcome
from incident.errors import BadInput, Fault, why
from incident.levels import Level
from incident.organisation import Role
from incident.record.shapes import EntryView, IncidentView, Instant
from incident.report import Report
from incident.state import Phase
from incident.store import board
from incident.store.engine import reading
from web.acts import COMMANDS, act, at_hand
from web.auth import who
from web.bodies import Brief
from web.endpoint import Endpoint
from web.house import House, house_of
from web.reading import States, entries_of, entry_views, view, view_at_hand
from web.reports import batch, report
from web.visible import visible
from web.wire import answered, dump, json_of, listed, query_of, with_field

Text = Annotated[str, Field(max_length=200)]
Position = Annotated[int, Field(ge=0, le=10**15)]


_PHASES: Final = ["open", *map(str, Phase)]


def _phase(value: str) -> str:
    """A union of the phases and `open` would blame a bad value twice, by names that nobody outside knows."""
    if value not in _PHASES:
        raise PydanticCustomError("enum", "one of {expected}", {"expected": ", ".join(_PHASES)})
    return value


class ListQuery(BaseModel):
    """`phase` may be `open`: everything that is not over. `before` is the cursor of the page before."""

    model_config = ConfigDict(extra="forbid")

    phase: Annotated[str, AfterValidator(_phase), Field(json_schema_extra={"enum": _PHASES})] | None = None
    level: Level | None = None
    drill: bool | None = None
    unit: Text | None = None
    q: Text | None = None
    before: Position | None = None
    limit: Annotated[int, Field(ge=1, le=500)] = 50


class LogQuery(BaseModel):
    """`after` is a sequence number: the cursor of the page before."""

    model_config = ConfigDict(extra="forbid")

    after: Position = 0
    limit: Annotated[int, Field(ge=1, le=1000)] = 200


async def post(request: Request) -> Response:
    """A report opens an incident (201) or is folded into the open one with its dedup key (200). A list is a batch."""
    house, visitor = house_of(request), who(request)
    key = request.headers.get("idempotency-key")
    body = await json_of(request)
    if isinstance(body, list):
        outcomes = await batch(house, visitor, body, idempotency_key=key)
        items = [_brief(o) for o in outcomes]
        status = 201 if any(o.created for o in outcomes) else 200
        return answered(to_json({"items": items}), status)
    outcome = await report(house, visitor, body, idempotency_key=key)
    content = with_field("created", outcome.created, await _view(house, outcome, visitor.locale))
    return answered(content, 201 if outcome.created else 200, _location(outcome))


def get_list(request: Request) -> Response:
    """The newest first."""
    wanted = query_of(request, ListQuery)
    where = board.Filter(
        phase=wanted.phase,
        level=wanted.level,
        drill=wanted.drill,
        unit=wanted.unit,
        q=wanted.q,
    )
    with reading(house_of(request).engine) as connection:
        rows, following = board.page(connection, where, wanted.before, wanted.limit)
    return listed(dict[str, Any], [row.as_dict() for row in rows], following)


def get_one(request: Request) -> Response:
    """One incident, by id or code, as it stands now."""
    house = house_of(request)
    state, row = visible(request)
    content = dump(IncidentView, view(house, state, who(request).locale))
    more = {"repeats": row.repeats, "last_seen": row.last_seen, "position": row.position}
    for name, value in more.items():
        content = with_field(name, value, content)
    return answered(content)


def get_log(request: Request) -> Response:
    """The log of one incident, in order."""
    house, wanted = house_of(request), query_of(request, LogQuery)
    state, _ = visible(request)
    found = entries_of(house, state.id, wanted.after, wanted.limit + 1)
    page = found[: wanted.limit]
    views = entry_views(house, page, state, who(request).locale)
    return listed(EntryView, views, page[-1].seq if len(found) > wanted.limit else None)


async def post_command(request: Request) -> Response:
    """Put a command to an incident: the new entries and the incident after them."""
    house, visitor, body = house_of(request), who(request), await json_of(request)
    if not isinstance(body, Mapping):
        raise BadInput(Fault("", why("intake.wrong_type", expected="object")))
    outcome = await act(
        house,
        visitor,
        request.path_params["id"],
        request.path_params["command"],
        body,
        idempotency_key=request.headers.get("idempotency-key"),
    )
    assert outcome.state is not None
    await at_hand(house)
    entries = entry_views(house, outcome.entries, outcome.state, visitor.locale)
    incident = await _view(house, outcome, visitor.locale)
    return answered(b'{"entries":' + dump(list[EntryView], entries) + b',"incident":' + incident + b"}")


async def _view(house: House, outcome: Outcome, locale: str) -> bytes:
    """On a worker thread only where something has to be read from the store: going there and back costs more than the
    view itself."""
    assert outcome.state is not None
    if view_at_hand(house, outcome.state):
        return dump(IncidentView, view(house, outcome.state, locale))
    return dump(IncidentView, await to_thread.run_sync(view, house, outcome.state, locale))


def _brief(outcome: Outcome) -> dict[str, object]:
    state = outcome.state
    assert state is not None
    return {"id": state.id, "code": state.report.code, "created": outcome.created}


def _location(outcome: Outcome) -> dict[str, str]:
    return {"location": f"/api/incidents/{outcome.state.id}"} if outcome.created and outcome.state else {}


def _states(request: Request) -> States:
    found: States = request.app.state.states
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentShown(IncidentView):
    """One incident, with the position of its last entry in the whole log, and how often it was reported again."""

    repeats: int
    last_seen: Instant
    position: int


class Batch(BaseModel):
    """What became of each report of a list, in its order."""

    items: list[Brief]


class Done(BaseModel):
    """What a command wrote, and the incident after it."""

    entries: list[EntryView]
    incident: IncidentView


ENDPOINTS: Final = (
    Endpoint(
        "POST",
        "/api/incidents",
        post,
        Role.RESPONDER,
        "incidents",
        "Report what has happened. 201 with the incident, or 200 with the open one that it was folded into. A list is "
        "a batch.",
        body=Report | list[Report],
        answer=IncidentView | Batch,
        status=201,
        also={200: IncidentView | Batch},
        reports=True,
    ),
    Endpoint(
        "GET",
        "/api/incidents",
        get_list,
        Role.VIEWER,
        "incidents",
        "Board rows, the newest first.",
        query=ListQuery,
        answer=dict[str, Any],
        many=True,
    ),
    Endpoint(
        "GET",
        "/api/incidents/{id}",
        get_one,
        Role.VIEWER,
        "incidents",
        "One incident, by id or code.",
        answer=IncidentShown,
    ),
    Endpoint(
        "GET",
        "/api/incidents/{id}/log",
        get_log,
        Role.VIEWER,
        "incidents",
        "The log of one incident, in order.",
        query=LogQuery,
        answer=EntryView,
        many=True,
    ),
    *(
        Endpoint(
            "POST",
            f"/api/incidents/{{id}}/{name}",
            post_command,
            Role.RESPONDER,
            "commands",
            spec.body.__doc__ or name,
            body=spec.body,
            answer=Done,
            routed=False,
        )
        for name, spec in COMMANDS.items()
    ),
    Endpoint(
        "POST",
        "/api/incidents/{id}/{command}",
        post_command,
        Role.RESPONDER,
        "commands",
        "Every command.",
        described=False,
    ),
)
