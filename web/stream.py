"""Live streams: what happens, as it happens, to walls and pages (SSE).

The `id` of an event is the global position. A browser that comes back says the last one it has (`Last-Event-ID`, or
`?after=` on its first visit) and gets exactly what it missed; if that is too much, a fresh `snapshot`. A stream ends
when its visitor is no longer signed in.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Annotated, Final

import anyio
from anyio import to_thread
from pydantic import BaseModel, Field
from sse_starlette import EventSourceResponse
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from incident.clock import monotonic
from incident.errors import BadInput, Fault, why
from incident.intake.reading import MOST_FAULTS, pointer
from incident.organisation import Role
from web.acts import find
from web.auth import gate_of, who
from web.endpoint import Endpoint
from web.foreign import STREAM
from web.frames import event
from web.house import house_of
from web.hub import Hub
from web.problems import Denied
from web.seats import Seats
from web.sockets import transport_of
from web.visible import shown_to
from web.wall import STUCK_S, Portion, Wall

CHECK_EVERY: Final = 6
"""Heartbeats between two looks at whether the visitor may still listen."""
_RETRY: Final = b"retry: 1000\n"
"""Part of the first event: a browser that is cut off comes back after a second."""

_EVENTS: Final = "incident.events"

StillAllowed = Callable[[], Awaitable[bool]]


class Stream(EventSourceResponse):
    """The answer to whoever wants to listen to the board, or to one incident.

    sse-starlette shapes its head, answers HEAD, and tells when the server is to stop (`farewell`). What would hand out
    the events there, three tasks and a generator for each stream, is not used: see `Streams`, `Events` and the hub.
    """

    def __init__(self, events: Events) -> None:
        super().__init__(iter(()), ping=0)
        self._events = events

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] == "HEAD":
            await super().__call__(scope, receive, send)
        else:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            scope["state"][_EVENTS] = self._events


class Streams:
    """The outermost layer, where a stream goes on after all others have returned: what they keep in memory for a
    request that is under way would be kept for every wall."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)
        events = scope.get("state", {}).pop(_EVENTS, None)
        if events is not None:
            await events.run(receive, send)


@dataclass(frozen=True, slots=True)
class Events:
    """One stream: of which wall, what it has `seen` already, whether it may still be told, and whose `seat` it has."""

    hub: Hub
    wall: Wall
    seen: int | None
    allowed: StillAllowed
    seat: AbstractContextManager[None] = field(default_factory=nullcontext)

    async def run(self, receive: Receive, send: Send) -> None:
        """Until the server stops, the visitor may listen no more, or the browser goes."""
        self.hub.walls += 1
        try:
            with self.seat:
                if await self._listen(receive, send):
                    await _send(send, b"", more=False)
        except TimeoutError:  # it does not even read the good-bye
            if not self.wall.cut():
                raise
            await _end(receive)
        finally:
            self.hub.walls -= 1

    async def _listen(self, receive: Receive, send: Send) -> bool:
        """False when the browser has gone."""
        hub, wall = self.hub, self.wall
        await self._begin(send)
        wall.check_at = hub.beat + 1 + hub.walls % CHECK_EVERY  # not all who came together at the same moment
        while not hub.stopping:
            if wall.check_at <= hub.beat:
                wall.check_at = hub.beat + CHECK_EVERY
                if not await self.allowed():
                    return True
            if not await self._gave(send) and await self._gone(receive):
                return False
        await self._give(Portion(wall.position, event("bye", "{}", None)), send)
        return True

    async def _begin(self, send: Send) -> None:
        first = await self.hub.first(self.seen, self.wall.incident)
        await self._give(Portion(first.position, _RETRY), send)
        await self._give(first, send)

    async def _gave(self, send: Send) -> bool:
        """Give what the hub cannot; False when there is no such thing. Nothing of it stays with a task that rests."""
        portion = self.hub.waiting(self.wall)
        if portion is None and self.wall.ready(monotonic()):
            portion = await self.hub.first(self.wall.position, self.wall.incident)
        elif portion is None or self.wall.direct or not portion.data:
            return False
        await self._give(portion, send)
        return True

    async def _give(self, portion: Portion, send: Send) -> None:
        if not self.wall.take(portion):
            await _send(send, portion.data)
            self.wall.move(portion)

    async def _gone(self, receive: Receive) -> bool:
        """Rest until the hub calls (False) or the browser has gone (True)."""
        with self.wall.sleeps(), self.hub.resting(self.wall):
            await _end(receive)
            return True
        return False


async def _send(send: Send, data: bytes, *, more: bool = True) -> None:
    with anyio.fail_after(STUCK_S):
        await send({"type": "http.response.body", "body": data, "more_body": more})


async def _end(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def farewell(hub: Hub) -> None:
    """When the server is told to stop, every stream says good-bye: long before the application itself is stopped."""
    await EventSourceResponse._listen_for_exit_signal()
    hub.stop()


class StreamQuery(BaseModel):
    """`after` stands for the `Last-Event-ID` of a first visit: what came after that position."""

    after: Annotated[int, Field(ge=0)] | None = None


def last_seen(request: Request) -> int | None:
    """The position that the browser already has; None on a first visit. Raises BadInput for what is no position, and
    for a filter that there is not: who thinks that it filters would take the rest for nothing."""
    unknown = sorted(set(request.query_params) - {*StreamQuery.model_fields, "lang"})[:MOST_FAULTS]
    if unknown:
        raise BadInput(*(Fault(pointer(("query", name)), why("intake.not_known")) for name in unknown))
    for given, where in (
        (request.headers.get("last-event-id"), "/headers/last-event-id"),
        (request.query_params.get("after"), "/query/after"),
    ):
        if given:
            if not given.isascii() or not given.isdecimal() or len(given) > 18:
                raise BadInput(Fault(where, why("api.not_a_position")))
            return int(given)
    return None


async def board(request: Request) -> Response:
    return await _open(request, None)


async def one(request: Request) -> Response:
    listed = await to_thread.run_sync(find, house_of(request), request.path_params["id"])
    shown_to(who(request), str(listed.as_dict()["drill"] or ""))
    return await _open(request, listed.incident)


async def _open(request: Request, incident: str | None) -> Response:
    gate, scope, visitor = gate_of(request), request.scope, who(request)
    seats: Seats = request.app.state.seats
    seats.ask(visitor)

    async def allowed() -> bool:
        try:
            return (await gate.visitor(HTTPConnection(scope))).may(Role.VIEWER)
        except Denied:
            return False

    wall = Wall(incident, transport_of(request))
    return Stream(Events(request.app.state.hub, wall, last_seen(request), allowed, seats.taken(visitor.by)))


ENDPOINTS: Final = (
    Endpoint(
        "GET",
        "/api/stream",
        board,
        Role.VIEWER,
        "streams",
        "What happens, as it happens (SSE): `snapshot`, `entry`, `heartbeat` every 5 s, `bye`. `Last-Event-ID` or "
        f"`?after=` resumes.{STREAM}",
        query=StreamQuery,
        media="text/event-stream",
    ),
    Endpoint(
        "GET",
        "/api/incidents/{id}/stream",
        one,
        Role.VIEWER,
        "streams",
        "The same for one incident.",
        query=StreamQuery,
        media="text/event-stream",
    ),
)
