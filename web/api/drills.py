"""Drills that are over, as a list and one by one with its score; the scripts themselves are not for players to read."""

from __future__ import annotations

from typing import Any, Final
from zoneinfo import ZoneInfo

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response

from drills import keeping
from drills.commands.sheet import as_json
from drills.improving import opened
from drills.keeping import Kept
from drills.score import profile
from drills.story import Telling
from incident.clock import iso
from incident.organisation import Role
from incident.store.engine import reading
from incident.words import Words, words_for
from web import console
from web.endpoint import Endpoint
from web.house import house_of
from web.wire import body_of, listed, shown


def get_drills(request: Request) -> Response:
    """The newest first."""
    with reading(house_of(request).engine) as connection:
        kept = keeping.listed(connection)
    words = words_for(request.state.visitor.locale)
    return listed(dict[str, Any], [brief(one, words) for one in kept])


def get_drill(request: Request) -> Response:
    """One with its score, computed from its log now."""
    with reading(house_of(request).engine) as connection:
        played, row = opened(connection, request.path_params["drill"])
    reader = Telling(played, words_for(request.state.visitor.locale), ZoneInfo(played.zone))
    return shown(dict[str, Any], as_json(played.score(profile(row.profile)), reader))


async def post_drill(request: Request) -> Response:
    """Pages people now, marked as a drill."""
    wanted = await body_of(request, console.Start)
    name = await to_thread.run_sync(console.start, request, wanted)
    return shown(dict[str, Any], {"name": name}, 201)


def get_console(request: Request) -> Response:
    return shown(dict[str, Any], console.shown_as(request, console.opened(request)))


async def post_act(request: Request) -> Response:
    deed = await body_of(request, console.Deed)
    await to_thread.run_sync(console.do, request, deed)
    return await to_thread.run_sync(get_console, request)


def brief(kept: Kept, words: Words) -> dict[str, object]:
    """One of the list. `void` says why it does not count; then it has neither total nor rating."""
    row, altered = kept.row, kept.altered
    void = {"position": altered.position, "how": altered.how, "said": words.reason(altered.why)} if altered else None
    return {
        "id": row.id,
        "form": row.form,
        "script": row.script,
        "playbook": row.playbook,
        "level": row.level,
        "unit": row.unit,
        "started_at": iso(row.started_at),
        "ended_at": iso(row.ended_at),
        "profile": row.profile,
        "total": None if void else row.total,
        "rating": None if void else row.rating,
        "void": void,
    }


ENDPOINTS: Final = (
    Endpoint(
        "GET",
        "/api/drills",
        get_drills,
        Role.VIEWER,
        "drills",
        "Drills that are over, the newest first.",
        answer=dict[str, Any],
        many=True,
    ),
    Endpoint(
        "GET",
        "/api/drills/{drill}",
        get_drill,
        Role.VIEWER,
        "drills",
        "One drill with its score, computed from its log.",
        answer=dict[str, Any],
    ),
    Endpoint(
        "POST",
        "/api/drills",
        post_drill,
        Role.COMMANDER,
        "drills",
        "Start a live drill: it pages people now, marked as a drill.",
        body=console.Start,
        answer=dict[str, Any],
        status=201,
    ),
    Endpoint(
        "GET",
        "/api/drills/{drill}/console",
        get_console,
        Role.COMMANDER,
        "drills",
        "A live drill as its controllers see it, script and all. Not for its players.",
        answer=dict[str, Any],
    ),
    Endpoint(
        "POST",
        "/api/drills/{drill}/acts",
        post_act,
        Role.COMMANDER,
        "drills",
        "Control a live drill: pause, resume, send or skip an inject, say, observe, end.",
        body=console.Deed,
        answer=dict[str, Any],
    ),
)
