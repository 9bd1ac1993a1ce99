"""The simulated phones, drawn: what a page looks like when it arrives, and a keyboard to answer it."""

from __future__ import annotations

from typing import Final

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from incident.organisation import Role
from web.api.phones import phone, screens, text_from
from web.auth import needs
from web.bodies import PhoneMessage
from web.house import House, house_of
from web.pages.forms import posted
from web.problems import unsupported
from web.render import page
from web.wire import parse

REFRESH_S: Final = 2


@needs(Role.RESPONDER)
def show(request: Request) -> HTMLResponse:
    house = _simulated(request)
    found = [phone(house, one.number) for one in screens(house.directory.organisation())]
    return page(request, "phones.html", phones=found, every=REFRESH_S)


@needs(Role.RESPONDER)
async def post(request: Request) -> Response:
    """A text from that phone. What it does is answered on the phone, like everything that a phone does."""
    house, number = _simulated(request), request.path_params["number"]
    body = parse(PhoneMessage, await posted(request))
    await to_thread.run_sync(text_from, house, number, body.body)
    return RedirectResponse(f"/phones#{number.lstrip('+')}", 303)


def _simulated(request: Request) -> House:
    house = house_of(request)
    if not house.simulated:
        raise unsupported("phones")
    return house


ROUTES: Final = [Route("/phones", show), Route("/phones/{number}", post, methods=["POST"])]
