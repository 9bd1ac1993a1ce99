"""Live streams: what happens, as it happens, to walls and pages (SSE).

The `id` of an event is the global position. A browser that comes back says the last one it has (`Last-Event-ID`, or
`?after=` on its first visit) and gets exactly what it missed; if that is too much, a fresh `snapshot`. A stream ends
when its visitor is no longer signed in.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final, cast

import anyio
from anyio import to_thread
from sse_starlette import EventSourceResponse
from starlette.requests import Request
from starlette.responses import Response

from incident.errors import BadInput, Fault, why
from incident.organisation import Role
from web.acts import find
from web.auth import gate_of
from web.endpoint import Endpoint
from web.house import house_of
from web.hub import Hub, event
from web.problems import Denied

SEND_TIMEOUT_S: Final = 10.0
"""A wall that takes nothing for so long is gone, or will come back and ask again."""
CHECK_EVERY: Final = 6
"""Heartbeats between two looks at whether the visitor may still listen."""
_RETRY: Final = b"retry: 1000\n"
"""Part of the first event: a browser that is cut off comes back after a second."""

StillAllowed = Callable[[], Awaitable[bool]]


def respond(request: Request, hub: Hub, incident: str | None, allowed: StillAllowed) -> EventSourceResponse:
    """The stream of the board, or of one incident."""
    return EventSourceResponse(
        events(hub, last_seen(request), incident, allowed),
        ping=0,  # the heartbeat is an event of its own, which the page can see
        send_timeout=SEND_TIMEOUT_S,
        shutdown_event=cast(anyio.Event, _Stopper(hub)),  # only `set` is ever called
        shutdown_grace_period=1.0,
        sep="\n",
    )


class _Stopper:
    """What sse-starlette sets when the server is told to stop: here it tells the hub, which tells every stream."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def set(self) -> None:
        if not self._hub.stopping:
            self._hub.stop()


def last_seen(request: Request) -> int | None:
    """The position that the browser already has; None on a first visit. Raises BadInput for what is no position."""
    for given, pointer in (
        (request.headers.get("last-event-id"), "/headers/last-event-id"),
        (request.query_params.get("after"), "/query/after"),
    ):
        if given:
            if not given.isascii() or not given.isdecimal() or len(given) > 18:
                raise BadInput(Fault(pointer, why("api.not_a_position")))
            return int(given)
    return None


async def events(hub: Hub, seen: int | None, incident: str | None, allowed: StillAllowed) -> AsyncIterator[bytes]:
    """The events of one stream, already encoded, as many at a time as wait."""
    hub.walls += 1
    try:
        cursor, first = await _begin(hub, seen, incident)
        yield _RETRY + first + hub.beat_data
        beat = checked = hub.beat
        while not hub.stopping:
            wake = hub.wake
            if not hub.ring.holds(cursor):
                cursor, data = await _begin(hub, cursor, incident)
            else:
                data = hub.ring.after(cursor) if incident is None else hub.ring.of(incident, cursor)
                cursor = max(cursor, hub.ring.last)
            if hub.beat != beat:
                beat, data = hub.beat, data + hub.beat_data
            if beat - checked >= CHECK_EVERY:
                checked = beat
                if not await allowed():
                    return
            if data:
                yield data
            else:
                await wake.wait()
        yield event("bye", "{}", None)
    finally:
        hub.walls -= 1


async def _begin(hub: Hub, seen: int | None, incident: str | None) -> tuple[int, bytes]:
    """The first bytes for somebody who has seen up to there, and the position after them.

    A position that the log has not reached is from another database (a restored backup): a snapshot puts it right.
    """
    if seen is not None and seen <= hub.ring.last:
        if hub.ring.holds(seen):
            return seen, b""
        missed = await hub.missed(seen, incident)
        if missed is not None:
            return missed
    return await (hub.snapshot() if incident is None else hub.snapshot_of(incident))


async def board(request: Request) -> Response:
    return await _open(request, None)


async def one(request: Request) -> Response:
    listed = await to_thread.run_sync(find, house_of(request), request.path_params["id"])
    return await _open(request, listed.incident)


async def _open(request: Request, incident: str | None) -> Response:
    gate = gate_of(request)

    async def allowed() -> bool:
        try:
            return (await gate.visitor(request)).may(Role.VIEWER)
        except Denied:
            return False

    return respond(request, request.app.state.hub, incident, allowed)


ENDPOINTS: Final = (
    Endpoint(
        "GET",
        "/api/stream",
        board,
        Role.VIEWER,
        "streams",
        "What happens, as it happens (SSE): `snapshot`, `entry`, `heartbeat` every 5 s, `bye`. `Last-Event-ID` or "
        "`?after=` resumes.",
        media="text/event-stream",
    ),
    Endpoint(
        "GET",
        "/api/incidents/{id}/stream",
        one,
        Role.VIEWER,
        "streams",
        "The same for one incident.",
        media="text/event-stream",
    ),
)
