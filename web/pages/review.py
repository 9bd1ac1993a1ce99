"""The post-incident report as a page that prints on A4."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from incident.organisation import Role
from incident.words import words_for
from web.api.review import report_of
from web.auth import needs, who
from web.house import house_of
from web.pages.judged import judged
from web.pages.timeline import lines
from web.render import page, reader_of


@needs(Role.VIEWER)
def show(request: Request) -> HTMLResponse:
    locale, reader = who(request).locale, reader_of(request)
    found = report_of(house_of(request), request.app.state.states, request.path_params["id"], locale)
    seen = found.incident
    words = words_for(locale)
    texts = {step.id: step.text for step in seen.steps} | {item.id: item.text for item in seen.closeout}
    return page(
        request,
        "review.html",
        view=seen,
        figures=found.figures,
        judged=judged(house_of(request), seen, texts, words),
        may_make=who(request).may(Role.COMMANDER) and not seen.drill,
        lines=lines(found.log, texts, reader)[::-1],
    )


ROUTES: Final = [Route("/incidents/{id}/report", show)]
