"""Practising alone by program: the same start, acts and score as on the pages."""

from __future__ import annotations

from typing import Any, Final

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response

from incident.organisation import Role
from incident.words import words_for
from web import practice
from web.auth import who
from web.endpoint import Endpoint
from web.house import house_of
from web.wire import body_of, listed, shown


def get_list(request: Request) -> Response:
    words = words_for(who(request).locale)
    house = house_of(request)
    return listed(dict[str, Any], [practice.brief(one, house, words) for one in practice.listed(request)])


async def post(request: Request) -> Response:
    begin = await body_of(request, practice.Begin)
    found = await to_thread.run_sync(practice.start, request, begin)
    return shown(dict[str, Any], await to_thread.run_sync(practice.shown_as, request, found), 201)


def get(request: Request) -> Response:
    return shown(dict[str, Any], practice.shown_as(request, practice.opened(request)))


async def post_act(request: Request) -> Response:
    wanted = await body_of(request, practice.Wanted)
    await to_thread.run_sync(practice.do, request, wanted)
    return await to_thread.run_sync(get, request)


_TAG: Final = "drills"
_ALL: Final = "/api/practices"

ENDPOINTS: Final = (
    Endpoint(
        "GET",
        _ALL,
        get_list,
        Role.RESPONDER,
        _TAG,
        "What you have practised alone, the newest first; an admin sees everybody's.",
        answer=dict[str, Any],
        many=True,
    ),
    Endpoint(
        "POST",
        _ALL,
        post,
        Role.RESPONDER,
        _TAG,
        "Practise a script or a closed incident alone. Nobody is paged; its incident takes the usual commands.",
        body=practice.Begin,
        answer=dict[str, Any],
        status=201,
    ),
    Endpoint(
        "GET",
        f"{_ALL}/{{practice}}",
        get,
        Role.RESPONDER,
        _TAG,
        "A practice as it stands; when it is over with its score and with what was wanted.",
        answer=dict[str, Any],
    ),
    Endpoint(
        "POST",
        f"{_ALL}/{{practice}}/acts",
        post_act,
        Role.RESPONDER,
        _TAG,
        "Let the next message come, go on after a real Critical, end it with a score, or give it up without one.",
        body=practice.Wanted,
        answer=dict[str, Any],
    ),
)
