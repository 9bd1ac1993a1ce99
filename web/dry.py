"""A dry run for the API and the page: who would be paged when, if nobody answered. Writes nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final

from anyio import to_thread
from pydantic import AwareDatetime, BaseModel, ConfigDict
from starlette.requests import Request
from starlette.responses import Response

from incident.errors import BadInput, Fault, Refused, why
from incident.organisation import Role
from incident.record.dry_run import of_incident, of_report
from incident.record.dry_shapes import DryRun
from incident.report import Report
from incident.state import Incident
from incident.store import board, claims
from incident.store.engine import reading
from web.auth import Visitor, who
from web.bodies import Name
from web.endpoint import Endpoint
from web.house import House, house_of
from web.reading import States, reader, standing
from web.reports import checked
from web.wire import json_of, query_of, shown


class DryQuery(BaseModel):
    """`at`: as if it were then; left out, it is now. `incident`: one that exists (id or code), instead of a report."""

    model_config = ConfigDict(extra="forbid")

    at: AwareDatetime | None = None
    incident: Name | None = None


def dry_report(house: House, visitor: Visitor, body: object, at: datetime | None) -> DryRun:
    """Of a report's body, checked as a report is. Blocks; raises BadInput."""
    found = checked(house, visitor, body, "")
    return dry(house, visitor, found, at)


def dry(house: House, visitor: Visitor, report: Report, at: datetime | None) -> DryRun:
    """Of a report. Blocks."""
    run = of_report(report, at or house.clock.now(), visitor.by, house.outside(), reader(house, visitor.locale))
    return run if at else replace(run, folded_into=_folds(house, visitor, report))


def _folds(house: House, visitor: Visitor, report: Report) -> str | None:
    """The code of the open incident that would take the report in as a repeat."""
    if report.dedup_key is None:
        return None
    key = claims.scoped(visitor.key or "", None, report.dedup_key)
    with reading(house.engine) as connection:
        owner = claims.owners(connection, [key]).get(key)
        listed = board.get(connection, owner) if owner else None
    if listed is None:
        return None
    row = listed.as_dict()
    covers = row["phase"] not in ("closed", "merged") and row["resolved_at"] is None
    return str(row["code"]) if covers else None


def dry_incident(house: House, states: States, incident: str, locale: str, at: datetime | None) -> DryRun:
    """Of an incident as it stands. Blocks; raises Unknown, or Refused for one that is over."""
    state, _ = standing(house, states, incident)
    return dry_standing(house, state, locale, at)


def dry_standing(house: House, state: Incident, locale: str, at: datetime | None) -> DryRun:
    if state.phase.over:
        raise Refused(why("dry.over", code=state.report.code))
    now = max(at or house.clock.now(), state.at)
    playbook = house.library.pinned_playbook(state.pinned.playbook_digest) if state.pinned else None
    return of_incident(state, now, house.outside(), reader(house, locale, playbook, state.report.drill))


async def post(request: Request) -> Response:
    """A report in the body, or an incident in the query."""
    house, visitor, wanted = house_of(request), who(request), query_of(request, DryQuery)
    body = await json_of(request)
    if wanted.incident is not None:
        if body:
            raise BadInput(Fault("", why("dry.either")))
        states = request.app.state.states
        run = await to_thread.run_sync(dry_incident, house, states, wanted.incident, visitor.locale, wanted.at)
    else:
        run = await to_thread.run_sync(dry_report, house, visitor, body, wanted.at)
    return shown(DryRun, run)


ENDPOINTS: Final = (
    Endpoint(
        "POST",
        "/api/dry-run",
        post,
        Role.VIEWER,
        "incidents",
        "Who would be paged when, and by which way, if nobody answered. Writes nothing.",
        body=Report,
        query=DryQuery,
        answer=DryRun,
    ),
)
