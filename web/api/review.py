"""The post-incident report: one incident whole, with the figures that its log gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from incident.organisation import Role
from incident.record.review import Review, review
from incident.record.shapes import EntryView, IncidentView
from web.auth import who
from web.communication import Shown, of_incident
from web.endpoint import Endpoint
from web.house import house_of
from web.reading import entries_of, entry_views, reader, view
from web.visible import visible
from web.wire import shown


@dataclass(frozen=True, slots=True)
class ReportShown:
    """The incident as it stands, the figures of its handling and of its communication, and its log in order."""

    incident: IncidentView
    figures: Review
    communication: Shown
    log: tuple[EntryView, ...]


def report_of(request: Request) -> ReportShown:
    """By id or code. Blocks; raises what `visible` does."""
    house, locale = house_of(request), who(request).locale
    state, _ = visible(request)
    entries = entries_of(house, state.id, 0, None)
    figures = review(state, entries, reader(house, locale, None, state.report.drill))
    log = tuple(entry_views(house, entries, state, locale))
    return ReportShown(view(house, state, locale), figures, of_incident(house, state, entries), log)


def get(request: Request) -> Response:
    return shown(ReportShown, report_of(request))


ENDPOINTS: Final = (
    Endpoint(
        "GET",
        "/api/incidents/{id}/report",
        get,
        Role.VIEWER,
        "incidents",
        "The post-incident report: cause, measures, test, figures, communication and the log.",
        answer=ReportShown,
    ),
)
