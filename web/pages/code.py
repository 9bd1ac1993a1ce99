"""Where no link gets through: the short code of a page is typed here, and opens the page that the link would open.

Looking answers nothing, as behind a link: the answer is given there by a button. A code is worth something only while
its page waits for an answer; and since it is short, tries are counted before they are looked at.
"""

from __future__ import annotations

from typing import Final

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from incident.errors import BadInput, Fault, IncidentError, why
from incident.ids import typed_code
from incident.store import links
from incident.store.engine import reading
from web.auth import address_of, gate_of
from web.house import house_of
from web.pages.forms import Form, posted, refused
from web.problems import TooOften
from web.reading import standing
from web.render import page, reader_of


def show(request: Request) -> HTMLResponse:
    return _page(request, None)


async def post(request: Request) -> Response:
    values = await posted(request)
    try:
        token = await to_thread.run_sync(_opened, request, values.get("code", ""))
    except IncidentError as error:
        return _page(request, refused("code", values, error, reader_of(request).words))
    return RedirectResponse(f"/a/{token}", 303)


def _opened(request: Request, text: str) -> str:
    """The link's token. Raises BadInput for what opens nothing, without a word about why; TooOften."""
    wrong = BadInput(Fault("/code", why("code.opens_nothing")))
    code, limiter, address = typed_code(text), gate_of(request).codes, address_of(request)
    if code is None:
        raise wrong
    wait = limiter.wait(address)
    if wait > 0:
        raise TooOften(why("api.too_many_attempts"), retry_after=wait)
    limiter.count(address)
    house = house_of(request)
    with reading(house.engine) as connection:
        found = links.by_answer_code(connection, code)
    for link in found:
        state, _ = standing(house, request.app.state.states, link.incident)
        if state.alarm.ringing:
            limiter.back(address)
            return link.token
    raise wrong


def _page(request: Request, form: Form | None) -> HTMLResponse:
    return page(request, "code.html", status=form.status if form else 200, form=form)


ROUTES: Final = [Route("/c", show), Route("/c", post, methods=["POST"])]
