"""The page of a dry run: the form of a report, what a monitor sends, or an incident as it stands; then who is paged."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from incident.errors import BadInput, Fault, IncidentError, Unknown, why
from incident.intake import TRANSLATORS, Door
from incident.organisation import Role
from incident.record.dry_shapes import DryRun
from incident.report import Report
from web.auth import needs, who
from web.clock_drawing import drawing
from web.dry import dry, dry_incident, dry_report
from web.house import house_of
from web.pages.dry_samples import SAMPLES
from web.pages.forms import Form, body_of, posted, refused
from web.pages.report import choices
from web.render import page, reader_of

WHEN: Final = "when"
PAYLOAD: Final = ("format", "payload")
MOST_PAYLOAD: Final = 60_000
"""Characters of a pasted payload."""


@needs(Role.VIEWER)
def show(request: Request) -> HTMLResponse:
    """The empty form, one with a sample in it, or (`?incident=`) what would happen to an incident now."""
    incident = request.query_params.get("incident")
    values: Mapping[str, str] = SAMPLES.get(request.query_params.get("sample", ""), {})
    if incident is None:
        form = Form("dry-run", values, {}, 200, "", ()) if values else None
        return _page(request, form, None)
    house, visitor = house_of(request), who(request)
    try:
        at = _when(request, request.query_params.get(WHEN, ""))
        run = dry_incident(house, request.app.state.states, incident, visitor.locale, at)
    except Unknown:
        raise
    except IncidentError as error:
        return _page(request, refused("dry-run", dict(request.query_params), error, reader_of(request).words), None)
    return _page(request, None, run)


@needs(Role.VIEWER)
async def post(request: Request) -> Response:
    values = await posted(request)
    try:
        run = await to_thread.run_sync(_run, request, values)
    except IncidentError as error:
        form = refused("dry-run", values, error, reader_of(request).words)
        return await to_thread.run_sync(_page, request, form, None)
    return await to_thread.run_sync(_page, request, Form("dry-run", values, {}, 200, "", ()), run)


def _run(request: Request, values: Mapping[str, str]) -> DryRun:
    house, visitor = house_of(request), who(request)
    at = _when(request, values.get(WHEN, ""))
    if values.get("payload", "").strip():
        return dry(house, visitor, _translated(request, values), at)
    said = {name: value for name, value in values.items() if name not in (WHEN, *PAYLOAD)}
    return dry_report(house, visitor, body_of(said), at)


def _translated(request: Request, values: Mapping[str, str]) -> Report:
    """The first report of a payload, as the hook of that format would take it."""
    translate = TRANSLATORS.get(values.get("format", ""))
    if translate is None:
        raise BadInput(Fault("/format", why("error.unknown", what="hook", name=values.get("format", "")[:40])))
    language = who(request).locale.replace("_", "-")
    body = values["payload"][:MOST_PAYLOAD].encode()
    try:
        signals = translate(body, Door(language), house_of(request).clock.now()).signals
    except BadInput as bad:
        raise BadInput(*(Fault("/payload", fault.reason) for fault in bad.faults[:1])) from None
    found = next((signal for signal in signals if isinstance(signal, Report)), None)
    if found is None:
        raise BadInput(Fault("/payload", why("dry.payload.none")))
    return found


def _when(request: Request, text: str) -> datetime | None:
    """A time as somebody types it, in their own zone unless it names one. Raises BadInput."""
    if not text.strip():
        return None
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        raise BadInput(Fault(f"/{WHEN}", why("dry.bad_when"))) from None
    return found if found.tzinfo else found.replace(tzinfo=reader_of(request).zone)


def _page(request: Request, form: Form | None, run: DryRun | None) -> HTMLResponse:
    return page(
        request,
        "dry_run.html",
        status=form.status if form else 200,
        form=form,
        run=run,
        drawn=drawing(run, reader_of(request).zone) if run else None,
        incident=request.query_params.get("incident"),
        samples=list(SAMPLES),
        formats=[(name, name) for name in TRANSLATORS],
        **choices(request),
    )


ROUTES: Final = [Route("/dry-run", show), Route("/dry-run", post, methods=["POST"])]
