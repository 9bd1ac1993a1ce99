"""Signing in: by password, or by a link that works once. The link's GET only shows a button: scanners follow links."""

from __future__ import annotations

from typing import Final

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from web.auth import address_of, gate_of, safe_next, who
from web.house import house_of
from web.pages.forms import Form, posted, refused
from web.problems import Denied
from web.render import page, reader_of
from web.sessions import COOKIE


def show(request: Request) -> Response:
    after = safe_next(request.query_params.get("next"))
    if who(request).person:
        return RedirectResponse(after, 303)
    return page(request, "login.html", form=None, after=after, token="")


async def post(request: Request) -> Response:
    values, sessions = await posted(request), gate_of(request).sessions
    after = safe_next(values.get("next"))
    try:
        person = await sessions.check_password(
            house_of(request).directory.organisation(),
            values.get("name", ""),
            values.get("password", ""),
            address_of(request),
        )
    except Denied as error:
        return _again(
            request, refused("login", {"name": values.get("name", "")}, error, reader_of(request).words), after
        )
    return await _enter(request, person, after)


def show_link(request: Request) -> HTMLResponse:
    return page(request, "login.html", form=None, after="/", token=request.path_params["token"])


async def post_link(request: Request) -> Response:
    sessions, token = gate_of(request).sessions, request.path_params["token"]
    try:
        person = await to_thread.run_sync(sessions.use_link, token, address_of(request))
    except Denied as error:
        return _again(request, refused("login", {}, error, reader_of(request).words), "/")
    return await _enter(request, person, "/")


async def logout(request: Request) -> Response:
    sessions = gate_of(request).sessions
    await to_thread.run_sync(sessions.end, request.cookies.get(COOKIE, ""))
    answer = RedirectResponse("/login", 303)
    sessions.drop_cookie(answer)
    return answer


async def _enter(request: Request, person: str, after: str) -> Response:
    """A new session, always; the one that the browser had before ends, whosever it was."""
    sessions = gate_of(request).sessions
    before = request.cookies.get(COOKIE, "")
    if before:
        await to_thread.run_sync(sessions.end, before)
    answer = RedirectResponse(after, 303)
    sessions.put_cookie(answer, await to_thread.run_sync(sessions.begin, person))
    return answer


def _again(request: Request, form: Form, after: str) -> HTMLResponse:
    return page(request, "login.html", status=form.status, form=form, after=after, token="")


ROUTES: Final = [
    Route("/login", show),
    Route("/login", post, methods=["POST"]),
    Route("/login/{token}", show_link),
    Route("/login/{token}", post_link, methods=["POST"]),
    Route("/logout", logout, methods=["POST"]),
]
