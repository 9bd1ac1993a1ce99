"""One's own password. Who was let in by a link sets one here and needs no link the next time."""

from __future__ import annotations

from typing import Annotated, Final

from anyio import to_thread
from pydantic import StringConstraints
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from incident.errors import BadInput, Fault, IncidentError, why
from incident.organisation import Role
from incident.store.accounts import PASSWORD_MIN
from web.auth import gate_of, needs, who
from web.bodies import Body
from web.pages.forms import Form, posted, refused
from web.render import page, reader_of
from web.wire import parse

PATH: Final = "/me/password"


class New(Body):
    """Typed twice: nobody sees what they type."""

    password: Annotated[str, StringConstraints(min_length=PASSWORD_MIN, max_length=1000)]
    again: str


@needs(Role.VIEWER)
def show(request: Request) -> Response:
    return _page(request, None) if who(request).person else RedirectResponse("/", 303)


@needs(Role.VIEWER)
async def post(request: Request) -> Response:
    """Every session of theirs ends, and a new one begins in this browser."""
    person, values, sessions = who(request).person, await posted(request), gate_of(request).sessions
    if person is None:
        return RedirectResponse("/", 303)
    try:
        body = parse(New, {name: values.get(name, "") for name in ("password", "again")})
        if body.password != body.again:
            raise BadInput(Fault("/again", why("password.differs")))
        await sessions.change_password(person, body.password)
    except IncidentError as error:
        form = refused("password", dict.fromkeys(values, ""), error, reader_of(request).words)
        return _page(request, form)
    answer = RedirectResponse(f"{PATH}?saved=1", 303)
    sessions.put_cookie(answer, await to_thread.run_sync(sessions.begin, person))
    return answer


def _page(request: Request, form: Form | None) -> HTMLResponse:
    return page(
        request,
        "password.html",
        status=form.status if form else 200,
        form=form,
        least=PASSWORD_MIN,
        saved=bool(request.query_params.get("saved")) and form is None,
    )


ROUTES: Final = [Route(PATH, show), Route(PATH, post, methods=["POST"])]
