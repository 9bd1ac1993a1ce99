"""The post-incident report as a page that prints on A4."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from incident.organisation import Role
from incident.record.row import name_of
from incident.words import words_for
from web.api.review import report_of
from web.auth import needs, who
from web.communication import may_judge
from web.house import house_of
from web.pages.forms import Form
from web.pages.judged import judged
from web.pages.timeline import lines
from web.render import page, reader_of
from web.visible import visible


@needs(Role.VIEWER)
def show(request: Request) -> HTMLResponse:
    return review_page(request, None)


def review_page(request: Request, form: Form | None) -> HTMLResponse:
    """`form` is the reviewer's, when it was refused. Blocks."""
    visitor, reader = who(request), reader_of(request)
    house, locale = house_of(request), visitor.locale
    found, (state, _) = report_of(request), visible(request)
    seen = found.incident
    words = words_for(locale)
    texts = {step.id: step.text for step in seen.steps} | {item.id: item.text for item in seen.closeout}
    return page(
        request,
        "review.html",
        status=form.status if form else 200,
        form=form,
        view=seen,
        figures=found.figures,
        judged=judged(house, seen, texts, words),
        may_make=visitor.may(Role.COMMANDER) and not seen.drill,
        lines=lines(found.log, texts, reader)[::-1],
        told=found.communication,
        may_judge=may_judge(state, visitor) if visitor.may(Role.RESPONDER) else "no",
        named=lambda person: name_of(person, house.directory.organisation()) or person,
    )


ROUTES: Final = [Route("/incidents/{id}/report", show)]
