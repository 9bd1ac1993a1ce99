"""The page of an evaluator, for one thumb: what is asked now, tasks, customers' answers, what to improve."""

from __future__ import annotations

from typing import Final

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from incident.errors import IncidentError, Unknown
from incident.organisation import Role
from web import observing
from web.auth import needs
from web.pages.console import REFRESH_S
from web.pages.forms import Form, body_of, posted, refused
from web.problems import Denied
from web.render import page, reader_of
from web.wire import parse


@needs(Role.RESPONDER)
def show(request: Request) -> HTMLResponse:
    return _shown(request, None)


def _shown(request: Request, form: Form | None) -> HTMLResponse:
    found = observing.opened(request)
    return page(
        request,
        "drill_observe.html",
        view=observing.shown_as(request, found),
        title=found.script.name,
        every=REFRESH_S,
        form=form,
        status=form.status if form else 200,
    )


@needs(Role.RESPONDER)
async def write(request: Request) -> Response:
    values = await posted(request)
    try:
        seen = parse(observing.Observation, body_of(values))
        await to_thread.run_sync(observing.write, request, seen)
    except (Unknown, Denied):
        raise
    except IncidentError as error:
        # whoever may not see the page is not shown the refusal either: `opened` is asked again
        form = refused("observe", values, error, reader_of(request).words)
        return await to_thread.run_sync(_shown, request, form)
    where = seen.task or (f"inject-{seen.inject}" if seen.inject else None) or ("answers" if seen.answer else "remarks")
    return RedirectResponse(f"{request.url.path}?{request.url.query}#{where}", 303)


ROUTES: Final = [
    Route("/drills/{drill}/observe", show),
    Route("/drills/{drill}/observe", write, methods=["POST"]),
]
